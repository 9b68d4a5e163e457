namespace Portal.Features.Digests;

/// <summary>Who is told of a namespace's week, every Monday at eight in the morning.</summary>
public sealed record Digest
{
    public required string Namespace { get; init; }
    public bool IsOn { get; init; }

    /// <summary>Whose Mondays, such as <c>Europe/Berlin</c>.</summary>
    public string TimeZone { get; init; } = "UTC";

    public IReadOnlyList<string> Emails { get; init; } = [];

    /// <summary>Encrypted; null for none.</summary>
    public string? Webhook { get; init; }

    public TimeZoneInfo Zone => TimeZoneInfo.TryFindSystemTimeZoneById(TimeZone, out var zone) ? zone : TimeZoneInfo.Utc;

    public static string TopicOf(string @namespace) => $"digest:{@namespace}";
}

/// <summary>A digest as it is written.</summary>
public sealed record DigestBody
{
    public bool IsOn { get; init; }
    public string TimeZone { get; init; } = "UTC";
    public IReadOnlyList<string>? Emails { get; init; }

    /// <summary>Null keeps the one there is, an empty text takes it away.</summary>
    public string? Webhook { get; init; }
}
