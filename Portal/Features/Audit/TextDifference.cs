using System.Security.Cryptography;
using System.Text;
using Portal.Runner.Content;

namespace Portal.Features.Audit;

/// <summary>Two texts of one field, shortened to the lines that differ.</summary>
internal static class TextDifference
{
    private const int Longest = 2000;

    public static FieldChange Of(string path, string? before, string? after)
    {
        var (cleanBefore, cleanAfter) = (Clean(before), Clean(after));
        if (cleanBefore == cleanAfter)
        {
            // Only a secret inside of it differs.
            cleanAfter = $"{SecretFilter.Hidden} changed";
        }

        if (cleanBefore is null || cleanAfter is null || (cleanBefore.Length <= Longest && cleanAfter.Length <= Longest))
        {
            return new FieldChange(path, Shorten(cleanBefore, before), Shorten(cleanAfter, after));
        }

        var (start, end) = CommonLines(cleanBefore, cleanAfter);
        return new FieldChange(path, Shorten(Middle(cleanBefore, start, end), before), Shorten(Middle(cleanAfter, start, end), after));
    }

    private static string? Clean(string? text) => text is null ? null : SecretFilter.Clean(text).Replace('\0', '\u2400');

    /// <summary>Characters at both ends that the texts share, in whole lines.</summary>
    private static (int Start, int End) CommonLines(string before, string after)
    {
        var start = before.AsSpan().CommonPrefixLength(after);
        start = start == 0 ? 0 : before.LastIndexOf('\n', start - 1) + 1;
        var (left, right) = (before.Length, after.Length);
        while (left > start && right > start && before[left - 1] == after[right - 1])
        {
            left--;
            right--;
        }

        var line = before.IndexOf('\n', left);
        return (start, line < 0 ? 0 : before.Length - line - 1);
    }

    private static string Middle(string text, int start, int end) =>
        $"{(start > 0 ? "…\n" : "")}{text.AsSpan(start, text.Length - start - end)}{(end > 0 ? "…" : "")}";

    private static string? Shorten(string? shown, string? whole) =>
        shown is null || shown.Length <= Longest
            ? shown
            : $"{shown.AsSpan(0, Longest)}… ({whole!.Length:N0} characters, SHA-256 {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(whole)))})";
}
