namespace Portal.Data;

/// <summary>Adds to the tables of usage without a change tracker in between: many rows, each at most once, and their sums.</summary>
internal static class UsageTable
{
    private static readonly (string Name, Func<UsageRow, object?> Value)[] s_columns =
    [
        ("CallId", row => row.CallId), ("StartedAt", row => row.StartedAt), ("ReceivedAt", row => row.ReceivedAt), ("StartedSecond", row => row.StartedSecond),
        ("SeriesId", row => row.SeriesId), ("CostNanos", row => row.CostNanos), ("PriceId", row => row.PriceId), ("Source", row => row.Source),
        ("Environment", row => row.Environment), ("Namespace", row => row.Namespace), ("Flow", row => row.Flow), ("Prompt", row => row.Prompt),
        ("PromptHash", row => row.PromptHash), ("Revision", row => row.Revision), ("Provider", row => row.Provider), ("Model", row => row.Model),
        ("InputTokens", row => row.InputTokens), ("OutputTokens", row => row.OutputTokens), ("CachedInputTokens", row => row.CachedInputTokens),
        ("CacheWriteTokens", row => row.CacheWriteTokens), ("CacheWriteHourTokens", row => row.CacheWriteHourTokens),
        ("ReasoningTokens", row => row.ReasoningTokens), ("InputAudioTokens", row => row.InputAudioTokens),
        ("OutputAudioTokens", row => row.OutputAudioTokens), ("CachedAudioTokens", row => row.CachedAudioTokens),
        ("InputImageTokens", row => row.InputImageTokens), ("OutputImageTokens", row => row.OutputImageTokens), ("Requests", row => row.Requests),
        ("ServiceTier", row => row.ServiceTier), ("Incomplete", row => row.Incomplete), ("Turns", row => row.Turns), ("Outcome", row => row.Outcome),
        ("FinishReason", row => row.FinishReason), ("FirstTokenMicroseconds", row => row.FirstTokenMicroseconds),
        ("DurationMicroseconds", row => row.DurationMicroseconds), ("Caller", row => row.Caller), ("Team", row => row.Team), ("Token", row => row.Token),
        ("TraceId", row => row.TraceId),
    ];

    private static readonly (string Name, Func<UsageHour, object?> Value)[] s_key = [("Hour", hour => hour.Hour), ("SeriesId", hour => hour.SeriesId)];

    private static readonly (string Name, Func<UsageHour, object?> Value)[] s_sums =
    [
        ("Calls", hour => hour.Calls), ("Errors", hour => hour.Errors), ("Unpriced", hour => hour.Unpriced), ("Incomplete", hour => hour.Incomplete),
        ("Requests", hour => hour.Requests), ("InputTokens", hour => hour.InputTokens), ("OutputTokens", hour => hour.OutputTokens),
        ("CachedInputTokens", hour => hour.CachedInputTokens), ("CacheWriteTokens", hour => hour.CacheWriteTokens),
        ("CacheWriteHourTokens", hour => hour.CacheWriteHourTokens), ("ReasoningTokens", hour => hour.ReasoningTokens),
        ("InputAudioTokens", hour => hour.InputAudioTokens), ("OutputAudioTokens", hour => hour.OutputAudioTokens),
        ("CachedAudioTokens", hour => hour.CachedAudioTokens), ("InputImageTokens", hour => hour.InputImageTokens),
        ("OutputImageTokens", hour => hour.OutputImageTokens), ("CostNanos", hour => hour.CostNanos),
        ("DurationMicroseconds", hour => hour.DurationMicroseconds), ("Ms10", hour => hour.Ms10), ("Ms25", hour => hour.Ms25), ("Ms50", hour => hour.Ms50),
        ("Ms100", hour => hour.Ms100), ("Ms250", hour => hour.Ms250), ("Ms500", hour => hour.Ms500), ("Ms1000", hour => hour.Ms1000),
        ("Ms2500", hour => hour.Ms2500), ("Ms5000", hour => hour.Ms5000), ("Ms10000", hour => hour.Ms10000), ("Ms30000", hour => hour.Ms30000),
        ("Ms60000", hour => hour.Ms60000), ("MsMore", hour => hour.MsMore),
    ];

    private static readonly string s_insert = TableInsert<UsageRow>.Values("usage", s_columns) + " ON CONFLICT (CallId) DO NOTHING";

