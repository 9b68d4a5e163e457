using static Portal.ApiServer.Schemas.Cel.CelType;

namespace Portal.ApiServer.Schemas.Cel;

/// <summary>Parts of times and durations. Times are read in UTC unless a zone is given.</summary>
internal static class CelTimeFunctions
{
    public static void Register(CelFunctionTable table)
    {
        foreach (var (name, part) in new (string, Func<DateTimeOffset, long>)[]
        {
            ("getFullYear", time => time.Year),
            ("getMonth", time => time.Month - 1),
            ("getDate", time => time.Day),
            ("getDayOfMonth", time => time.Day - 1),
            ("getDayOfWeek", time => (long)time.DayOfWeek),
            ("getDayOfYear", time => time.DayOfYear - 1),
            ("getHours", time => time.Hour),
            ("getMinutes", time => time.Minute),
            ("getSeconds", time => time.Second),
            ("getMilliseconds", time => time.Millisecond),
        })
        {
            table.Member(name, Int, (a, _) => part(((DateTimeOffset)a[0]!).ToUniversalTime()), Timestamp);
            table.Member(name, Int, (a, _) => part(CelTime.In((DateTimeOffset)a[0]!, (string)a[1]!)), Timestamp, Text);
        }

        table.Member("getHours", Int, (a, _) => (long)((TimeSpan)a[0]!).TotalHours, Duration);
        table.Member("getMinutes", Int, (a, _) => (long)((TimeSpan)a[0]!).TotalMinutes, Duration);
        table.Member("getSeconds", Int, (a, _) => (long)((TimeSpan)a[0]!).TotalSeconds, Duration);
        table.Member("getMilliseconds", Int, (a, _) => (long)((TimeSpan)a[0]!).Milliseconds, Duration);
    }
}
