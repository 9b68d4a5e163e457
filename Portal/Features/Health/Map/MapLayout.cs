namespace Portal.Features.Health.Map;

/// <summary>Where a node stands, and where the arrow keys lead from it.</summary>
/// <param name="X">Pixels from the left.</param>
/// <param name="Y">Pixels from the top.</param>
public sealed record MapPlace(MapNode Node, int X, int Y)
{
    /// <summary>Along an edge to the nearest node it depends on; null for none. So are the others.</summary>
    public string? Left { get; init; }
    public string? Right { get; init; }
    public string? Up { get; init; }
    public string? Down { get; init; }
}

/// <summary>Puts the nodes of a graph into columns, so that edges are short: each near the middle of its neighbours (the barycentre method of Sugiyama's layouts).</summary>
public sealed record MapLayout(IReadOnlyList<MapPlace> Places, int Width, int Height)
{
    public const int NodeWidth = 176;
    public const int NodeHeight = 56;
    private const int ColumnGap = 30;
    private const int RowGap = 14;
    private const int Top = 36;
    private const int Sweeps = 4;

    /// <param name="first">Nodes that stand before all others of their column; null for none.</param>
    public static MapLayout Of(MapGraph graph, IReadOnlySet<string>? first)
    {
        var columns = Enumerable.Range(0, MapGraph.Layers.Count).Select(layer => graph.Nodes.Where(node => node.Layer == layer).ToList()).ToArray();
        var left = graph.Edges.ToLookup(edge => edge.To, edge => edge.From);
        var right = graph.Edges.ToLookup(edge => edge.From, edge => edge.To);
        var rows = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var column in columns)
        {
            Number(column, rows);
        }

        for (var sweep = 0; sweep < Sweeps; sweep++)
        {
            var (order, neighbours) = sweep % 2 == 0 ? (columns, left) : ([.. columns.Reverse()], right);
            foreach (var column in order)
            {
                Sort(column, node => neighbours[node.Id].Where(rows.ContainsKey).Select(id => (double)rows[id]).DefaultIfEmpty(rows[node.Id]).Average());
                Number(column, rows);
            }
        }

        foreach (var column in columns.Where(_ => first is not null))
        {
            Sort(column, node => first!.Contains(node.Id) ? 0 : 1);
            Number(column, rows);
        }

        var places = columns.SelectMany((column, layer) => column.Select((node, row) => new MapPlace(node, XOf(layer), YOf(row))
        {
            Left = Nearest(left[node.Id], rows, row),
            Right = Nearest(right[node.Id], rows, row),
            Up = row > 0 ? column[row - 1].Id : null,
            Down = row + 1 < column.Count ? column[row + 1].Id : null,
        }));

        // In an order that does not depend on the places: a node that moves stays the same element of the page, and keeps the focus.
        return new MapLayout([.. places.OrderBy(place => place.Node.Layer).ThenBy(place => place.Node.Id, StringComparer.Ordinal)], XOf(MapGraph.Layers.Count) - ColumnGap, YOf(Math.Max(1, columns.Max(column => column.Count))));
    }

    /// <summary>Pixels below which it is not made smaller to fit: then one pans.</summary>
    public int LeastWidth => Width * 4 / 5;

    public static int XOf(int layer) => layer * (NodeWidth + ColumnGap);

    private static int YOf(int row) => Top + (row * (NodeHeight + RowGap));

    private static void Sort(List<MapNode> column, Func<MapNode, double> weight)
    {
        // Stable, unlike List.Sort.
        MapNode[] sorted = [.. column.OrderBy(weight)];
        column.Clear();
        column.AddRange(sorted);
    }

    private static void Number(List<MapNode> column, Dictionary<string, int> rows)
    {
        foreach (var (row, node) in column.Index())
        {
            rows[node.Id] = row;
        }
    }

    private static string? Nearest(IEnumerable<string> ids, Dictionary<string, int> rows, int row) =>
        ids.Where(rows.ContainsKey).OrderBy(id => Math.Abs(rows[id] - row)).ThenBy(id => id, StringComparer.Ordinal).FirstOrDefault();
}
