using System.Security.Cryptography;
using System.Text;
using Portal.Kubernetes.Objects;

namespace Portal.Operator.Flows;

/// <summary>
/// A fingerprint of everything pods read but the pod template does not show. Every value is hashed under its full key
/// (<c>prompts/a.prompt</c>, <c>secret/name/KEY</c>), in ordinal order: neither the order of insertion nor equal file names can matter.
/// </summary>
internal static class ContentHash
{
    /// <param name="variables">Further values by key; of equal keys the first counts.</param>
    public static string Of(FlowFiles files, IReadOnlyList<KubeObject> secrets, IReadOnlyList<KeyValuePair<string, string>> variables) => Of([KeyValuePair.Create("", files)], secrets, variables);

    /// <param name="folders">Files by the folder they are in, which ends in a slash unless it is the root; folders are unique.</param>
    /// <param name="secrets">Secrets; of equal names the first counts.</param>
    /// <param name="variables">Further values by key; of equal keys the first counts.</param>
    public static string Of(
        IReadOnlyList<KeyValuePair<string, FlowFiles>> folders, IReadOnlyList<KubeObject> secrets, IReadOnlyList<KeyValuePair<string, string>> variables) => Of(
        folders.SelectMany(folder => folder.Value.ByKind.SelectMany(set => set.Data.Select(file => KeyValuePair.Create($"{folder.Key}{set.Kind}/{file.Key}", file.Value))))
            .Concat(secrets.DistinctBy(secret => secret.Name).SelectMany(Entries))
            .Concat(variables.DistinctBy(variable => variable.Key).Select(variable => KeyValuePair.Create(variable.Key, Digest(variable.Value)))));

    /// <returns>SHA-256 in lower-case hex.</returns>
    /// <exception cref="ArgumentException">A key occurs twice.</exception>
    internal static string Of(IEnumerable<KeyValuePair<string, string>> entries)
    {
        var sorted = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in entries)
        {
            sorted.Add(key, value);
        }

        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var (key, value) in sorted)
            {
                writer.WriteString(key, value);
            }

            writer.WriteEndObject();
        }

        return Convert.ToHexStringLower(SHA256.HashData(buffer.GetBuffer().AsSpan(0, (int)buffer.Length)));
    }

    private static IEnumerable<KeyValuePair<string, string>> Entries(KubeObject secret) =>
        from item in secret.Json["data"] as JsonObject ?? []
        select KeyValuePair.Create($"secret/{secret.Name}/{item.Key}", Digest(item.Value?.ToString() ?? ""));

    private static string Digest(string base64) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(base64)));
}
