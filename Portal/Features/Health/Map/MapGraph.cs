using Portal.Components;
using Portal.Features.Flows;
using Portal.Features.Health.Overview;
using Portal.Features.Health.Resources;
using Portal.Kubernetes.Objects;

namespace Portal.Features.Health.Map;

/// <summary>One thing on the map.</summary>
/// <param name="Layer">Its column, from providers (0) to callers.</param>
/// <param name="Number">The one number that is shown; empty for none.</param>
/// <param name="Message">Why it is in its state; null when all is well.</param>
/// <param name="Href">Its page; null when it has none.</param>
public sealed record MapNode(string Kind, string Name, int Layer, Status Status, string Number, string? Message, string? Href)
{
    public string Id => $"{Kind}/{Name}";
}

/// <summary>What leads to what in a namespace: providers → models → prompts and tools → flows → endpoints → callers.</summary>
/// <param name="Nodes">By layer, then name.</param>
/// <param name="Edges">Ids of nodes; the second depends on, or calls, the first.</param>
public sealed record MapGraph(IReadOnlyList<MapNode> Nodes, IReadOnlyList<(string From, string To)> Edges)
{
    private const int FlowLayer = 3;
    private const string Endpoint = "Endpoint";
    private const string Caller = "Caller";

    public static IReadOnlyList<string> Layers { get; } = ["Providers", "Models", "Prompts and tools", "Flows", "Endpoints", "Callers"];

    public static MapGraph Empty { get; } = new([], []);

    /// <param name="items">All objects of the namespace.</param>
    /// <param name="verdictOf">The verdict on one of them.</param>
    /// <param name="rows">The lines of its flows.</param>
    /// <param name="figureOf">What calls of a line come to.</param>
    /// <param name="calls">Who called lately.</param>
    public static MapGraph Of(
        IReadOnlyList<KubeObject> items, Func<KubeObject, FlowVerdict> verdictOf, IReadOnlyList<FlowRow> rows, Func<FlowRow, FlowFigure> figureOf, IReadOnlyList<MapCall> calls)
    {
        var nodes = new Dictionary<string, MapNode>(StringComparer.Ordinal);
        var edges = new HashSet<(string From, string To)>();
        foreach (var item in items)
        {
            AddObject(item, verdictOf, nodes, edges);
        }

        foreach (var row in rows)
        {
            AddFlow(row, figureOf(row), nodes, edges);
        }

        var totals = calls.GroupBy(call => call.Caller).ToDictionary(group => group.Key, group => group.Sum(call => call.Calls));
        foreach (var (call, endpoint) in calls.Select(call => (call, $"{Endpoint}/{EndpointOf(call.Flow)}")).Where(pair => nodes.ContainsKey(pair.Item2)))
        {
            var caller = new MapNode(Caller, call.Caller, FlowLayer + 2, Status.Ready, $"{Quantity.Of(totals[call.Caller], "call")}, 7 d", null, null);
            nodes[caller.Id] = caller;
            edges.Add((endpoint, caller.Id));
        }

        return new MapGraph(
            [.. nodes.Values.OrderBy(node => node.Layer).ThenBy(node => node.Name, StringComparer.Ordinal).ThenBy(node => node.Kind, StringComparer.Ordinal)],
            [.. edges.Where(edge => edge.From != edge.To)]);
    }

    /// <summary>The node itself, all it depends on and all that depends on it.</summary>
    public IReadOnlySet<string> Around(string id) => Around([id], int.MaxValue);

    /// <summary>At most so many nodes: the first of these with all they depend on and all that depends on them, then the next.</summary>
    public MapGraph Near(IEnumerable<MapNode> first, int most)
    {
        if (Nodes.Count <= most)
        {
            return this;
        }

        var kept = Around(first.Select(node => node.Id), most);
        return new MapGraph([.. Nodes.Where(node => kept.Contains(node.Id))], [.. Edges.Where(edge => kept.Contains(edge.From) && kept.Contains(edge.To))]);
    }

    private HashSet<string> Around(IEnumerable<string> ids, int most)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        var (onward, back) = (Edges.ToLookup(edge => edge.From, edge => edge.To), Edges.ToLookup(edge => edge.To, edge => edge.From));
        foreach (var id in ids.TakeWhile(_ => found.Count < most))
        {
            found.Add(id);
            Follow(id, back, found, most);
            Follow(id, onward, found, most);
        }

        return found;
    }

    private static void AddObject(KubeObject item, Func<KubeObject, FlowVerdict> verdictOf, Dictionary<string, MapNode> nodes, HashSet<(string From, string To)> edges)
    {
        if (LayerOf(item.Kind) is not { } layer)
        {
            return;
        }

        var node = new MapNode(item.Kind, item.Name, layer, Status.Unknown, "", null, ResourceLinks.To(item.Kind, item.Namespace ?? "", item.Name));
        if (layer != FlowLayer)
        {
            var verdict = verdictOf(item);
            nodes[node.Id] = node with { Status = verdict.Status, Message = MessageOf(verdict) };
        }

        foreach (var (kind, name) in DirectReferences.Of(item))
        {
            if (LayerOf(kind) is { } other)
            {
                // What is named and does not exist is the most important thing to see.
                nodes.TryAdd($"{kind}/{name}", new MapNode(kind, name, other, Status.Failed, "", "does not exist", null));
                edges.Add(($"{kind}/{name}", node.Id));
            }
        }
    }

    private static void AddFlow(FlowRow row, FlowFigure figure, Dictionary<string, MapNode> nodes, HashSet<(string From, string To)> edges)
    {
        nodes[row.Key] = new MapNode(row.Kind, row.Name, FlowLayer, row.Status, $"{figure.Calls:N0} calls, 24 h", MessageOf(row.Verdict), row.Href);
        foreach (var flow in row.Flows)
        {
            var problem = row.Available == 0 ? "no pod answers" : row.Broken.GetValueOrDefault(flow);
            var status = row.Available == 0 ? Status.Failed : problem is null ? Status.Ready : Status.Degraded;
            var endpoint = new MapNode(Endpoint, EndpointOf(flow), FlowLayer + 1, status, "", problem, row.Href);
            nodes[endpoint.Id] = endpoint;
            edges.Add((row.Key, endpoint.Id));
        }
    }

    private static void Follow(string id, ILookup<string, string> next, HashSet<string> found, int most)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal) { id };
        var waiting = new Queue<string>([id]);
        while (waiting.TryDequeue(out var current))
        {
            foreach (var neighbour in next[current].Where(seen.Add).TakeWhile(_ => found.Count < most))
            {
                found.Add(neighbour);
                waiting.Enqueue(neighbour);
            }
        }
    }

    /// <summary>The path of a Flow; of a flow of a FlowSet with the Service before it, as others may have one of its name.</summary>
    private static string EndpointOf(string flow) => flow.Contains('/', StringComparison.Ordinal) ? flow : "/" + flow;

    private static string? MessageOf(FlowVerdict verdict) => verdict is { Status: Status.Ready, Fix: null } ? null : verdict.Sentence;

    private static int? LayerOf(string kind) => kind switch
    {
        "PluginConfig" => 0,
        "Model" => 1,
        "Prompt" or "Tool" => 2,
        "Flow" or "FlowSet" => FlowLayer,
        _ => null,
    };
}
