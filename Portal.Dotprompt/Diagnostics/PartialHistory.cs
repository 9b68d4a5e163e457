using System.Globalization;

namespace Portal.Dotprompt.Diagnostics;

/// <summary>The revisions of a partial.</summary>
/// <param name="Newest">The number of the newest one that is published.</param>
/// <param name="Find">A revision by its number; null when there is none.</param>
public sealed record PartialHistory(int Newest, Func<int, PartialRevision?> Find);

/// <summary>A partial at one revision.</summary>
/// <param name="Text">Its template, without its frontmatter.</param>
/// <param name="Partials">What it brings along itself, by name.</param>
public sealed record PartialRevision(string Text, IReadOnlyDictionary<string, string> Partials);

/// <summary>A partial's name with the revision it is pinned to: <c>style@3</c>.</summary>
public sealed record PartialPin(string Name, int Revision)
{
    /// <summary>Null when the text is no pin.</summary>
    public static PartialPin? Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var at = text.LastIndexOf('@');
        return at > 0 && int.TryParse(text.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var revision) && revision > 0 ? new PartialPin(text[..at], revision) : null;
    }

    public override string ToString() => $"{Name}@{Revision.ToString(CultureInfo.InvariantCulture)}";
}
