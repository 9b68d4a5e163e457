using System.Data.Common;
using System.Globalization;
using Portal.Data;
using Portal.Runner.Contract;

namespace Portal.Features.Usage.Recompute;

/// <summary>Reads calls in the order they began, as far as their cost and the sums they are in go.</summary>
internal static class CallScan
{
    private const string Sql =
        """
        SELECT CallId, StartedSecond, StartedAt, SeriesId, CostNanos, PriceId, Source, Provider, Model, Outcome, DurationMicroseconds, Incomplete, ServiceTier, Turns,
            Requests, InputTokens, OutputTokens, CachedInputTokens, CacheWriteTokens, CacheWriteHourTokens, ReasoningTokens, InputAudioTokens, OutputAudioTokens,
            CachedAudioTokens, InputImageTokens, OutputImageTokens
        FROM usage WHERE StartedSecond >= @from AND StartedSecond < @to ORDER BY StartedSecond
        """;

    // Where a part ends is asked for first: a server sends all that a statement finds, also to whoever stops reading.
    private const string End = "SELECT StartedSecond FROM usage WHERE StartedSecond >= @from AND StartedSecond < @to ORDER BY StartedSecond LIMIT 1 OFFSET @most";

    /// <summary>
    /// The calls of whole seconds. Returns where the next part begins, after <paramref name="from"/>; <paramref name="to"/> when there is none.
    /// </summary>
    /// <param name="context">Where to read.</param>
    /// <param name="from">Calls from this second on.</param>
    /// <param name="to">Calls before this second.</param>
    /// <param name="most">About how many are wanted.</param>
    public static (List<UsageRow> Calls, long Next) Read(PortalDbContext context, long from, long to, int most)
    {
        var next = EndOf(context, from, to, most);
        using var command = context.CommandOf(Sql);
        command.Add("@from", from);
        command.Add("@to", next);
        using var reader = command.ExecuteReader();
        var calls = new List<UsageRow>();
        while (reader.Read())
        {
            calls.Add(RowOf(reader));
        }

        return (calls, next);
    }

    /// <summary>Each request of a call by itself.</summary>
    public static IReadOnlyList<TokenUsage> RequestsOf(UsageRow row) => row.Turns is { } turns
        ? JsonSerializer.Deserialize(turns, UsageJson.Default.IReadOnlyListTokenUsage)!
        :
        [
            new TokenUsage
            {
                InputTokens = row.InputTokens,
                OutputTokens = row.OutputTokens,
                CachedInputTokens = row.CachedInputTokens,
                CacheWriteTokens = row.CacheWriteTokens,
                CacheWriteHourTokens = row.CacheWriteHourTokens,
                ReasoningTokens = row.ReasoningTokens,
                InputAudioTokens = row.InputAudioTokens,
                OutputAudioTokens = row.OutputAudioTokens,
                CachedAudioTokens = row.CachedAudioTokens,
                InputImageTokens = row.InputImageTokens,
                OutputImageTokens = row.OutputImageTokens,
                Requests = row.Requests,
                ServiceTier = row.ServiceTier,
                Incomplete = row.Incomplete,
            },
        ];

    private static long EndOf(PortalDbContext context, long from, long to, int most)
    {
        using var command = context.CommandOf(End);
        command.Add("@from", from);
        command.Add("@to", to);
        command.Add("@most", most);
        return command.ExecuteScalar() is { } second ? Math.Max(Convert.ToInt64(second, CultureInfo.InvariantCulture), from + 1) : to;
    }

    private static UsageRow RowOf(DbDataReader reader) => new()
    {
        CallId = reader.GetString(0),
        StartedSecond = reader.GetInt64(1),
        StartedAt = reader.GetUtc(2),
        ReceivedAt = default,
        SeriesId = reader.GetInt64(3),
        CostNanos = Number(reader, 4),
        PriceId = Number(reader, 5),
        Source = reader.GetString(6),
        Provider = reader.GetString(7),
        Model = reader.GetString(8),
        Outcome = reader.GetString(9),
        FinishReason = "",
        DurationMicroseconds = reader.GetInt64(10),
        Incomplete = reader.GetBoolean(11),
        ServiceTier = reader.IsDBNull(12) ? null : reader.GetString(12),
        Turns = reader.IsDBNull(13) ? null : reader.GetString(13),
        Requests = reader.IsDBNull(14) ? null : reader.GetInt32(14),
        InputTokens = Number(reader, 15),
        OutputTokens = Number(reader, 16),
        CachedInputTokens = Number(reader, 17),
        CacheWriteTokens = Number(reader, 18),
        CacheWriteHourTokens = Number(reader, 19),
        ReasoningTokens = Number(reader, 20),
        InputAudioTokens = Number(reader, 21),
        OutputAudioTokens = Number(reader, 22),
        CachedAudioTokens = Number(reader, 23),
        InputImageTokens = Number(reader, 24),
        OutputImageTokens = Number(reader, 25),
    };

    private static long? Number(DbDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetInt64(column);
}
