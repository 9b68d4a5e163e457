using System.Globalization;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Portal.Auth;
using Portal.Data;
using Portal.Features.Audit;
using Portal.Features.Playground;
using Portal.Features.Prompts;
using Portal.Features.Releases.Revisions;
using Portal.Operator.Prompts;

namespace Portal.Features.Exchange.Export;

/// <summary>How prompts leave.</summary>
internal enum ExportFormat
{
    Zip,
    Dotprompt,
    Manifest,
    OpenAi,
    Langfuse,
}

/// <param name="Names">Which; empty is all of the namespace.</param>
/// <param name="Published">Whether to take what is published and not the drafts.</param>
internal sealed record ExportRequest(ExportFormat Format, IReadOnlyList<string> Names, bool Published, bool Revisions);

/// <param name="Prompt">Its name.</param>
internal sealed record ExportNote(string Prompt, MappingNote Note);

/// <param name="Content">The file; null when there is nothing to export, and <paramref name="Problem"/> says why.</param>
internal sealed record ExportFile(string FileName, string ContentType, byte[]? Content, IReadOnlyList<ExportNote> Notes, string? Problem = null);

/// <summary>Exports of prompts. <c>.prompt</c> files, archives and manifests hold each document byte for byte; the other formats say what they cannot.</summary>
internal sealed class PromptExports(PromptCatalog catalog, DraftStore drafts, PromptSurroundings surroundings, PortalDatabase database, AuditLog audit)
{
    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Makes the file, and records that it was taken.</summary>
    /// <exception cref="AccessDeniedException">They may not read there.</exception>
    public async Task<ExportFile> ExportAsync(CurrentUser user, string @namespace, ExportRequest request, CancellationToken cancellationToken)
    {
        var file = await PreviewAsync(user, @namespace, request, cancellationToken);
        if (file.Content is not null)
        {
            await audit.RecordAsync(
                new AuditEntry(user.Actor, "prompts.exported", Prompt.Definition.Kind, @namespace, request.Names.Count == 1 ? request.Names[0] : null, AuditResult.Succeeded, null,
                    new JsonObject { ["format"] = request.Format.ToString(), ["file"] = file.FileName, ["bytes"] = file.Content.Length }, Address: user.Address),
                cancellationToken);
        }

        return file;
    }

    /// <summary>The same file and notes, for nobody to keep.</summary>
    /// <exception cref="AccessDeniedException">They may not read there.</exception>
    public async Task<ExportFile> PreviewAsync(CurrentUser user, string @namespace, ExportRequest request, CancellationToken cancellationToken)
    {
        user.Demand(Permission.ReadNamespace, @namespace);
        var prompts = await ReadAsync(@namespace, request, cancellationToken);
        if (request.Names.FirstOrDefault(name => !prompts.Exists(prompt => prompt.Name == name)) is { } missing)
        {
            return Nothing($"There is no {(request.Published ? "published " : "")}prompt \"{missing}\" in namespace \"{@namespace}\".");
        }

        return prompts.Count == 0 ? Nothing("There is no prompt to export.") : request.Format switch
        {
            ExportFormat.Zip => new ExportFile($"{@namespace}-prompts.zip", "application/zip", ArchiveWriter.Write(@namespace, prompts, surroundings.Partials(@namespace, "")), []),
            ExportFormat.Dotprompt => prompts is [var only]
                ? new ExportFile($"{only.Name}.prompt", "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(only.Text), [])
                : Nothing("A .prompt file holds one prompt. Choose one, or take a zip."),
            ExportFormat.Manifest => new ExportFile(FileName(@namespace, prompts, "yaml"), "application/yaml", Encoding.UTF8.GetBytes(Manifests(@namespace, prompts)), []),
            _ => Foreign(@namespace, prompts, request.Format),
        };
    }

    private async Task<List<ExportSource>> ReadAsync(string @namespace, ExportRequest request, CancellationToken cancellationToken)
    {
        var drafted = request.Published ? [] : (await drafts.ListAsync(@namespace, cancellationToken)).ToDictionary(draft => draft.Name, draft => draft.Content, StringComparer.Ordinal);
        var live = catalog.Prompts.Store.List(@namespace).ToDictionary(prompt => prompt.Name, prompt => PromptCatalog.SpecOf(prompt).Content, StringComparer.Ordinal);
        var names = drafted.Keys.Union(live.Keys, StringComparer.Ordinal).Where(name => request.Names.Count == 0 || request.Names.Contains(name)).Order(StringComparer.Ordinal);
        var history = request is { Revisions: true, Format: ExportFormat.Zip } ? await RevisionsAsync(@namespace, cancellationToken) : [];
        return [.. names.Select(name => new ExportSource(name, drafted.GetValueOrDefault(name), live.GetValueOrDefault(name), history.GetValueOrDefault(name, [])))];
    }

    private async Task<Dictionary<string, List<(RevisionEntry Entry, string Content)>>> RevisionsAsync(string @namespace, CancellationToken cancellationToken)
    {
        var rows = await database.ReadAsync(context => context.Revisions.Where(revision => revision.Kind == Prompt.Definition.Kind && revision.Namespace == @namespace)
            .OrderBy(revision => revision.Name).ThenBy(revision => revision.Number).ToListAsync(cancellationToken));
        return rows.GroupBy(row => row.Name, StringComparer.Ordinal).ToDictionary(
            group => group.Key,
            group => group.Select(row => (
                new RevisionEntry
                {
                    Number = row.Number,
                    Hash = row.Hash,
                    Author = row.AuthorName,
                    Message = row.Message,
                    Source = row.Source,
                    CreatedAt = row.CreatedAt,
                },
                row.Content)).ToList(),
            StringComparer.Ordinal);
    }

    private string Manifests(string @namespace, List<ExportSource> prompts) =>
        string.Join("---\n", prompts.Select(prompt => PromptFiles.Of(catalog.Find(@namespace, prompt.Name) ?? PromptFiles.Empty(@namespace, prompt.Name), prompt.Text).Manifest));

    private ExportFile Foreign(string @namespace, List<ExportSource> prompts, ExportFormat format)
    {
        var tools = surroundings.ToolsOf(@namespace).Select(tool => new ExportedTool(tool.Name, tool.Description, tool.InputSchema)).ToList();
        var (bodies, notes) = (new JsonArray(), new List<ExportNote>());
        foreach (var prompt in prompts)
        {
            var exported = new ExportedPrompt(prompt.Name, prompt.Text, tools);
            var (body, found) = format == ExportFormat.OpenAi ? OpenAiWriter.Write(exported) : LangfuseWriter.Write(exported);
            bodies.Add(body);
            notes.AddRange(found.Select(note => new ExportNote(prompt.Name, note)));
        }

        JsonNode root = bodies is [var only] && format == ExportFormat.OpenAi ? only!.DeepClone() : bodies;
        return new ExportFile(FileName(@namespace, prompts, format == ExportFormat.OpenAi ? "openai.json" : "langfuse.json"), "application/json",
            Encoding.UTF8.GetBytes(root.ToJsonString(s_json) + "\n"), notes);
    }

    private static string FileName(string @namespace, List<ExportSource> prompts, string extension) =>
        string.Create(CultureInfo.InvariantCulture, $"{(prompts is [var only] ? only.Name : $"{@namespace}-prompts")}.{extension}");

    private static ExportFile Nothing(string problem) => new("", "", null, [], problem);
}
