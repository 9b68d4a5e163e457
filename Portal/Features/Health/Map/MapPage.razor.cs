using System.Globalization;
using Microsoft.AspNetCore.Components;
using Portal.Components;
using Portal.Features.Flows;
using Portal.Features.Health.Overview;

namespace Portal.Features.Health.Map;

/// <summary>The map of a namespace, live, with a list of the same for those who cannot see it. Focus, search and form are in the address.</summary>
public sealed partial class MapPage
{
    // A map that moves ten times a second cannot be read, and some hundred nodes are much to compare.
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    /// <summary>More than these cannot be told apart, and a browser gets slow with them. The list has all.</summary>
    private const int MostNodes = 300;

    private MapGraph _graph = MapGraph.Empty;
    private MapGraph _drawn = MapGraph.Empty;
    private MapLayout _layout = new([], 0, 0);
    private MapNode? _focused;
    private IReadOnlySet<string>? _around;
    private IReadOnlyList<MapCall> _calls = [];
    private IReadOnlyDictionary<(string Namespace, string Flow), FlowFigure> _figures = new Dictionary<(string, string), FlowFigure>();
    private string _search = "";

    [Parameter]
    public string Namespace { get; set; } = "";

    /// <summary><see cref="MapNode.Id"/> of the node in focus.</summary>
    [SupplyParameterFromQuery]
    public string? Focus { get; set; }

    [SupplyParameterFromQuery(Name = "view")]
    public string? Form { get; set; }

    private bool IsList => Form == "list";

    private string Counts
    {
        get
        {
            var broken = _graph.Nodes.Count(node => node.Status is Status.Failed or Status.Degraded);
            var all = $"{Quantity.Of(_graph.Nodes.Count, "node")}, {Quantity.Of(_graph.Edges.Count, "edge")}{(broken > 0 ? $", {broken:N0} broken" : "")}";
            return IsList || ReferenceEquals(_drawn, _graph) ? all
                : $"{all}. Drawn are {_drawn.Nodes.Count:N0}: {(_focused is not null ? "around the node in focus" : _search.Length > 0 ? "what you look for" : "what is broken first")}. Find others by name, or see all as a list.";
        }
    }

    protected override void OnInitialized()
    {
        if (RendererInfo.IsInteractive)
        {
            var render = new RenderThrottle(() => InvokeAsync(StateHasChanged), Clock, s_interval);
            Keep(render);
            Keep(Resources.Subscribe(item => item.Namespace == Namespace, render.Request));
            var news = KeepCurrent(ReadAsync, s_interval * 2);
            Figures.Changed += news.Request;
            Keep(() => Figures.Changed -= news.Request);
        }
    }

    protected override Task OnParametersSetAsync() => PausedAt is null ? ReadAsync() : Task.CompletedTask;

    private async Task ReadAsync()
    {
        _figures = await Figures.ReadAsync(CancellationToken.None);
        _calls = await Callers.ReadAsync(Namespace, CancellationToken.None);
    }

    private void Refresh()
    {
        if (PausedAt is null)
        {
            _graph = MapGraph.Of(Resources.List(null, Namespace), item => FlowVerdict.Of(item, Directory), Board.List(Namespace), row => FlowFigures.Of(row, _figures), _calls);
        }

        _focused = _graph.Nodes.FirstOrDefault(node => node.Id == Focus);
        _around = _focused is null ? null : _graph.Around(_focused.Id);
        _drawn = IsList ? _graph : _graph.Near(Wanted(), MostNodes);
        _layout = IsList ? new MapLayout([], 0, 0) : MapLayout.Of(_drawn, _around);
    }

    /// <summary>Where to begin to draw when not all can be drawn.</summary>
    private IEnumerable<MapNode> Wanted() => _focused is not null ? [_focused]
        : _search.Length > 0 ? _graph.Nodes.Where(node => node.Name.Contains(_search, StringComparison.OrdinalIgnoreCase))
        : _graph.Nodes.OrderBy(node => node.Status is Status.Failed or Status.Degraded ? 0 : 1);

    private bool IsDim(MapNode node) => _around?.Contains(node.Id) == false || (_search.Length > 0 && !node.Name.Contains(_search, StringComparison.OrdinalIgnoreCase));

    private IEnumerable<(string Key, string Path, string? Class)> Edges()
    {
        var places = _layout.Places.ToDictionary(place => place.Node.Id);
        foreach (var (from, to) in _drawn.Edges)
        {
            var (start, end) = (places[from], places[to]);
            var (x, y, toX, toY) = (start.X + MapLayout.NodeWidth, start.Y + (MapLayout.NodeHeight / 2), end.X, end.Y + (MapLayout.NodeHeight / 2));
            var bend = Math.Max(40, Math.Abs(toX - x) / 2);
            var shape = _around is null ? null : _around.Contains(from) && _around.Contains(to) ? "gp-map-on" : "gp-map-off";
            yield return ($"{from}>{to}", string.Create(CultureInfo.InvariantCulture, $"M{x} {y}C{x + bend} {y} {toX - bend} {toY} {toX} {toY}"), shape);
        }
    }

    private IReadOnlyList<MapNode> Neighbours(Func<(string From, string To), string?> other)
    {
        var ids = _graph.Edges.Select(other).OfType<string>().ToHashSet(StringComparer.Ordinal);
        return [.. _graph.Nodes.Where(node => ids.Contains(node.Id))];
    }

    private string Link(string name, string? value) => PageQuery.With(Navigation, _search, name, value);
}
