using Portal.Components;

namespace Portal.Features.Health.Overview;

/// <summary>What of the lines is shown, and in which order: the query of the overview's address.</summary>
/// <param name="Search">Words that name, model or sentence must hold.</param>
/// <param name="State">Only lines in this state; null for all.</param>
/// <param name="Kind">Only lines of this kind; null for both.</param>
/// <param name="Sort">Name of a column; with a minus before it the other way round.</param>
public sealed record FlowList(string? Search, Status? State, string? Kind, string? Sort)
{
    public const string ByName = "name";

    private static readonly Dictionary<string, Func<(FlowRow Row, FlowFigure Figure), IComparable?>> s_columns = new(StringComparer.Ordinal)
    {
        [ByName] = static line => line.Row.Name,
        ["kind"] = static line => line.Row.Kind,
        ["health"] = static line => Gravity(line.Row.Status),
        ["ready"] = static line => line.Row.Replicas == 0 ? 1 : (double)line.Row.Available / line.Row.Replicas,
        ["calls"] = static line => line.Figure.Calls,
        ["errors"] = static line => line.Figure.ErrorRate,
        ["p50"] = static line => line.Figure.Percentile(0.5),
        ["p95"] = static line => line.Figure.Percentile(0.95),
        ["cost"] = static line => line.Figure.TotalNanos,
        ["age"] = static line => line.Row.CreatedAt is { } time ? -time.ToUnixTimeSeconds() : null,
    };

    public string Column => Sort?.TrimStart('-') is { } column && s_columns.ContainsKey(column) ? column : ByName;

    public bool IsDescending => Sort?.StartsWith('-') == true && Column == Sort[1..];

    /// <summary>The sort that a click on a column's head asks for.</summary>
    public string Next(string column) => Column == column && !IsDescending ? "-" + column : column;

    /// <summary>Lines of the kind that hold the words, whatever their state: what the states are counted of.</summary>
    public IReadOnlyList<FlowRow> Find(IReadOnlyList<FlowRow> rows)
    {
        var words = (Search ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return Kind is null && words.Length == 0
            ? rows
            : [.. rows.Where(row => (Kind is null || row.Kind.Equals(Kind, StringComparison.OrdinalIgnoreCase)) && words.All(word => Holds(row.Name, word) || Holds(row.Model, word) || Holds(row.Sentence, word)))];
    }

    /// <summary>Of those the ones in the state, in order; equals by name.</summary>
    public IReadOnlyList<(FlowRow Row, FlowFigure Figure)> Order(IReadOnlyList<FlowRow> found, Func<FlowRow, FlowFigure> figureOf)
    {
        var lines = found.Where(row => State is null || row.Status == State).Select(row => (Row: row, Figure: figureOf(row)));
        var column = s_columns[Column];
        var ordered = IsDescending ? lines.OrderByDescending(column, NullsFirst.Instance) : lines.OrderBy(column, NullsFirst.Instance);
        return [.. ordered.ThenBy(line => line.Row.Name, StringComparer.Ordinal)];
    }

    /// <summary>The worst first when sorted.</summary>
    private static int Gravity(Status status) => status switch
    {
        Status.Failed => 0,
        Status.Degraded => 1,
        Status.Unknown => 2,
        Status.Pending => 3,
        Status.Progressing => 4,
        Status.Paused => 5,
        Status.Ready => 7,
        _ => 6,
    };

    private static bool Holds(string? text, string word) => text?.Contains(word, StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>Names by their characters, nothing before anything.</summary>
    private sealed class NullsFirst : IComparer<IComparable?>
    {
        public static NullsFirst Instance { get; } = new();

        public int Compare(IComparable? x, IComparable? y) => (x, y) switch
        {
            (null, null) => 0,
            (null, _) => -1,
            (_, null) => 1,
            (string one, string other) => string.CompareOrdinal(one, other),
            _ => x.CompareTo(y),
        };
    }
}
