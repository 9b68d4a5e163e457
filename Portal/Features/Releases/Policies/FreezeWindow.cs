namespace Portal.Features.Releases.Policies;

/// <summary>A time when nothing is published: once, from <see cref="From"/> to <see cref="To"/>, or every week on <see cref="Days"/>.</summary>
public sealed record FreezeWindow
{
    /// <summary>Why, for those who wait.</summary>
    public string Reason { get; init; } = "";

    public DateTimeOffset? From { get; init; }

    /// <summary>Not part of it any more.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Days on which a weekly window begins; empty for one that happens once.</summary>
    public IReadOnlyList<DayOfWeek> Days { get; init; } = [];

    /// <summary>Time of day a weekly window begins.</summary>
    public TimeOnly Start { get; init; }

    /// <summary>Time of day it ends; on the next day when it is not after <see cref="Start"/>.</summary>
    public TimeOnly End { get; init; }

    /// <summary>IANA name of the zone <see cref="Start"/> and <see cref="End"/> are in.</summary>
    public string TimeZone { get; init; } = "UTC";

    public bool Contains(DateTimeOffset now)
    {
        if (Days.Count == 0)
        {
            return now >= From && now < To;
        }

        var local = TimeZoneInfo.ConvertTime(now, TimeZoneInfo.FindSystemTimeZoneById(TimeZone));
        var time = TimeOnly.FromTimeSpan(local.TimeOfDay);
        var yesterday = (DayOfWeek)(((int)local.DayOfWeek + 6) % 7);
        return Start < End
            ? Days.Contains(local.DayOfWeek) && time >= Start && time < End
            : (Days.Contains(local.DayOfWeek) && time >= Start) || (Days.Contains(yesterday) && time < End);
    }

    /// <summary>What is wrong with it; null when nothing is.</summary>
    public string? Check() => this switch
    {
        { Days.Count: 0, From: null } or { Days.Count: 0, To: null } => "a freeze needs from and to, or days with start and end",
        { Days.Count: 0 } when From >= To => "a freeze must end after it begins",
        _ when !TimeZoneInfo.TryFindSystemTimeZoneById(TimeZone, out _) => $"there is no time zone \"{TimeZone}\"; write one like Europe/Berlin",
        _ => null,
    };
}
