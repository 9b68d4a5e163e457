using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Portal.Runner.Contract;

/// <summary>
/// A fingerprint of the contract's files, so that who writes them and who reads them can compare what they have. Credentials and headers, which are
/// read at each call, are no part of it.
/// </summary>
public static class ContentDigest
{
    /// <param name="files">Text by path below the root, such as <c>flows/a/config.json</c>; paths are unique.</param>
    /// <returns>SHA-256 in lower-case hex, whatever the order.</returns>
    public static string Of(IEnumerable<KeyValuePair<string, string>> files) => OfBytes(files.Select(file => KeyValuePair.Create(file.Key, Encoding.UTF8.GetBytes(file.Value))));

    /// <summary>The same of the files below a folder.</summary>
    /// <param name="root">The folder that is <c>/genkit</c> in a pod.</param>
    /// <param name="flows">Name and folder of each flow of the manifest; null in the layout without one.</param>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static string OfDirectory(string root, IReadOnlyList<(string Name, string Directory)>? flows) => OfBytes(flows is null
        ? FilesOf("", root)
        : Single("", root, RuntimeLayout.ManifestFile).Concat(flows.SelectMany(flow => FilesOf($"{RuntimeLayout.FlowsDirectory}/{flow.Name}/", flow.Directory))));

    private static IEnumerable<KeyValuePair<string, byte[]>> FilesOf(string prefix, string directory) => Single(prefix, directory, RuntimeLayout.ConfigFile)
        .Concat(All($"{prefix}{RuntimeLayout.PromptsDirectory}/", Path.Combine(directory, RuntimeLayout.PromptsDirectory), "*" + RuntimeLayout.PromptExtension))
        .Concat(All($"{prefix}{RuntimeLayout.ToolsDirectory}/", Path.Combine(directory, RuntimeLayout.ToolsDirectory), "*.json"));

    private static IEnumerable<KeyValuePair<string, byte[]>> Single(string prefix, string directory, string name) =>
        File.Exists(Path.Combine(directory, name)) ? [KeyValuePair.Create(prefix + name, File.ReadAllBytes(Path.Combine(directory, name)))] : [];

    private static IEnumerable<KeyValuePair<string, byte[]>> All(string prefix, string directory, string pattern) => Directory.Exists(directory)
        ? Directory.EnumerateFiles(directory, pattern).Select(file => KeyValuePair.Create(prefix + Path.GetFileName(file), File.ReadAllBytes(file)))
        : [];

    private static string OfBytes(IEnumerable<KeyValuePair<string, byte[]>> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[sizeof(long)];
        foreach (var (path, content) in files.OrderBy(file => file.Key, StringComparer.Ordinal))
        {
            var name = Encoding.UTF8.GetBytes(path);
            foreach (var part in new[] { name, content })
            {
                BinaryPrimitives.WriteInt64LittleEndian(length, part.LongLength);
                hash.AppendData(length);
                hash.AppendData(part);
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
