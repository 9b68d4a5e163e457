using Portal.Features.Flows;
using Portal.Features.Health.Map;
using Portal.Features.Health.Overview;
using Portal.Kubernetes.Objects;
using Portal.Tests.Portal.Flows.Chain;

namespace Portal.Tests.Portal.Health.Map;

public class MapGraphTests
{
    private const string World = """
        kind: PluginConfig
        metadata: {name: openai, namespace: shop}
        spec: {type: openai, credentialsRef: {name: keys}}
        status: {conditions: [{type: Ready, status: "True"}]}
        ---
        kind: Model
        metadata: {name: fast, namespace: shop}
        spec: {provider: openai, model: gpt, pluginConfigRef: {name: openai}}
        status: {conditions: [{type: Ready, status: "True"}]}
        ---
        kind: Tool
        metadata: {name: ask, namespace: shop}
        spec: {implementation: {flowRef: {name: web}}}
        ---
        kind: Flow
        metadata: {name: web, namespace: shop}
        spec: {image: x, modelRef: {name: fast}, promptRefs: [{name: gone}]}
        status: {availableReplicas: 1, conditions: [{type: Ready, status: "True", message: 1/1}]}
        ---
        kind: FlowSet
        metadata: {name: pair, namespace: shop}
        spec: {image: x, flows: [{name: one, toolRefs: [{name: ask}]}]}
        """;

    [Fact]
    public void Of_Namespace_GoesFromProvidersToCallers()
    {
        var graph = GraphOf(World, new MapCall("web", "ada", 3), new MapCall("pair/one", "ada", 4), new MapCall("deleted", "bob", 9));

        Assert.Equal(
            ["0 PluginConfig/openai", "1 Model/fast", "2 Tool/ask", "2 Prompt/gone", "3 FlowSet/pair", "3 Flow/web", "4 Endpoint//web", "4 Endpoint/pair/one", "5 Caller/ada"],
            graph.Nodes.Select(node => $"{node.Layer} {node.Id}"));
        Assert.Equal(
            [
                "Endpoint//web>Caller/ada", "Endpoint/pair/one>Caller/ada", "Flow/web>Endpoint//web", "Flow/web>Tool/ask", "FlowSet/pair>Endpoint/pair/one", "Model/fast>Flow/web",
                "PluginConfig/openai>Model/fast", "Prompt/gone>Flow/web", "Tool/ask>FlowSet/pair",
            ],
            graph.Edges.Select(edge => $"{edge.From}>{edge.To}").Order(StringComparer.Ordinal));
        Assert.Equal("7 calls, 7 d", graph.Nodes[^1].Number);
        Assert.Equal("does not exist", graph.Nodes.Single(node => node.Name == "gone").Message);
    }

    [Fact]
    public void Of_FlowSet_EachEndpointHasTheStateOfItsFlow()
    {
        var graph = GraphOf("""
            kind: FlowSet
            metadata: {name: pair, namespace: shop}
            spec: {image: x, flows: [{name: one}, {name: two}]}
            status: {availableReplicas: 1, flows: [{name: one, ready: true}, {name: two, ready: false, message: model not found}]}
            """);

        Assert.Equal(
            [("Endpoint/pair/one", global::Portal.Components.Status.Ready, null), ("Endpoint/pair/two", global::Portal.Components.Status.Degraded, "model not found")],
            graph.Nodes.Where(node => node.Kind == "Endpoint").Select(node => (node.Id, node.Status, node.Message)));
    }

    [Fact]
    public void Around_Node_HasAllItDependsOnAndAllThatDependsOnIt()
    {
        var around = GraphOf(World, new MapCall("web", "ada", 3)).Around("Model/fast");

        Assert.Equal(["Caller/ada", "Endpoint//web", "Endpoint/pair/one", "Flow/web", "FlowSet/pair", "Model/fast", "PluginConfig/openai", "Tool/ask"], around.Order(StringComparer.Ordinal));
        Assert.DoesNotContain("Prompt/gone", around);
    }

    [Fact]
    public void Layout_ArrowKeys_LeadAlongEdgesAndColumns()
    {
        var layout = MapLayout.Of(GraphOf(World), first: null);

        var web = layout.Places.Single(place => place.Node.Id == "Flow/web");
        Assert.Equal(("Endpoint//web", true), (web.Right, web.Left is "Model/fast" or "Prompt/gone"));
        Assert.Contains("FlowSet/pair", new[] { web.Up, web.Down });
        Assert.Equal(layout.Places.Count, layout.Places.Select(place => (place.X, place.Y)).Distinct().Count());
    }

    [Fact]
    public void Layout_Focus_PutsWhatBelongsTogetherFirst()
    {
        var graph = GraphOf(World);

        var layout = MapLayout.Of(graph, graph.Around("Prompt/gone"));

        var places = layout.Places.ToDictionary(place => place.Node.Id);
        Assert.True(places["Flow/web"].Y < places["FlowSet/pair"].Y || graph.Around("Prompt/gone").Contains("FlowSet/pair"));
        Assert.True(places["Prompt/gone"].Y <= places["Tool/ask"].Y || graph.Around("Prompt/gone").Contains("Tool/ask"));
    }

    [Fact]
    public void Layout_FiveHundredNodesWithEveryEdge_IsDone()
    {
        var nodes = Enumerable.Range(0, 500).Select(number => new MapNode("Flow", $"f{number}", number % 6, global::Portal.Components.Status.Ready, "", null, null)).ToList();
        var edges = nodes.SelectMany(from => nodes.Where(to => to.Layer == from.Layer + 1).Take(20).Select(to => (from.Id, to.Id))).ToList();

        var layout = MapLayout.Of(new MapGraph(nodes, edges), first: null);

        Assert.Equal(500, layout.Places.Select(place => (place.X, place.Y)).Distinct().Count());
    }

    [Fact]
    public void Near_TwoThousandFlows_DrawsWhatIsAskedForWithWhatBelongsToIt()
    {
        var flows = Enumerable.Range(0, 2000).Select(number => new MapNode("Flow", $"f{number}", 3, number == 1234 ? global::Portal.Components.Status.Failed : global::Portal.Components.Status.Ready, "", null, null)).ToList();
        var model = new MapNode("Model", "m", 1, global::Portal.Components.Status.Ready, "", null, null);
        var graph = new MapGraph([model, .. flows], [.. flows.Select(flow => (model.Id, flow.Id))]);

        var part = graph.Near([flows[1234], flows[7]], 3);
        Assert.Equal(["Model/m", "Flow/f7", "Flow/f1234"], part.Nodes.Select(node => node.Id));
        Assert.Equal([("Model/m", "Flow/f7"), ("Model/m", "Flow/f1234")], part.Edges);
        Assert.Equal(300, graph.Near([model], 300).Nodes.Count);
        Assert.Same(graph, graph.Near([model], 3000));
    }

    private static MapGraph GraphOf(string yaml, params MapCall[] calls)
    {
        var directory = ReferenceChainTests.DirectoryOf(yaml);
        using var board = new FlowBoard(directory);
        KubeObject[] items = [.. directory.PluginConfigs.Store.List(), .. directory.Models.Store.List(), .. directory.Tools.Store.List(), .. directory.Prompts.Store.List(), .. directory.Flows.Store.List(), .. directory.FlowSets.Store.List()];
        return MapGraph.Of(items, item => FlowVerdict.Of(item, directory), board.List("shop"), _ => FlowFigure.None, calls);
    }
}
