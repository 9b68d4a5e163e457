using System.Text.RegularExpressions;
using Portal.Features.Prompts.Merging;

namespace Portal.Features.Runs;

internal enum WordChange
{
    Same,
    Removed,
    Added,
}

/// <summary>A stretch of text that is the same in both, or in one only.</summary>
internal readonly record struct WordPiece(WordChange Change, string Text);

/// <summary>Two answers word by word.</summary>
internal static partial class WordDifference
{
    /// <summary>In the order to read them: what was taken away before what came for it. Without the added ones it is the first text, without the removed ones the second.</summary>
    public static IReadOnlyList<WordPiece> Between(string before, string after)
    {
        var (left, right) = (Words(before), Words(after));
        var matches = LineDifference.Match(left, right);
        var (pieces, next) = (new List<WordPiece>(), 0);
        for (var i = 0; i < left.Length; i++)
        {
            if (matches[i] < 0)
            {
                Add(pieces, WordChange.Removed, left[i]);
                continue;
            }

            for (; next < matches[i]; next++)
            {
                Add(pieces, WordChange.Added, right[next]);
            }

            Add(pieces, WordChange.Same, left[i]);
            next++;
        }

        for (; next < right.Length; next++)
        {
            Add(pieces, WordChange.Added, right[next]);
        }

        return pieces;
    }

    private static void Add(List<WordPiece> pieces, WordChange change, string text)
    {
        if (pieces is [.., var last] && last.Change == change)
        {
            pieces[^1] = new WordPiece(change, last.Text + text);
        }
        else
        {
            pieces.Add(new WordPiece(change, text));
        }
    }

    private static string[] Words(string text) => [.. Word().Matches(text).Select(match => match.Value)];

    [GeneratedRegex(@"\s+|\w+|[^\w\s]", RegexOptions.CultureInvariant)]
    private static partial Regex Word();
}
