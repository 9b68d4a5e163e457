using System.Diagnostics;
using Microsoft.EntityFrameworkCore;

namespace Portal.Data;

/// <summary>
/// The ids of series. What a day may add is bounded, by flow and in all: callers say who they are themselves, and a program that invents names must not make
/// the sums as many as the calls. Thread-safe; the database is asked only for series that were not seen before.
/// </summary>
internal sealed class UsageSeriesTable
{
    /// <summary>New series of one flow a day; what comes after is not told apart by caller, team and token.</summary>
    public const int MostOfFlow = 1_000;

    /// <summary>New series a day; what comes after is told apart by nothing.</summary>
    public const int MostOfDay = 20_000;

    private const int MostRemembered = 100_000;

    private static readonly TableColumns<UsageSeries> s_same = new()
    {
        { "Source", series => series.Source }, { "Environment", series => series.Environment }, { "Namespace", series => series.Namespace },
        { "Flow", series => series.Flow }, { "Prompt", series => series.Prompt }, { "Revision", series => series.Revision }, { "Provider", series => series.Provider },
        { "Model", series => series.Model }, { "UserName", series => series.User }, { "Team", series => series.Team }, { "Token", series => series.Token },
        { "Currency", series => series.Currency },
    };

    private static readonly IReadOnlyList<TableColumn<UsageSeries>> s_columns = [.. s_same, .. new TableColumns<UsageSeries> { { "CreatedDay", series => series.CreatedDay } }];
    private static readonly string s_names = string.Join(", ", s_same.Select(column => column.Name));
    private static readonly string s_find = $"SELECT Id FROM usage_series WHERE {string.Join(" AND ", s_same.Select(column => $"{column.Name} = @{column.Name}"))}";

    private static readonly string s_insert =
        $"INSERT INTO usage_series ({s_names}, CreatedDay) VALUES ({string.Join(", ", s_columns.Select(column => "@" + column.Name))})"
        + $" ON CONFLICT ({s_names}) DO UPDATE SET Source = excluded.Source RETURNING Id";

    private readonly Lock _lock = new();
    private Dictionary<UsageSeries, long> _known = [];
    private DayCount? _today;

    /// <summary>Finds and makes series within the context's transaction. What it made is remembered once that is committed.</summary>
    public Writer Write(PortalDbContext context, DateTimeOffset now) => new(this, context, (int)(now.ToUnixTimeSeconds() / 86_400));

    private DayCount? CountOf(int day)
    {
        lock (_lock)
        {
            return _today?.Day == day ? _today.Copy() : null;
        }
    }

    private bool TryFind(UsageSeries series, out long id)
    {
        lock (_lock)
        {
            return _known.TryGetValue(series, out id);
        }
    }

    private void Remember(Dictionary<UsageSeries, long> found, DayCount? today)
    {
        lock (_lock)
        {
            if (_known.Count + found.Count > MostRemembered)
            {
                _known = [];
            }

            foreach (var (series, id) in found)
            {
                _known[series] = id;
            }

            _today = today ?? _today;
        }
    }

    /// <summary>For one transaction.</summary>
    public sealed class Writer : IDisposable
    {
        private readonly UsageSeriesTable _table;
        private readonly PortalDbContext _context;
        private readonly int _day;
        private readonly Dictionary<UsageSeries, long> _found = [];
        private DayCount? _today;
        private ScalarStatement<UsageSeries>? _find;
        private ScalarStatement<UsageSeries>? _insert;

        internal Writer(UsageSeriesTable table, PortalDbContext context, int day)
        {
            (_table, _context, _day) = (table, context, day);
            context.OnCommit(() => table.Remember(_found, _today));
        }

        /// <param name="series">Without id and day.</param>
        public long IdOf(UsageSeries series)
        {
            if (Find(series) is { } known)
            {
                return known;
            }

            _today ??= _table.CountOf(_day) ?? DayCount.Read(_context, _day);
            foreach (var bounded in Bounded(series))
            {
                if (Find(bounded) is { } id)
                {
                    return _found[series] = id;
                }

                if (_today.Allows(bounded))
                {
                    _today.Add(bounded);
                    return _found[series] = Insert(bounded, _day);
                }
            }

            throw new UnreachableException();
        }

        /// <summary>The series that differs from a stored one in its currency only. As the other was counted, this one is not.</summary>
        public long TwinOf(UsageSeries stored, string currency)
        {
            var twin = stored with { Id = 0, CreatedDay = 0, Currency = currency };
            return Find(twin) ?? Insert(twin, stored.CreatedDay);
        }

        public void Dispose()
        {
            _find?.Dispose();
            _insert?.Dispose();
        }

        private static IEnumerable<UsageSeries> Bounded(UsageSeries series)
        {
            yield return series;
            var named = series with { User = UsageSeries.Other, Team = UsageSeries.Other, Token = UsageSeries.Other };
            yield return named;
            yield return named with
            {
                Environment = UsageSeries.Other,
                Namespace = UsageSeries.Other,
                Flow = UsageSeries.Other,
                Prompt = UsageSeries.Other,
                Revision = 0,
                Provider = UsageSeries.Other,
                Model = UsageSeries.Other,
            };
        }

        private long? Find(UsageSeries series)
        {
            if (_found.TryGetValue(series, out var id) || _table.TryFind(series, out id))
            {
                return id;
            }

            _find ??= new ScalarStatement<UsageSeries>(_context, s_find, s_same);
            return _find.Execute(series) is { } found ? _found[series] = found : null;
        }

        private long Insert(UsageSeries series, int day)
        {
            _insert ??= new ScalarStatement<UsageSeries>(_context, s_insert, s_columns);
            return _found[series] = _insert.Execute(series with { CreatedDay = day })!.Value;
        }
    }

    /// <summary>How many series a day has added.</summary>
    internal sealed class DayCount(int day, Dictionary<(string Namespace, string Flow), int> flows)
    {
        private int _all = flows.Values.Sum();

        public int Day => day;

        public static DayCount Read(PortalDbContext context, int day) => new(
            day,
            context.UsageSeries.Where(series => series.CreatedDay == day).GroupBy(series => new { series.Namespace, series.Flow })
                .Select(group => new { group.Key.Namespace, group.Key.Flow, Count = group.Count() }).AsEnumerable()
                .ToDictionary(group => (group.Namespace, group.Flow), group => group.Count));

        public DayCount Copy() => new(day, new(flows));

        public bool Allows(UsageSeries series) => series.Namespace == UsageSeries.Other
            || (_all < MostOfDay && (series.User == UsageSeries.Other || flows.GetValueOrDefault((series.Namespace, series.Flow)) < MostOfFlow));

        public void Add(UsageSeries series)
        {
            _all++;
            flows[(series.Namespace, series.Flow)] = flows.GetValueOrDefault((series.Namespace, series.Flow)) + 1;
        }
    }
}
