using Portal.Components;
using Portal.Features.Health.Overview;
using FlowVerdict = Portal.Features.Flows.FlowVerdict;

namespace Portal.Tests.Portal.Health.Overview;

public class FlowListTests
{
    private static readonly FlowRow[] s_rows =
    [
        Row("a", Status.Ready), Row("b", Status.Failed, model: "openai/gpt"), Row("c", Status.Degraded, kind: "FlowSet", sentence: "Secret x has no key"), Row("d", Status.Ready),
    ];

    private static readonly Dictionary<string, FlowFigure> s_figures = new()
    {
        ["a"] = new FlowFigure(10, 5, 0) { CostNanos = new Dictionary<string, long> { ["USD"] = 3_000_000_000 }, Latencies = Slow(10) },
        ["d"] = new FlowFigure(20, 0, 0) { CostNanos = new Dictionary<string, long> { ["USD"] = 1_000_000_000 }, Latencies = Quick(20) },
    };

    [Theory]
    [InlineData(null, null, null, null, "a b c d")]
    [InlineData("GPT", null, null, null, "b")]
    [InlineData("no key", null, null, null, "c")]
    [InlineData(null, Status.Ready, null, "-name", "d a")]
    [InlineData(null, null, "FlowSet", null, "c")]
    [InlineData(null, null, null, "health", "b c a d")]
    [InlineData(null, null, null, "-calls", "d a b c")]
    [InlineData(null, null, null, "-errors", "a d b c")]
    [InlineData(null, null, null, "-p95", "a d b c")]
    [InlineData(null, null, null, "-cost", "a d b c")]
    [InlineData(null, null, null, "nonsense", "a b c d")]
    public void Order_Query_FindsAndSorts(string? search, Status? state, string? kind, string? sort, string expected)
    {
        var list = new FlowList(search, state, kind, sort);

        var lines = list.Order(list.Find(s_rows), row => s_figures.GetValueOrDefault(row.Name, FlowFigure.None));

        Assert.Equal(expected, string.Join(' ', lines.Select(line => line.Row.Name)));
    }

    [Theory]
    [InlineData(null, "calls", "calls")]
    [InlineData("calls", "calls", "-calls")]
    [InlineData("-calls", "calls", "calls")]
    [InlineData("calls", "name", "name")]
    public void Next_Column_TurnsTheOrderRound(string? sort, string column, string expected) => Assert.Equal(expected, new FlowList(null, null, null, sort).Next(column));

    private static FlowRow Row(string name, Status status, string kind = "Flow", string? model = null, string sentence = "") => new(kind, "shop", name, new FlowVerdict(status, sentence), [], 1, 1, null, model, null, [name]);

    private static long[] Slow(long calls) => [0, 0, 0, 0, 0, 0, 0, 0, calls, 0, 0, 0, 0];

    private static long[] Quick(long calls) => [calls, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
}
