using Portal.Runner.Contract;

namespace Portal.Runner.Engine;

/// <summary>Genkit's status names with the HTTP status each maps to.</summary>
public enum GenkitStatus
{
    Cancelled = 499,
    InvalidArgument = 400,
    DeadlineExceeded = 504,
    NotFound = 404,
    PermissionDenied = 403,
    Aborted = 409,
    ResourceExhausted = 429,
    Unauthenticated = 401,
    Unimplemented = 501,
    Internal = 500,
    Unavailable = 503,
}

/// <summary>A call failed in a way its caller may be told. The message holds no secret.</summary>
public sealed class GenkitException(GenkitStatus status, string message, Exception? inner = null) : Exception(message, inner)
{
    public GenkitStatus Status { get; } = status;

    /// <summary>How long the provider asked to wait, when it did.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Structured details for the caller; null when there are none.</summary>
    public JsonNode? Details { get; init; }

    /// <summary>What was used before the call failed, when the provider had already answered.</summary>
    public UsageRecord? Usage { get; set; }
}
