using System.Text.RegularExpressions;
using Portal.Tests.Shared;

namespace Portal.Tests.Operator.InvalidManifests;

/// <summary>
/// One object of the case folder with what becomes of it. The comment above it has its title, then one expectation a line:
/// <c>refused</c> field and message, <c>broken</c> (a warning, and refused when strict), <c>warning</c>, <c>condition</c> reason and message.
/// </summary>
internal sealed partial record InvalidManifest(string Title, string Yaml, IReadOnlyList<string> Refused, IReadOnlyList<string> Broken, IReadOnlyList<string> Warnings, string? Condition)
{
    public static string Folder { get; } = Repository.Path("Portal.Tests", "Operator", "InvalidManifests");

    public static IReadOnlyList<string> Files { get; } =
        [.. Directory.GetFiles(Folder, "*.yaml").Select(file => Path.GetFileName(file)).Where(file => file != "background.yaml").Order(StringComparer.Ordinal)];

    public static IReadOnlyList<InvalidManifest> Read(string file) =>
        [.. File.ReadAllText(Path.Combine(Folder, file)).Split("\n---\n").Select(Parse)];

    private static InvalidManifest Parse(string text)
    {
        var comments = text.Split('\n').Where(line => line.StartsWith('#')).Select(line => line[2..]).ToList();
        IReadOnlyList<string> Those(string word) => [.. comments.Where(line => line.StartsWith($"{word} ", StringComparison.Ordinal)).Select(line => line[(word.Length + 1)..])];
        return new(comments[0], Expand(text), Those("refused"), Those("broken"), Those("warning"), Those("condition").SingleOrDefault());
    }

    /// <summary>What would be tiresome to read: <c>LONG64</c> is a name of that length, <c>HUGE</c> one byte more than a ConfigMap can hold.</summary>
    private static string Expand(string text) => Long().Replace(text, match => new string('a', int.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture)))
        .Replace("HUGE", new string('x', 1024 * 1024 + 1), StringComparison.Ordinal);

    [GeneratedRegex("LONG([0-9]+)")]
    private static partial Regex Long();
}
