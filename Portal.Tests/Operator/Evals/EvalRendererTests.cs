using Portal.Operator.Api;
using Portal.Operator.Evals;
using Portal.Operator.Reconciliation;

namespace Portal.Tests.Operator.Evals;

public class EvalRendererTests
{
    private const string World = """
        kind: Dataset
        metadata: {name: d, namespace: shop}
        spec: {format: json, source: {inline: [{input: a}]}}
        ---
        kind: Flow
        metadata: {name: f, namespace: shop}
        spec: {image: x, modelSpec: {provider: openai, model: gpt, pluginConfigRef: {name: p}}}
        status: {contentHash: one}
        ---
        kind: FlowSet
        metadata: {name: suite, namespace: shop, generation: 3}
        spec:
          image: x
          port: 9100
          flows:
            - {name: good, modelSpec: {provider: openai, model: gpt, pluginConfigRef: {name: p}}, prompts: [{prompt: {name: ask, content: hi}}]}
            - {name: bad, modelRef: {name: gone}, prompts: [{prompt: {name: ask, content: hi}}]}
        status:
          contentHash: two
          flows: [{name: good, ready: true}, {name: bad, ready: false}]
          conditions: [{type: Ready, status: "False", observedGeneration: 3}]
        ---
        kind: PluginConfig
        metadata: {name: p, namespace: shop}
        spec: {type: openai, credentialsRef: {name: s}}
        ---
        kind: Secret
        metadata: {name: s, namespace: shop}
        data: {OPENAI_API_KEY: Zm9v}
        """;

    [Fact]
    public void Render_FlowOfAFlowSet_AsksItsServiceAndJudgesWithItsCredentials()
    {
        var plan = Plan("flowRef: {kind: FlowSet, name: suite, flow: good}");
        var pod = PodOf(plan);
        var container = pod["containers"]![0]!;

        Assert.Equal(("http://suite.shop.svc:9100", "good"), (Variable(container, "EVAL_FLOW_URL"), Variable(container, "EVAL_FLOW_NAME")));
        Assert.Equal(("suite", "suite/good"), (Variable(container, "GENKIT_FLOWSET_NAME"), plan.Target.CountedName));
        Assert.Empty(container["envFrom"]!.AsArray());
        Assert.Equal(
            ["dataset /genkit/dataset", "judge /genkit/judge", "credentials /genkit/flows/good/credentials"],
            container["volumeMounts"]!.AsArray().Select(mount => $"{mount!["name"]} {mount["mountPath"]}"));
        Assert.Equal("suite-good-config", (string?)pod["volumes"]![1]!["configMap"]!["name"]);
        Assert.Equal("s", (string?)pod["volumes"]![2]!["secret"]!["secretName"]);
        Assert.Equal(("two", true), (plan.Target.Revision, plan.Target.Serves));
    }

    [Fact]
    public void Render_BrokenFlowOfAFlowSet_DoesNotServe() =>
        Assert.False(Plan("flowRef: {kind: FlowSet, name: suite, flow: bad}").Target.Serves);

    [Theory]
    [InlineData("flowRef: {name: gone}", "MissingDependency", "flow \"gone\" not found")]
    [InlineData("flowRef: {kind: FlowSet, name: gone, flow: good}", "MissingDependency", "flowset \"gone\" not found")]
    [InlineData("flowRef: {kind: FlowSet, name: suite, flow: gone}", "MissingDependency", "flow \"gone\" not found in flowset \"suite\"")]
    [InlineData("flowRef: {kind: FlowSet, name: suite}", "InvalidSpec", "spec.flowRef.flow is required with kind FlowSet; name one of its flows")]
    [InlineData("flowRef: {name: f, flow: good}", "InvalidSpec", "spec.flowRef.flow names a flow of a FlowSet; set spec.flowRef.kind to FlowSet, or remove it")]
    public void Of_FlowThatCannotBeMeasured_SaysWhy(string reference, string reason, string message)
    {
        var (plan, problem) = PlanOf(reference, TestManifests.Parse(World));

        Assert.Null(plan);
        Assert.Equal((reason, message), (problem!.Reason, problem.Message));
    }

    [Theory]
    [InlineData("[contains, latency]", "contains,latency")]
    [InlineData("['contains,latency']", "contains,latency")]
    [InlineData("['regex:a{2,3}', latency]", """["regex:a{2,3}","latency"]""")]
    public void Render_Metrics_AreWrittenAsEveryRunnerReadsThem(string metrics, string expected) =>
        Assert.Equal(expected, Variable(PodOf(Plan("flowRef: {name: f}", metrics))["containers"]![0]!, "EVAL_METRICS"));

    [Fact]
    public void Render_SecretIsAwayForAWhile_IsTheSameRun()
    {
        var with = EvalRenderer.Render(Plan("flowRef: {name: f}"), null, []);
        var without = EvalRenderer.Render(PlanOf("flowRef: {name: f}", TestManifests.Parse(World).Without("Secret")).Plan!, null, []);

        Assert.Equal(with.Hash, without.Hash);
        Assert.NotEqual(with.Workload.Desired.Json.ToJsonString(), without.Workload.Desired.Json.ToJsonString());
    }

    [Fact]
    public void Render_NameOfTheSet_IsNoReasonToRunAnew()
    {
        var plan = Plan("flowRef: {kind: FlowSet, name: suite, flow: good}");

        Assert.Equal(EvalRenderer.Render(plan with { Target = plan.Target with { Set = null } }, null, []).Hash, EvalRenderer.Render(plan, null, []).Hash);
    }

    private static EvalPlan Plan(string reference, string metrics = "[contains]")
    {
        var (plan, problem) = PlanOf(reference, TestManifests.Parse(World), metrics);
        Assert.Null(problem);
        return plan!;
    }

    private static (EvalPlan? Plan, Problem? Problem) PlanOf(string reference, TestManifests objects, string metrics = "[contains]") => EvalPlan.Of(
        objects.With($$"""
            kind: Eval
            metadata: {name: e, namespace: shop, uid: u}
            spec: { {{reference}}, datasetRef: {name: d}, metrics: {{metrics}}, runnerImage: r, outputSink: {configMap: {name: out, key: k} } }
            """).Get<Eval>("e"), objects);

    [Fact]
    public void Render_VariablesOfEveryRunner_AreGivenAndAreNoReasonToRunAnew()
    {
        var plan = Plan("flowRef: {name: f}");
        EnvVar[] variables = [new() { Name = "GENKIT_USAGE_URL", Value = "http://portal" }, new() { Name = "GENKIT_NAMESPACE", ValueFrom = new() { FieldRef = new() { FieldPath = "metadata.namespace" } } }];

        var with = EvalRenderer.Render(plan, null, variables);

        var env = with.Workload.Desired.Json["spec"]!["template"]!["spec"]!["containers"]![0]!["env"]!.AsArray();
        Assert.Equal(
            ["""{"name":"GENKIT_USAGE_URL","value":"http://portal"}""", """{"name":"GENKIT_NAMESPACE","valueFrom":{"fieldRef":{"fieldPath":"metadata.namespace"}}}"""],
            env.TakeLast(2).Select(variable => variable!.ToJsonString()));
        Assert.Equal(EvalRenderer.Render(plan, null, []).Hash, with.Hash);
    }

    private static JsonNode PodOf(EvalPlan plan) => EvalRenderer.Render(plan, null, []).Workload.Desired.Json["spec"]!["template"]!["spec"]!;

    private static string? Variable(JsonNode container, string name) =>
        (string?)container["env"]!.AsArray().Single(variable => (string?)variable!["name"] == name)!["value"];
}
