using Portal.Dotprompt.Documents;
using Portal.Dotprompt.Rendering;

namespace Portal.Features.Exchange.Export;

/// <summary>A tool as other products describe it.</summary>
internal sealed record ExportedTool(string Name, string? Description, JsonNode? InputSchema);

/// <summary>A prompt to write in another format.</summary>
/// <param name="Tools">Those of the namespace, for the ones the document only names.</param>
internal sealed record ExportedPrompt(string Name, string Content, IReadOnlyList<ExportedTool> Tools)
{
    public DotpromptDocument Document { get; } = DotpromptDocument.Parse(Content);

    public PromptMetadata Metadata => Document.Metadata;

    /// <summary>What an import kept under a product's name.</summary>
    public JsonObject KeptOf(string origin) => Metadata.Ext[origin] as JsonObject ?? [];

    /// <summary>The schema of the answer as JSON Schema; null when there is none, or it cannot be read.</summary>
    public JsonObject? OutputSchema()
    {
        try
        {
            return Metadata.Output?["schema"] is null ? null : new PromptRenderer(new RenderEnvironment()).RenderMetadata(Document).OutputSchema;
        }
        catch (PromptRenderException)
        {
            return null;
        }
    }

    /// <summary>The tools the document names, as described there, else in the namespace.</summary>
    public IEnumerable<(string Name, ExportedTool? Tool)> UsedTools()
    {
        var inline = Metadata.ToolDefs.OfType<JsonObject>()
            .Select(definition => new ExportedTool(definition["name"]?.ToString() ?? "", definition["description"]?.ToString(), definition["inputSchema"])).ToList();
        return Metadata.Tools.Concat(inline.Select(tool => tool.Name)).Distinct(StringComparer.Ordinal)
            .Select(name => (name, inline.FirstOrDefault(tool => tool.Name == name) ?? Tools.FirstOrDefault(tool => tool.Name == name)));
    }

    /// <summary>Notes on what neither of the simple formats has.</summary>
    public IEnumerable<MappingNote> NotesOnInput()
    {
        if (Metadata.Input?["schema"] is JsonObject schema && schema.Any(member => member.Value is not JsonValue value || !value.TryGetValue(out string? type) || type.Split(',')[0] != "string"))
        {
            yield return new MappingNote(NoteKind.Lost, "input.schema", "Variables have no types there: all are text.");
        }

        if (Metadata.Raw?.ContainsKey("maxTurns") == true)
        {
            yield return new MappingNote(NoteKind.Lost, "maxTurns", "It has no counterpart.");
        }
    }
}
