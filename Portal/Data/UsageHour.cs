namespace Portal.Data;

/// <summary>The sums of a series over an hour of UTC, and how long its calls took.</summary>
public sealed class UsageHour : UsageSums
{
    /// <summary>Hours since 1970.</summary>
    public required long Hour { get; init; }

    /// <summary>Calls that took up to 10 ms; each of the next those that took longer than the one before says.</summary>
    public long Ms10 { get; set; }
    public long Ms25 { get; set; }
    public long Ms50 { get; set; }
    public long Ms100 { get; set; }
    public long Ms250 { get; set; }
    public long Ms500 { get; set; }
    public long Ms1000 { get; set; }
    public long Ms2500 { get; set; }
    public long Ms5000 { get; set; }
    public long Ms10000 { get; set; }
    public long Ms30000 { get; set; }
    public long Ms60000 { get; set; }
    public long MsMore { get; set; }

    private protected override void Count(UsageRow row, int times)
    {
        base.Count(row, times);
        switch (row.DurationMicroseconds)
        {
            case <= 10_000: Ms10 += times; break;
            case <= 25_000: Ms25 += times; break;
            case <= 50_000: Ms50 += times; break;
            case <= 100_000: Ms100 += times; break;
            case <= 250_000: Ms250 += times; break;
            case <= 500_000: Ms500 += times; break;
            case <= 1_000_000: Ms1000 += times; break;
            case <= 2_500_000: Ms2500 += times; break;
            case <= 5_000_000: Ms5000 += times; break;
            case <= 10_000_000: Ms10000 += times; break;
            case <= 30_000_000: Ms30000 += times; break;
            case <= 60_000_000: Ms60000 += times; break;
            default: MsMore += times; break;
        }
    }
}
