using System.Globalization;
using System.IO.Enumeration;
using System.Text;

namespace Portal.Runner.Flows;

/// <summary>Tells whether files changed without reading them: names, sizes and times of what lies below a folder.</summary>
internal static class FileFingerprint
{
    // Root, flows, a flow, its prompts: nothing of the contract lies deeper.
    private const int MaxDepth = 3;

    // What the kubelet swaps, in a volume, when its ConfigMap changes: a link to the folder that holds the files.
    private const string VolumeVersion = "..data";

    private static readonly EnumerationOptions s_options = new()
    {
        RecurseSubdirectories = true,
        MaxRecursionDepth = MaxDepth,
        AttributesToSkip = 0,
        IgnoreInaccessible = true,
    };

    /// <summary>Never throws for files that come and go; equal texts mean that nothing changed.</summary>
    public static string Of(string root)
    {
        try
        {
            var files = new FileSystemEnumerable<string>(root, static (ref FileSystemEntry entry) => entry.ToFullPath(), s_options)
            {
                ShouldIncludePredicate = static (ref FileSystemEntry entry) => entry.FileName is VolumeVersion || (!IsVolumeInternal(entry.FileName) && !entry.IsDirectory),
                ShouldRecursePredicate = static (ref FileSystemEntry entry) => !IsVolumeInternal(entry.FileName),
            };
            var text = new StringBuilder();
            foreach (var file in files.Order(StringComparer.Ordinal))
            {
                Append(text, file);
            }

            return text.ToString();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return exception.GetType().Name;
        }
    }

    private static void Append(StringBuilder text, string file)
    {
        try
        {
            if (Path.GetFileName(file.AsSpan()) is VolumeVersion)
            {
                text.Append(CultureInfo.InvariantCulture, $"{file} {new FileInfo(file).LinkTarget}\n");
                return;
            }

            var target = File.ResolveLinkTarget(file, returnFinalTarget: true) as FileInfo ?? new FileInfo(file);
            text.Append(CultureInfo.InvariantCulture, $"{file} {target.Length} {target.LastWriteTimeUtc.Ticks}\n");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            text.Append(file).Append(" gone\n");
        }
    }

    // Reached through the links beside them: ..data and ..2030_01_01_….
    private static bool IsVolumeInternal(ReadOnlySpan<char> name) => name.StartsWith("..", StringComparison.Ordinal);
}
