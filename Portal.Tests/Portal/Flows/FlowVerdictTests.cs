using Portal.Features.Flows;
using Portal.Kubernetes.Objects;
using Portal.Operator.Flows;

namespace Portal.Tests.Portal.Flows;

public class FlowVerdictTests
{
    private const string Waiting = """
        {"metadata":{"name":"p"},"status":{"phase":"Pending","containerStatuses":[{"restartCount":0,"state":{"waiting":{"reason":"CreateContainerConfigError","message":"secret \"s\" not found"}}}]}}
        """;

    private const string Crashing = """
        {"metadata":{"name":"p"},"status":{"phase":"Running","containerStatuses":[{"restartCount":3,
          "state":{"waiting":{"reason":"CrashLoopBackOff","message":"back-off 4s"}},"lastState":{"terminated":{"exitCode":1,"message":"no key"}}}]}}
        """;

    private const string Starting = """{"metadata":{"name":"p"},"status":{"phase":"Running","containerStatuses":[{"restartCount":0,"state":{"running":{}}}]}}""";

    [Theory]
    [InlineData("""{"generation":1}""", "[]", null, "Pending: The operator has not looked at this flow yet.")]
    [InlineData("""{"generation":1}""", """[{"type":"Ready","status":"True","reason":"Ready","message":"1/1 replicas available","observedGeneration":1}]""", null, "Ready: 1/1 replicas available")]
    [InlineData("""{"generation":2}""", """[{"type":"Ready","status":"True","message":"1/1 replicas available","observedGeneration":1}]""", null, "Progressing: The operator is working on the newest change.")]
    [InlineData("""{"generation":1}""", """[{"type":"Ready","status":"False","reason":"MissingDependency","message":"prompt \"a\" not found"}]""", null, "Degraded: prompt \"a\" not found")]
    [InlineData("""{"generation":1}""", """[{"type":"Ready","status":"False","reason":"Reconciling","message":"0/1 replicas available"}]""", Starting, "Progressing: 0/1 replicas available")]
    [InlineData("""{"generation":1}""", """[{"type":"Ready","status":"False","reason":"Reconciling","message":"0/1 replicas available"}]""", Waiting, "Degraded: 0/1 replicas available: pod p is in CreateContainerConfigError: secret \"s\" not found")]
    [InlineData("""{"generation":1}""", """[{"type":"Ready","status":"False","reason":"Reconciling","message":"0/1 replicas available"}]""", Crashing, "Degraded: 0/1 replicas available: pod p is in CrashLoopBackOff: The process ended with exit code 1: no key")]
    [InlineData("""{"generation":1}""", """[{"type":"Ready","status":"True","reason":"Ready","message":"1/1"},{"type":"Degraded","status":"True","reason":"MissingKeys","message":"secret \"s\" has no key \"K\""}]""", null, "Degraded: It answers, but something is broken: secret \"s\" has no key \"K\"")]
    [InlineData("""{"generation":1}""", """[{"type":"Ready","status":"False","reason":"Reconciling","message":"1/2"},{"type":"Degraded","status":"True","reason":"MissingKeys","message":"secret \"s\" has no key \"K\""}]""", Crashing, "Degraded: secret \"s\" has no key \"K\"")]
    [InlineData("""{"generation":1,"deletionTimestamp":"2026-01-01T00:00:00Z"}""", "[]", null, "Progressing: The flow is being deleted.")]
    public void Of_Flow_NamesTheDeepestCause(string metadata, string conditions, string? pod, string expected)
    {
        var flow = new Flow(new JsonObject { ["metadata"] = JsonNode.Parse(metadata), ["status"] = new JsonObject { ["conditions"] = JsonNode.Parse(conditions) } });
        KubeObject[] pods = pod is null ? [] : [new KubeObject(JsonNode.Parse(pod)!.AsObject())];

        var verdict = FlowVerdict.Of(flow, pods, []);

        Assert.Equal(expected, $"{verdict.Status}: {verdict.Sentence}");
    }
}
