using System.Text.RegularExpressions;

namespace Portal.Runner.Evaluation.Metrics;

/// <summary>
/// How alike two texts are, 0 to 1: ROUGE-L, the F1 of the longest common subsequence of words (Lin, 2004, https://aclanthology.org/W04-1013).
/// Words are runs of letters and digits, without regard to case; the first 4,000 of each text count.
/// </summary>
internal static partial class RougeL
{
    private const int MaxWords = 4000;

    public static double Score(string left, string right)
    {
        var (a, b) = (Words(left), Words(right));
        if (a.Length == 0 || b.Length == 0)
        {
            return a.Length == b.Length ? 1 : 0;
        }

        return 2.0 * CommonLength(a, b) / (a.Length + b.Length);
    }

    private static string[] Words(string text) => [.. Word().EnumerateMatches(text).ToList(text, MaxWords)];

    private static List<string> ToList(this Regex.ValueMatchEnumerator matches, string text, int most)
    {
        List<string> words = [];
        while (words.Count < most && matches.MoveNext())
        {
            words.Add(text.Substring(matches.Current.Index, matches.Current.Length).ToUpperInvariant());
        }

        return words;
    }

    private static int CommonLength(string[] a, string[] b)
    {
        var (previous, current) = (new int[b.Length + 1], new int[b.Length + 1]);
        foreach (var word in a)
        {
            for (var index = 0; index < b.Length; index++)
            {
                current[index + 1] = word == b[index] ? previous[index] + 1 : Math.Max(previous[index + 1], current[index]);
            }

            (previous, current) = (current, previous);
        }

        return previous[b.Length];
    }

    [GeneratedRegex(@"[\p{L}\p{M}\p{N}]+")]
    private static partial Regex Word();
}
