namespace Portal.Data;

/// <summary>Adds calls to the table of usage, each at most once, and to the sums they are part of.</summary>
internal static class UsageTable
{
    private static readonly TableColumns<UsageRow> s_columns = new()
    {
        { "CallId", row => row.CallId }, { "StartedAt", row => row.StartedAt }, { "ReceivedAt", row => row.ReceivedAt }, { "StartedSecond", row => row.StartedSecond },
        { "SeriesId", row => row.SeriesId }, { "CostNanos", row => row.CostNanos }, { "PriceId", row => row.PriceId }, { "Source", row => row.Source },
        { "Environment", row => row.Environment }, { "Namespace", row => row.Namespace }, { "Flow", row => row.Flow }, { "Prompt", row => row.Prompt },
        { "PromptHash", row => row.PromptHash }, { "Revision", row => row.Revision }, { "Provider", row => row.Provider }, { "Model", row => row.Model },
        { "InputTokens", row => row.InputTokens }, { "OutputTokens", row => row.OutputTokens }, { "CachedInputTokens", row => row.CachedInputTokens },
        { "CacheWriteTokens", row => row.CacheWriteTokens }, { "CacheWriteHourTokens", row => row.CacheWriteHourTokens },
        { "ReasoningTokens", row => row.ReasoningTokens }, { "InputAudioTokens", row => row.InputAudioTokens },
        { "OutputAudioTokens", row => row.OutputAudioTokens }, { "CachedAudioTokens", row => row.CachedAudioTokens },
        { "InputImageTokens", row => row.InputImageTokens }, { "OutputImageTokens", row => row.OutputImageTokens }, { "Requests", row => row.Requests },
        { "ServiceTier", row => row.ServiceTier }, { "Incomplete", row => row.Incomplete }, { "Turns", row => row.Turns }, { "Outcome", row => row.Outcome },
        { "FinishReason", row => row.FinishReason }, { "FirstTokenMicroseconds", row => row.FirstTokenMicroseconds },
        { "DurationMicroseconds", row => row.DurationMicroseconds }, { "Caller", row => row.Caller }, { "Team", row => row.Team }, { "Token", row => row.Token },
        { "TraceId", row => row.TraceId },
    };

    private static readonly RowStatement<UsageRow> s_insert = RowStatement<UsageRow>.Insert("usage", s_columns, "ON CONFLICT (CallId) DO NOTHING");

    /// <summary>
    /// Inserts within the context's transaction, and counts in the sums what is new; a call that is known already is left out. Returns those of each batch
    /// that are new.
    /// </summary>
    public static IReadOnlyList<IReadOnlyList<UsageRow>> Insert(PortalDbContext context, IReadOnlyList<IReadOnlyList<UsageRow>> batches)
    {
        var added = s_insert.ExecuteNew(context, [.. batches.SelectMany(batch => batch)]).ToHashSet();
        if (added.Count > 0)
        {
            var changes = new UsageChanges();
            foreach (var row in added)
            {
                changes.Add(row);
            }

            changes.Write(context);
            context.Tell(PortalTopics.Usage);
        }

        return [.. batches.Select(batch => batch.Where(added.Contains).ToList())];
    }

    /// <inheritdoc cref="Insert(PortalDbContext, IReadOnlyList{IReadOnlyList{UsageRow}})"/>
    public static int Insert(PortalDbContext context, IEnumerable<UsageRow> rows) => Insert(context, [rows.ToList()])[0].Count;
}
