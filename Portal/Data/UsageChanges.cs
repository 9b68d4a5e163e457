namespace Portal.Data;

/// <summary>
/// What some calls add to the sums of hours and days, or take from them. Nothing else changes those tables, so that a day is always the sum of its hours.
/// </summary>
internal sealed class UsageChanges
{
    private static readonly Table<UsageHour> s_hours = new("usage_hours", "Hour", sum => sum.Hour, new()
    {
        { "Ms10", sum => sum.Ms10 }, { "Ms25", sum => sum.Ms25 }, { "Ms50", sum => sum.Ms50 }, { "Ms100", sum => sum.Ms100 },
        { "Ms250", sum => sum.Ms250 }, { "Ms500", sum => sum.Ms500 }, { "Ms1000", sum => sum.Ms1000 }, { "Ms2500", sum => sum.Ms2500 },
        { "Ms5000", sum => sum.Ms5000 }, { "Ms10000", sum => sum.Ms10000 }, { "Ms30000", sum => sum.Ms30000 }, { "Ms60000", sum => sum.Ms60000 },
        { "MsMore", sum => sum.MsMore },
    });

    private static readonly Table<UsageDay> s_days = new("usage_days", "Day", sum => sum.Day, []);

    private readonly Dictionary<(long Hour, long Series), UsageHour> _hours = [];
    private readonly Dictionary<(long Day, long Series), UsageDay> _days = [];

    /// <summary>Counts a call in.</summary>
    public void Add(UsageRow row)
    {
        HourOf(row).Add(row);
        DayOf(row).Add(row);
    }

    /// <summary>Takes a call out that is counted in; as it was then.</summary>
    public void Remove(UsageRow row)
    {
        HourOf(row).Remove(row);
        DayOf(row).Remove(row);
    }

    /// <summary>Changes the sums within the context's transaction. Those that are then of no call are gone.</summary>
    public void Write(PortalDbContext context)
    {
        // In one order, so that two writers wait for each other and never both for ever.
        s_hours.Write(context, [.. _hours.OrderBy(item => item.Key).Select(item => item.Value)]);
        s_days.Write(context, [.. _days.OrderBy(item => item.Key).Select(item => item.Value)]);
    }

    private UsageHour HourOf(UsageRow row)
    {
        var key = (Hour: row.StartedSecond / 3600, row.SeriesId);
        return _hours.TryGetValue(key, out var sum) ? sum : _hours[key] = new UsageHour { Hour = key.Hour, SeriesId = key.SeriesId };
    }

    private UsageDay DayOf(UsageRow row)
    {
        var key = (Day: row.StartedSecond / 86_400, row.SeriesId);
        return _days.TryGetValue(key, out var sum) ? sum : _days[key] = new UsageDay { Day = key.Day, SeriesId = key.SeriesId };
    }

    private sealed class Table<T> where T : UsageSums
    {
        private static readonly TableColumns<T> s_sums = new()
        {
            { "Calls", sum => sum.Calls }, { "Errors", sum => sum.Errors }, { "Unpriced", sum => sum.Unpriced },
            { "Incomplete", sum => sum.Incomplete }, { "Requests", sum => sum.Requests }, { "InputTokens", sum => sum.InputTokens },
            { "OutputTokens", sum => sum.OutputTokens }, { "CachedInputTokens", sum => sum.CachedInputTokens },
            { "CacheWriteTokens", sum => sum.CacheWriteTokens }, { "CacheWriteHourTokens", sum => sum.CacheWriteHourTokens },
            { "ReasoningTokens", sum => sum.ReasoningTokens }, { "InputAudioTokens", sum => sum.InputAudioTokens },
            { "OutputAudioTokens", sum => sum.OutputAudioTokens }, { "CachedAudioTokens", sum => sum.CachedAudioTokens },
            { "InputImageTokens", sum => sum.InputImageTokens }, { "OutputImageTokens", sum => sum.OutputImageTokens },
            { "CostNanos", sum => sum.CostNanos }, { "DurationMicroseconds", sum => sum.DurationMicroseconds },
        };

        private readonly RowStatement<T> _add;
        private readonly RowStatement<T> _removeEmpty;

        /// <param name="name">Of the table.</param>
        /// <param name="time">Column of the stretch of time.</param>
        /// <param name="timeOf">Its value.</param>
        /// <param name="more">Sums that only this table has.</param>
        public Table(string name, string time, Func<T, long> timeOf, TableColumns<T> more)
        {
            var key = new TableColumns<T> { { time, timeOf }, { "SeriesId", sum => sum.SeriesId } };
            IReadOnlyList<TableColumn<T>> sums = [.. s_sums, .. more];
            var added = string.Join(", ", sums.Select(column => $"{column.Name} = {name}.{column.Name} + excluded.{column.Name}"));
            _add = RowStatement<T>.Insert(name, [.. key, .. sums], $"ON CONFLICT ({time}, SeriesId) DO UPDATE SET {added}");
            _removeEmpty = RowStatement<T>.Delete(name, key, "Calls = 0");
        }

        public void Write(PortalDbContext context, IReadOnlyList<T> sums)
        {
            _add.Execute(context, sums);
            _removeEmpty.Execute(context, [.. sums.Where(sum => sum.Calls < 0)]);
        }
    }
}
