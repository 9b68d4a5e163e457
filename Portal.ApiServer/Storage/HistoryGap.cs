using System.Globalization;

namespace Portal.ApiServer.Storage;

/// <summary>
/// Revision numbers that this history left out: after <paramref name="After"/>, up to and with <paramref name="Until"/>. Every start goes on at the
/// microseconds of the clock, which no server writes faster than. So what a lost history counted lies in the gap of the start that came after
/// the loss: a client that holds such a number saw files that were since put back from an older backup, or removed, and must list again.
/// </summary>
internal readonly record struct HistoryGap(long After, long Until)
{
    /// <summary>The gap between the last revision there is and a start at this time.</summary>
    public static HistoryGap Between(long last, DateTimeOffset start) =>
        new(last, Math.Max(last, (start - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond));

    public bool Contains(long revision) => revision > After && revision <= Until;

    /// <summary><c>after:until</c> pairs, as <see cref="Format"/> writes them.</summary>
    public static List<HistoryGap> Parse(string? text) =>
        [.. (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split(':')).Select(pair => new HistoryGap(Number(pair[0]), Number(pair[1])))];

    public static string Format(IEnumerable<HistoryGap> gaps) =>
        string.Join(',', gaps.Select(gap => string.Create(CultureInfo.InvariantCulture, $"{gap.After}:{gap.Until}")));

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
