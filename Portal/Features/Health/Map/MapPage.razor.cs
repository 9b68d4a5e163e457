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

    private MapGraph _graph = MapGraph.Empty;
    private MapLayout _layout = new([], 0, 0);
    private MapNode? _focused;
    private IReadOnlySet<string>? _around;
    private IReadOnlyList<MapCall> _calls = [];
    private IReadOnlyDictionary<(string Namespace, string Flow), FlowFigure> _figures = new Dictionary<(string, string), FlowFigure>();
    private RenderThrottle? _reload;
    private string _search = "";

    [Parameter]
    public string Namespace { get; set; } = "";

    /// <summary><see cref="MapNode.Id"/> of the node in focus.</summary>
    [SupplyParameterFromQuery]
    public string? Focus { get; set; }

    [SupplyParameterFromQuery(Name = "q")]
    public string? Search { get; set; }

    [SupplyParameterFromQuery(Name = "view")]
    public string? Form { get; set; }

    private bool IsList => Form == "list";

    private string Counts
    {
        get
        {
            var broken = _graph.Nodes.Count(node => node.Status is Status.Failed or Status.Degraded);
            return $"{_graph.Nodes.Count} nodes, {_graph.Edges.Count} edges{(broken > 0 ? $", {broken} broken" : "")}";
        }
    }

    protected override void OnInitialized()
    {
        _search = Search ?? "";
        if (RendererInfo.IsInteractive)
        {
            var render = new RenderThrottle(() => InvokeAsync(StateHasChanged), Clock, s_interval);
            _reload = RenderThrottle.OfQuery(() => InvokeAsync(ReloadAsync), Clock, s_interval * 2);
            Keep(render);
            Keep(_reload);
            Keep(Resources.Subscribe(item => item.Namespace == Namespace, render.Request));
            Figures.Changed += _reload.Request;
        }
    }

    protected override Task OnParametersSetAsync() => ReloadAsync();

    protected override void Dispose(bool disposing)
    {
        if (_reload is not null)
        {
            Figures.Changed -= _reload.Request;
        }

        base.Dispose(disposing);
    }

    private async Task ReloadAsync()
    {
        if (!IsDisposed && PausedAt is null)
        {
            _figures = await Figures.ReadAsync(CancellationToken.None);
            _calls = await Callers.ReadAsync(Namespace, CancellationToken.None);
            StateHasChanged();
        }
    }

    private void Refresh()
    {
        if (PausedAt is null)
        {
            _graph = MapGraph.Of(Resources.List(null, Namespace), item => FlowVerdict.Of(item, Directory), Board.List(Namespace), row => FlowFigures.Of(row, _figures), _calls);
        }

        _focused = _graph.Nodes.FirstOrDefault(node => node.Id == Focus);
        _around = _focused is null ? null : _graph.Around(_focused.Id);
        _layout = MapLayout.Of(_graph, _around);
    }

    private bool IsDim(MapNode node) => _around?.Contains(node.Id) == false || (_search.Length > 0 && !node.Name.Contains(_search, StringComparison.OrdinalIgnoreCase));

    private IEnumerable<(string Key, string Path, string? Class)> Edges()
    {
        var places = _layout.Places.ToDictionary(place => place.Node.Id);
        foreach (var (from, to) in _graph.Edges)
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

    private string Link(string name, string? value) => Navigation.GetUriWithQueryParameter(name, value);
}
