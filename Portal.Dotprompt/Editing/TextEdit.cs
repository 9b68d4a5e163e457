using System.Text;

namespace Portal.Dotprompt.Editing;

/// <summary>Replaces the text between two offsets (UTF-16 units, the end exclusive); equal offsets insert.</summary>
public readonly record struct TextEdit(int Start, int End, string NewText)
{
    /// <summary>The one stretch in which two texts differ.</summary>
    public static TextEdit Between(string before, string after)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        var start = before.AsSpan().CommonPrefixLength(after);
        var end = 0;
        while (end < Math.Min(before.Length, after.Length) - start && before[^(end + 1)] == after[^(end + 1)])
        {
            end++;
        }

        return new TextEdit(start, before.Length - end, after[start..^end]);
    }

    /// <summary>The text with all edits done. They must not overlap; of two at one place the first given comes first.</summary>
    public static string Apply(string source, IEnumerable<TextEdit> edits)
    {
        ArgumentNullException.ThrowIfNull(source);
        var result = new StringBuilder(source.Length + 256);
        var done = 0;
        foreach (var edit in edits.OrderBy(edit => edit.Start).ThenBy(edit => edit.End))
        {
            result.Append(source, done, edit.Start - done).Append(edit.NewText);
            done = edit.End;
        }

        return result.Append(source, done, source.Length - done).ToString();
    }
}

/// <summary>What a change of one field does to the text, or in one sentence why only the source can be edited.</summary>
/// <param name="Edits">Do not overlap; empty when nothing changes.</param>
/// <param name="Refusal">Null when the edits do what was asked.</param>
public sealed record FieldEdit(IReadOnlyList<TextEdit> Edits, string? Refusal)
{
    internal static FieldEdit Refused(string why) => new([], why);
}
