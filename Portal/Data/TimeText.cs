using System.Globalization;

namespace Portal.Data;

/// <summary>Times as texts that compare as the times do: in UTC, to 100 nanoseconds, without the zeros at the end.</summary>
internal static class TimeText
{
    private const string Format = "yyyy-MM-dd HH:mm:ss.FFFFFFF";

    public static string Write(DateTime time) => time.ToUniversalTime().ToString(Format, CultureInfo.InvariantCulture);

    public static DateTime Read(string text) =>
        DateTime.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
}
