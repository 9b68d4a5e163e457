using Portal.Kubernetes.Serialization;

namespace Portal.Features.Import;

/// <summary>One object of a file.</summary>
/// <param name="Line">Where its document begins.</param>
/// <param name="Content">The object; null when the document is something else.</param>
/// <param name="Duplicates">Paths of keys that are there twice.</param>
internal sealed record ManifestObject(int Line, JsonObject? Content, IReadOnlyList<string> Duplicates);

/// <summary>Reads files of manifests: one or many documents, and the lists that <c>kubectl get -o yaml</c> writes. JSON is YAML too.</summary>
internal static class ManifestFile
{
    /// <summary>Most characters of a file.</summary>
    public const int MaxLength = 4 * 1024 * 1024;

    /// <summary>Most objects of a file.</summary>
    public const int MaxObjects = 2000;

    /// <exception cref="ImportException">It is too large, holds too much, or is not YAML.</exception>
    public static IReadOnlyList<ManifestObject> Read(string text)
    {
        if (text.Length > MaxLength)
        {
            throw new ImportException($"The file has {text.Length:N0} characters; at most {MaxLength:N0} are read at once. Divide it.");
        }

        var objects = Parse(text).Where(document => document.Content is not null).SelectMany(Objects).ToList();
        return objects.Count <= MaxObjects
            ? objects
            : throw new ImportException($"The file has {objects.Count:N0} objects; at most {MaxObjects:N0} are read at once. Divide it.");
    }

    private static IReadOnlyList<YamlDocument> Parse(string text)
    {
        try
        {
            return KubernetesYaml.ParseAll(text);
        }
        catch (JsonException exception)
        {
            throw new ImportException($"This is not YAML: {exception.Message}");
        }
    }

    private static IEnumerable<ManifestObject> Objects(YamlDocument document) =>
        document.Content is JsonObject { } list && list["kind"]?.ToString().EndsWith("List", StringComparison.Ordinal) == true && list["items"] is JsonArray items
            ? items.Select(item => new ManifestObject(document.Line, item as JsonObject, []))
            : [new ManifestObject(document.Line, document.Content as JsonObject, document.Duplicates)];
}
