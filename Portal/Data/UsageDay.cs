namespace Portal.Data;

/// <summary>The sums of a series over a day of UTC: those of its <see cref="UsageHour"/>s, which they change with.</summary>
public sealed class UsageDay : UsageSums
{
    /// <summary>Days since 1970.</summary>
    public required long Day { get; init; }
}
