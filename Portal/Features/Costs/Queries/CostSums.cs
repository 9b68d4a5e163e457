using System.Data.Common;

namespace Portal.Features.Costs.Queries;

/// <summary>What calls used together. Tokens of a class are part of <see cref="InputTokens"/> or <see cref="OutputTokens"/>.</summary>
public sealed record CostSums
{
    private static readonly string[] s_tokens =
    [
        "InputTokens", "OutputTokens", "CachedInputTokens", "CacheWriteTokens", "CacheWriteHourTokens", "ReasoningTokens", "InputAudioTokens", "OutputAudioTokens",
        "CachedAudioTokens", "InputImageTokens", "OutputImageTokens",
    ];

    public long Calls { get; init; }

    /// <summary>Calls whose outcome is not <c>OK</c>.</summary>
    public long Errors { get; init; }

    /// <summary>Calls whose cost is not known: they are in no amount.</summary>
    public long Unpriced { get; init; }

    /// <summary>Calls that were cut off before the provider had told all.</summary>
    public long Incomplete { get; init; }

    /// <summary>Requests to models, of which a call with tools makes several.</summary>
    public long Requests { get; init; }
    public long DurationMicroseconds { get; init; }
    public long InputTokens { get; init; }
    public long OutputTokens { get; init; }
    public long CachedInputTokens { get; init; }
    public long CacheWriteTokens { get; init; }
    public long CacheWriteHourTokens { get; init; }
    public long ReasoningTokens { get; init; }
    public long InputAudioTokens { get; init; }
    public long OutputAudioTokens { get; init; }
    public long CachedAudioTokens { get; init; }
    public long InputImageTokens { get; init; }
    public long OutputImageTokens { get; init; }

    public long Tokens => InputTokens + OutputTokens;

    public static CostSums operator +(CostSums left, CostSums right) => new()
    {
        Calls = left.Calls + right.Calls,
        Errors = left.Errors + right.Errors,
        Unpriced = left.Unpriced + right.Unpriced,
        Incomplete = left.Incomplete + right.Incomplete,
        Requests = left.Requests + right.Requests,
        DurationMicroseconds = left.DurationMicroseconds + right.DurationMicroseconds,
        InputTokens = left.InputTokens + right.InputTokens,
        OutputTokens = left.OutputTokens + right.OutputTokens,
        CachedInputTokens = left.CachedInputTokens + right.CachedInputTokens,
        CacheWriteTokens = left.CacheWriteTokens + right.CacheWriteTokens,
        CacheWriteHourTokens = left.CacheWriteHourTokens + right.CacheWriteHourTokens,
        ReasoningTokens = left.ReasoningTokens + right.ReasoningTokens,
        InputAudioTokens = left.InputAudioTokens + right.InputAudioTokens,
        OutputAudioTokens = left.OutputAudioTokens + right.OutputAudioTokens,
        CachedAudioTokens = left.CachedAudioTokens + right.CachedAudioTokens,
        InputImageTokens = left.InputImageTokens + right.InputImageTokens,
        OutputImageTokens = left.OutputImageTokens + right.OutputImageTokens,
    };

    /// <summary>Its columns with the amount last: their names, and what they are made of in a row of <c>usage_hours</c> and in one call of <c>usage</c>.</summary>
    internal static IReadOnlyList<(string Name, string OfHour, string OfCall)> Columns { get; } =
    [
        ("Calls", "h.Calls", "1"),
        ("Errors", "h.Errors", "CASE WHEN u.Outcome <> 'OK' THEN 1 ELSE 0 END"),
        ("Unpriced", "h.Unpriced", "CASE WHEN u.CostNanos IS NULL THEN 1 ELSE 0 END"),
        ("Incomplete", "h.Incomplete", "CAST(u.Incomplete AS INTEGER)"),
        ("Requests", "h.Requests", "COALESCE(u.Requests, 1)"),
        ("DurationMicroseconds", "h.DurationMicroseconds", "u.DurationMicroseconds"),
        .. s_tokens.Select(name => (name, $"h.{name}", $"COALESCE(u.{name}, 0)")),
        ("CostNanos", "h.CostNanos", "COALESCE(u.CostNanos, 0)"),
    ];

    /// <summary>Reads <see cref="Columns"/> from a place on; the amount comes beside the sums.</summary>
    internal static (CostSums Sums, long Nanos) Read(DbDataReader reader, int place)
    {
        var sums = new CostSums
        {
            Calls = reader.GetInt64(place++),
            Errors = reader.GetInt64(place++),
            Unpriced = reader.GetInt64(place++),
            Incomplete = reader.GetInt64(place++),
            Requests = reader.GetInt64(place++),
            DurationMicroseconds = reader.GetInt64(place++),
            InputTokens = reader.GetInt64(place++),
            OutputTokens = reader.GetInt64(place++),
            CachedInputTokens = reader.GetInt64(place++),
            CacheWriteTokens = reader.GetInt64(place++),
            CacheWriteHourTokens = reader.GetInt64(place++),
            ReasoningTokens = reader.GetInt64(place++),
            InputAudioTokens = reader.GetInt64(place++),
            OutputAudioTokens = reader.GetInt64(place++),
            CachedAudioTokens = reader.GetInt64(place++),
            InputImageTokens = reader.GetInt64(place++),
            OutputImageTokens = reader.GetInt64(place++),
        };
        return (sums, reader.GetInt64(place));
    }
}
