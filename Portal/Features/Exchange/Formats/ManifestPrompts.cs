using Portal.Dotprompt.Documents;
using Portal.Features.Import;
using Portal.Operator.Api;
using Portal.Operator.Prompts;

namespace Portal.Features.Exchange.Formats;

/// <summary>Prompt objects in YAML or JSON; objects of other kinds are named and left.</summary>
internal static class ManifestPrompts
{
    private static readonly string[] s_ofClusters = ["namespace", "uid", "resourceVersion", "generation", "creationTimestamp", "managedFields", "ownerReferences", "finalizers"];

    /// <exception cref="ImportException">It is not YAML, or too much of it.</exception>
    public static IEnumerable<ForeignPrompt> Read(string text, string source, string @namespace) =>
        ManifestFile.Read(text).Select(item => Read(item.Content, $"{source}, line {item.Line}", item.Duplicates, @namespace)).ToList();

    private static ForeignPrompt Read(JsonObject? item, string source, IReadOnlyList<string> duplicates, string @namespace)
    {
        var (kind, name) = (OpenAiTools.Text(item?["kind"]) ?? "", OpenAiTools.Text((item?["metadata"] as JsonObject)?["name"]) ?? "");
        ForeignPrompt Refused(string problem) => ForeignPrompt.Refused(source, PromptFormat.Manifest, name, problem);

        if (item is null)
        {
            return Refused("It is not an object. Give apiVersion, kind, metadata and spec.");
        }

        if (kind != Prompt.Definition.Kind || OpenAiTools.Text(item["apiVersion"])?.StartsWith($"{GenkitApi.Group}/", StringComparison.Ordinal) != true)
        {
            return Refused($"A {(kind.Length > 0 ? kind : "object without a kind")} is not a prompt and is left. Import manifests of other kinds on the page for manifests.") with { IsLeft = true };
        }

        if (duplicates.Count > 0)
        {
            return Refused($"{duplicates[0]} is there twice. Remove one of them.");
        }

        return (item["spec"] as JsonObject) is { } spec && OpenAiTools.Text(spec["content"]) is { Length: > 0 } content
            ? new ForeignPrompt(source, PromptFormat.Manifest, name) { Content = content, Notes = [.. NotesOn(item, spec, content, @namespace)] }
            : Refused("spec.content is missing, or not a text. Give the document there.");
    }

    private static IEnumerable<MappingNote> NotesOn(JsonObject item, JsonObject spec, string content, string @namespace)
    {
        var metadata = (JsonObject)item["metadata"]!;
        yield return new MappingNote(NoteKind.Became, "spec.content", "The document, byte for byte.");
        if (OpenAiTools.Text(metadata["namespace"]) is { } other && other != @namespace)
        {
            yield return new MappingNote(NoteKind.Warning, "metadata.namespace", $"“{other}” becomes “{@namespace}”, which was chosen for the import.");
        }

        foreach (var (name, value) in metadata.Where(member => member.Key is not ("name" or "namespace")))
        {
            yield return new MappingNote(s_ofClusters.Contains(name) ? NoteKind.Became : NoteKind.Lost, $"metadata.{name}",
                s_ofClusters.Contains(name) ? "Made anew by the cluster." : "A draft has none; set them on the object after it is published.");
        }

        if (OpenAiTools.Text(spec["description"]) is { Length: > 0 } description && DotpromptDocument.Parse(content).Metadata.Description != description)
        {
            yield return new MappingNote(NoteKind.Lost, "spec.description", "It is not in the document. Write description: into the frontmatter to keep it.");
        }
    }
}
