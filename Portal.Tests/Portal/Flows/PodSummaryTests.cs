using Portal.Embedded.Workloads;
using Portal.Features.Flows;
using Portal.Kubernetes.Objects;

namespace Portal.Tests.Portal.Flows;

public class PodSummaryTests
{
    private const string Sidecar = """{"name":"mesh","image":"mesh","restartCount":7,"state":{STATE}}""";
    private const string Own = """{"name":"flow","image":"runner","restartCount":2,"state":{STATE}}""";
    private const string Running = "\"running\":{}";

    [Theory]
    [InlineData(Running, Running, "Running", null)]
    [InlineData("\"waiting\":{\"reason\":\"ContainerCreating\"}", Running, "Running", null)]
    [InlineData(Running, "\"waiting\":{\"reason\":\"ErrImagePull\",\"message\":\"no such image\"}", "ErrImagePull", "no such image")]
    [InlineData("\"waiting\":{\"reason\":\"ErrImagePull\",\"message\":\"no such image\"}", Running, "ErrImagePull", "container mesh: no such image")]
    [InlineData("\"waiting\":{\"reason\":\"CrashLoopBackOff\"}", "\"waiting\":{\"reason\":\"ErrImagePull\",\"message\":\"mine\"}", "ErrImagePull", "mine")]
    public void Of_AnotherContainerBeforeTheFlowsOwn_TellsOfItsOwnFirst(string sidecar, string own, string state, string? message)
    {
        var pod = PodOf(Sidecar.Replace("STATE", sidecar, StringComparison.Ordinal), Own.Replace("STATE", own, StringComparison.Ordinal));

        var summary = PodSummary.Of(pod);

        Assert.Equal((state, message, 2L), (summary.State, summary.Message, summary.Restarts));
        Assert.Equal(["flow", "mesh"], summary.Containers);
    }

    [Fact]
    public void Of_PodWithoutANode_SaysWhy()
    {
        var pod = new KubeObject(JsonNode.Parse("""{"metadata":{"name":"p"},"status":{"phase":"Pending","conditions":[{"type":"PodScheduled","status":"False","reason":"Unschedulable","message":"0/3 nodes: too little memory"}]}}""")!.AsObject());

        Assert.Equal(("Unschedulable", "0/3 nodes: too little memory"), (PodSummary.Of(pod).State, PodSummary.Of(pod).Message));
    }

    [Fact]
    public void Compute_AnotherContainerFirst_TheFlowsOwnIsRunAndTheOtherCountsAsEnded()
    {
        var pod = PodOf();
        var spec = PodSpec.Of(pod);
        Assert.Equal("flow", spec.Runner.Name);

        var status = PodStatus.Compute(pod, spec.Runner, new ContainerState { RunningSince = DateTimeOffset.UnixEpoch, Ready = true }, null, DateTimeOffset.UnixEpoch);

        var shown = new KubeObject((JsonObject)pod.Json.DeepClone()) { };
        shown.Json["status"] = status;
        Assert.Equal((true, "Running", null), (PodSummary.Of(shown).Ready, PodSummary.Of(shown).State, PodSummary.Of(shown).Message));
        Assert.Equal(["flow", "mesh"], status["containerStatuses"]!.AsArray().Select(item => item!["name"]!.ToString()));
    }

    [Fact]
    public async Task ReadAsync_LogOfAContainerThatDoesNotRunHere_SaysSo()
    {
        var logs = new PodLogStore();
        using var log = new PodLog(Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), TimeProvider.System);
        log.Append("mine");
        logs.Add("shop", "web-1", "flow", log);

        Assert.Equal(["mine"], await logs.ReadAsync(new("shop", "web-1"), default).ToListAsync());
        Assert.Equal(["mine"], await logs.ReadAsync(new("shop", "web-1") { Container = "flow" }, default).ToListAsync());
        Assert.Equal([PodStatus.NotRunHere], await logs.ReadAsync(new("shop", "web-1") { Container = "mesh" }, default).ToListAsync());
    }

    private static KubeObject PodOf(params string[] statuses) => new(JsonNode.Parse($$$"""
        {"metadata":{"name":"web-1","namespace":"shop"},"spec":{"containers":[{"name":"mesh","image":"mesh"},{"name":"flow","image":"runner"}]},"status":{"containerStatuses":[{{{string.Join(',', statuses)}}}]}}
        """)!.AsObject());
}
