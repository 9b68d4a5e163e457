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

    /// <summary>Its columns with the amount last, as the tables of sums have them, and what they are made of in a row <c>x</c> of <c>usage</c>.</summary>
    internal static IReadOnlyList<(string Name, string OfCall)> Columns { get; } =
    [
        ("Calls", "1"),
        ("Errors", "CASE WHEN x.Outcome <> 'OK' THEN 1 ELSE 0 END"),
        ("Unpriced", "CASE WHEN x.CostNanos IS NULL THEN 1 ELSE 0 END"),
        ("Incomplete", "CAST(x.Incomplete AS INTEGER)"),
        ("Requests", "COALESCE(x.Requests, 1)"),
        ("DurationMicroseconds", "x.DurationMicroseconds"),
        .. s_tokens.Select(name => (name, $"COALESCE(x.{name}, 0)")),
        ("CostNanos", "COALESCE(x.CostNanos, 0)"),
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
