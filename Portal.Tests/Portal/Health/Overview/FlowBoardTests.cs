using Portal.Features.Health.Overview;
using Portal.Operator.Flows;
using Portal.Tests.Portal.Flows.Chain;

namespace Portal.Tests.Portal.Health.Overview;

public class FlowBoardTests
{
    private const string World = """
        kind: Flow
        metadata: {name: web, namespace: shop}
        spec: {image: x, replicas: 2}
        status: {availableReplicas: 1, conditions: [{type: Ready, status: "False", reason: Reconciling, message: 1/2 replicas available}]}
        ---
        kind: FlowSet
        metadata: {name: pair, namespace: shop}
        spec: {image: x, flows: [{name: one}, {name: two}]}
        ---
        kind: Flow
        metadata: {name: odd, namespace: shop}
        spec: {replicas: many}
        """;

    [Fact]
    public void List_Namespace_HasFlowsAndSets()
    {
        using var board = new FlowBoard(ReferenceChainTests.DirectoryOf(World));

        var rows = board.List("shop");

        Assert.Equal(["Flow/odd Pending 0/1", "Flow/web Progressing 1/2", "FlowSet/pair Pending 0/1"], rows.Select(row => $"{row.Key} {row.Status} {row.Available}/{row.Replicas}"));
        Assert.Equal(["pair/one", "pair/two"], rows[^1].Flows);
        Assert.Empty(board.List("other"));
    }

    [Fact]
    public void List_NothingChanged_GivesTheSameLines()
    {
        var directory = ReferenceChainTests.DirectoryOf(World);
        using var board = new FlowBoard(directory);
        var before = board.List("shop");

        Assert.Equal(before, board.List("shop"), ReferenceEqualityComparer.Instance);

        directory.Flows.Store.Set(new Flow(JsonNode.Parse("""{"kind":"Flow","metadata":{"name":"web","namespace":"shop"},"spec":{"replicas":2},"status":{"availableReplicas":2,"conditions":[{"type":"Ready","status":"True"}]}}""")!.AsObject()));
        var after = board.List("shop");
        Assert.Equal(2, after[1].Available);
        Assert.Same(before[0], after[0]);
    }
}