    private static readonly (string Name, Func<UsageHour, object?> Value)[] s_dayKey = [("Day", hour => hour.Hour / 24), ("SeriesId", hour => hour.SeriesId)];

    // All but how long single calls took.
    private static readonly (string Name, Func<UsageHour, object?> Value)[] s_daySums =
        [.. s_sums.Where(column => !column.Name.StartsWith("Ms", StringComparison.Ordinal))];

    private static readonly string s_addToHour = Adding("usage_hours", s_key, s_sums);
    private static readonly string s_addToDay = Adding("usage_days", s_dayKey, s_daySums);

    /// <summary>
    /// Inserts within the context's transaction, and counts in the sums what is new; a call that is known already is left out. Returns those of each batch
    /// that are new.
    /// </summary>
    public static IReadOnlyList<IReadOnlyList<UsageRow>> Insert(PortalDbContext context, IEnumerable<IEnumerable<UsageRow>> batches)
    {
        var sums = new Dictionary<(long, long), UsageHour>();
        var added = new List<List<UsageRow>>();
        using var insert = new TableInsert<UsageRow>(context, s_insert, s_columns);
        foreach (var batch in batches)
        {
            added.Add([]);
            foreach (var row in batch)
            {
                if (insert.Execute(row) == 1)
                {
                    added[^1].Add(row);
                    SumOf(sums, row).Add(row);
                }
            }
        }

        AddSums(context, sums.Values);
        if (sums.Count > 0)
        {
            context.Tell(PortalTopics.Usage);
        }

        return added;
    }

    /// <inheritdoc cref="Insert(PortalDbContext, IEnumerable{IEnumerable{UsageRow}})"/>
    public static int Insert(PortalDbContext context, IEnumerable<UsageRow> rows) => Insert(context, [rows])[0].Count;

    private static UsageHour SumOf(Dictionary<(long Hour, long Series), UsageHour> sums, UsageRow row)
    {
        var key = (Hour: row.StartedSecond / 3600, row.SeriesId);
        if (!sums.TryGetValue(key, out var sum))
        {
            sums.Add(key, sum = new UsageHour { Hour = key.Hour, SeriesId = key.SeriesId });
        }

        return sum;
    }

    /// <summary>
    /// Adds to the sums of hours and days, within the context's transaction; amounts may be below zero, to take away. Nothing else changes those tables, so that
    /// a day is always the sum of its hours.
    /// </summary>
    public static void AddSums(PortalDbContext context, IEnumerable<UsageHour> sums)
    {
        // In one order, so that two writers wait for each other and never both for ever.
        var ordered = sums.OrderBy(sum => sum.Hour).ThenBy(sum => sum.SeriesId).ToList();
        using var hours = new TableInsert<UsageHour>(context, s_addToHour, [.. s_key, .. s_sums]);
        ordered.ForEach(sum => hours.Execute(sum));
        using var days = new TableInsert<UsageHour>(context, s_addToDay, [.. s_dayKey, .. s_daySums]);
        ordered.ForEach(sum => days.Execute(sum));
    }

    /// <summary>Takes away sums of no call among those that were added to.</summary>
    public static void RemoveEmptySums(PortalDbContext context, IEnumerable<UsageHour> sums)
    {
        using var hours = new TableInsert<UsageHour>(context, "DELETE FROM usage_hours WHERE Hour = @Hour AND SeriesId = @SeriesId AND Calls = 0", s_key);
        using var days = new TableInsert<UsageHour>(context, "DELETE FROM usage_days WHERE Day = @Day AND SeriesId = @SeriesId AND Calls = 0", s_dayKey);
        foreach (var sum in sums.Where(sum => sum.Calls < 0))
        {
            hours.Execute(sum);
            days.Execute(sum);
        }
    }

    private static string Adding(string table, (string Name, Func<UsageHour, object?> Value)[] key, (string Name, Func<UsageHour, object?> Value)[] sums) =>
        TableInsert<UsageHour>.Values(table, [.. key, .. sums])
        + $" ON CONFLICT ({key[0].Name}, {key[1].Name}) DO UPDATE SET {string.Join(", ", sums.Select(column => $"{column.Name} = {table}.{column.Name} + excluded.{column.Name}"))}";
}
