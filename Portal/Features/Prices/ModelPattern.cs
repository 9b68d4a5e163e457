using System.Buffers;
using System.IO.Enumeration;

namespace Portal.Features.Prices;

/// <summary>
/// A model's name; it also covers the name followed by a date, <c>-latest</c> or a number such as <c>-001</c>. Or a pattern, in which <c>*</c> stands for
/// anything.
/// </summary>
internal static class ModelPattern
{
    private static readonly SearchValues<char> s_dateCharacters = SearchValues.Create("0123456789-");

    public static bool Covers(string pattern, string model) => pattern.Contains('*', StringComparison.Ordinal)
        ? FileSystemName.MatchesSimpleExpression(Escaped(pattern), model, ignoreCase: false)
        : model == pattern || (model.Length > pattern.Length && model.StartsWith(pattern, StringComparison.Ordinal)
            && model[pattern.Length] is '-' or '@' && IsVersion(model.AsSpan(pattern.Length + 1)));

    /// <summary>How much a pattern says: of two that cover a model, the one that says more counts.</summary>
    public static int Weight(string pattern) => pattern.Contains('*', StringComparison.Ordinal) ? pattern.Count(static character => character != '*') * 2 : (pattern.Length * 2) + 1;

    /// <summary>Whether there is a name that both cover.</summary>
    public static bool Overlap(string left, string right)
    {
        // may[r]: whether what is left of both, from the current place of left and from r, can be the same.
        var may = new bool[right.Length + 1];
        for (var l = left.Length; l >= 0; l--)
        {
            var next = new bool[right.Length + 1];
            for (var r = right.Length; r >= 0; r--)
            {
                var (lStar, rStar) = (l < left.Length && left[l] == '*', r < right.Length && right[r] == '*');
                next[r] = (l == left.Length && r == right.Length)
                    || (l < left.Length && may[r] && (lStar || rStar))
                    || (r < right.Length && next[r + 1] && (lStar || rStar))
                    || (l < left.Length && r < right.Length && left[l] == right[r] && may[r + 1]);
            }

            may = next;
        }

        return may[0];
    }

    // The expression knows '?' and escapes, which names of models do not.
    private static string Escaped(string pattern) => pattern.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("?", "\\?", StringComparison.Ordinal);

    private static bool IsVersion(ReadOnlySpan<char> suffix) =>
        suffix is "latest" or "default" || (suffix.Length is 3 or 8 or 10 && suffix.IndexOfAnyExcept(s_dateCharacters) < 0);
}
