using Portal.Features.Flows;
using Portal.Features.Health.Map;
using Portal.Features.Health.Overview;
using Portal.Features.Health.Resources;
using Portal.Kubernetes.Objects;
using Portal.Operator.Flows;
using Portal.Tests.Portal.Flows.Chain;

namespace Portal.Tests.Portal.Health;

/// <summary>What is broken has one name and one fix: in the list, on the page, on the map and in the REST API.</summary>
public class OneVerdictTests
{
    private const string Sound = """
        kind: Secret
        metadata: {name: keys, namespace: shop}
        data: {OPENAI_API_KEY: c2VjcmV0}
        ---
        kind: PluginConfig
        metadata: {name: openai, namespace: shop}
        spec: {type: openai, credentialsRef: {name: keys}}
        status: {conditions: [{type: Ready, status: "True"}]}
        ---
        kind: Model
        metadata: {name: fast, namespace: shop}
        spec: {provider: openai, model: gpt, pluginConfigRef: {name: openai}}
        status: {conditions: [{type: Ready, status: "True", message: It answers}]}
        ---
        kind: Prompt
        metadata: {name: greet, namespace: shop}
        spec: {content: Hello}
        status: {conditions: [{type: Ready, status: "True"}, {type: Valid, status: "True"}]}
        ---
        kind: Tool
        metadata: {name: ask, namespace: shop}
        spec: {implementation: {http: {url: "http://x", headersSecretRef: {name: keys}}}}
        status: {conditions: [{type: Ready, status: "True"}]}
        ---
        kind: Dataset
        metadata: {name: few, namespace: shop}
        spec: {format: json, source: {inline: []}}
        status: {conditions: [{type: Ready, status: "True"}]}
        ---
        kind: Flow
        metadata: {name: web, namespace: shop}
        spec: {image: runner, modelRef: {name: fast}, promptRefs: [{name: greet}], toolRefs: [{name: ask}]}
        status: {availableReplicas: 1, conditions: [{type: Ready, status: "False", reason: MissingDependency, message: something is missing}]}
        ---
        kind: FlowSet
        metadata: {name: pair, namespace: shop}
        spec: {image: runner, flows: [{name: one, modelRef: {name: fast}, promptRefs: [{name: greet}]}]}
        status: {conditions: [{type: Ready, status: "False", reason: MissingDependency, message: something is missing}]}
        ---
        kind: Eval
        metadata: {name: weekly, namespace: shop}
        spec: {datasetRef: {name: few}, flowRef: {kind: FlowSet, name: pair, flow: one}, metrics: [latency]}
        status: {conditions: [{type: Ready, status: "False", reason: MissingDependency, message: something is missing}]}
        """;

    private const string Pod = """

        ---
        kind: Pod
        metadata: {name: web-1, namespace: shop, labels: {genkit.dev/flow: web}}
        status: {phase: Pending, containerStatuses: [{name: flow, restartCount: 0, state: {waiting: {reason: REASON, message: MESSAGE}}}]}
        """;

    [Theory]
    [InlineData("Flow/web", "metadata: {name: fast,", "metadata: {name: slow,", "Model \"fast\" in \"shop\" does not exist.", "Create the Model \"fast\" in \"shop\", or name another one of this namespace")]
    [InlineData("Flow/web", "metadata: {name: fast, namespace: shop}", "metadata: {name: fast, namespace: other}", "Model \"fast\" in \"shop\" does not exist.", "Create the Model \"fast\" in \"shop\", or name another one of this namespace")]
    [InlineData("Flow/web", "metadata: {name: greet,", "metadata: {name: bye,", "Prompt \"greet\" in \"shop\" does not exist.", "Create the Prompt \"greet\" in \"shop\", or name another one of this namespace")]
    [InlineData("Flow/web", "metadata: {name: ask,", "metadata: {name: tell,", "Tool \"ask\" in \"shop\" does not exist.", "Create the Tool \"ask\" in \"shop\", or name another one of this namespace")]
    [InlineData("Flow/web", "{http: {url: \"http://x\", headersSecretRef: {name: keys}}}", "{flowRef: {name: gone}}", "Flow \"gone\" in \"shop\" does not exist.", "Create the Flow \"gone\" in \"shop\", or name another one of this namespace")]
    [InlineData("Flow/web", "metadata: {name: openai,", "metadata: {name: closed,", "PluginConfig \"openai\" in \"shop\" does not exist.", "Create the PluginConfig \"openai\" in \"shop\", or name another one of this namespace")]
    [InlineData("Flow/web", "metadata: {name: keys,", "metadata: {name: others,", "Secret \"keys\" in \"shop\" does not exist.", "Create the Secret \"keys\" with the key \"OPENAI_API_KEY\"")]
    [InlineData("Flow/web", "data: {OPENAI_API_KEY: c2VjcmV0}", "data: {other: c2VjcmV0}", "Secret \"keys\" in \"shop\" has no key \"OPENAI_API_KEY\".", "Add the key \"OPENAI_API_KEY\" to the Secret \"keys\"")]
    [InlineData("Flow/web", "data: {OPENAI_API_KEY: c2VjcmV0}", "data: {OPENAI_API_KEY: \"\", ANTHROPIC_API_KEY: c2VjcmV0}", "Secret \"keys\" in \"shop\" has no key \"OPENAI_API_KEY\".", "Add the key \"OPENAI_API_KEY\" to the Secret \"keys\"")]
    [InlineData("Flow/web", "{type: Valid, status: \"True\"}", "{type: Valid, status: \"False\", reason: InvalidDocument, message: \"line 3: no end\"}", "Prompt \"greet\" in \"shop\" is not ready: line 3: no end.", "Mend the Prompt \"greet\"")]
    [InlineData("Flow/web", "toolRefs: [{name: ask}]", "toolRefs: [{name: gone}], env: [{name: A, valueFrom: {secretKeyRef: {name: none, key: K}}}]", "Tool \"gone\" in \"shop\" does not exist.", "Create the Tool \"gone\" in \"shop\", or name another one of this namespace")]
    [InlineData("Flow/web", "reason: MissingDependency", "reason: Paused", "something is missing", "Let the Flow \"web\" go on")]
    [InlineData("Flow/web", "reason: MissingDependency, message: something is missing", "reason: NameConflict, message: service \"web\" exists", "service \"web\" exists", "Give the Flow another name, or delete the object that has it")]
    [InlineData("Flow/web", "reason: MissingDependency", "reason: InvalidSpec", "something is missing", "Correct the spec of the Flow \"web\"")]
    [InlineData("FlowSet/pair", "flows: [{name: one, modelRef: {name: fast}", "flows: [{name: one, modelRef: {name: gone}", "Model \"gone\" in \"shop\" does not exist.", "Create the Model \"gone\" in \"shop\", or name another one of this namespace")]
    [InlineData("Eval/weekly", "metadata: {name: few,", "metadata: {name: many,", "Dataset \"few\" in \"shop\" does not exist.", "Create the Dataset \"few\" in \"shop\", or name another one of this namespace")]
    [InlineData("Eval/weekly", "flow: one}", "flow: two}", "FlowSet \"pair\" in \"shop\" has no flow \"two\".", "Name a flow that the FlowSet \"pair\" has (one), or add \"two\" to it")]
    [InlineData("Eval/weekly", "metadata: {name: keys,", "metadata: {name: others,", "Secret \"keys\" in \"shop\" does not exist.", "Create the Secret \"keys\" with the key \"OPENAI_API_KEY\"")]
    [InlineData("Model/fast", "metadata: {name: keys,", "metadata: {name: others,", "It answers. But Secret \"keys\" in \"shop\" does not exist.", "Create the Secret \"keys\" with the key \"OPENAI_API_KEY\"")]
    public void Of_SomethingBroken_IsNamedTheSameEverywhere(string subject, string was, string now, string sentence, string fix)
    {
        Assert.Contains(was, Sound, StringComparison.Ordinal);
        AssertSame(Sound.Replace(was, now, StringComparison.Ordinal), subject, sentence, fix);
    }

    [Theory]
    [InlineData("ImagePullBackOff", "no such image", "Correct spec.image of the Flow \"web\" (\"runner\"), or let the cluster pull it")]
    [InlineData("CreateContainerConfigError", "configmap \"m\" not found", "Give the pod what its events ask for")]
    [InlineData("CrashLoopBackOff", "back-off", "Read the pod's log")]
    public void Of_PodsThatDoNotComeUp_AreTheFirstToMend(string reason, string message, string fix)
    {
        var pod = Pod.Replace("REASON", reason, StringComparison.Ordinal).Replace("MESSAGE", $"'{message}'", StringComparison.Ordinal);
        var flow = Sound.Replace("reason: MissingDependency, message: something is missing", "reason: PodsFailing, message: 0/1 replicas available", StringComparison.Ordinal);

        AssertSame(flow + pod, "Flow/web", $"0/1 replicas available: pod web-1 is in {reason}: {message}", fix);
    }

    private static void AssertSame(string world, string subject, string sentence, string fix)
    {
        var directory = ReferenceChainTests.DirectoryOf(world);
        using var board = new FlowBoard(directory);
        KubeObject[] items =
        [
            .. directory.PluginConfigs.Store.List("shop"), .. directory.Models.Store.List("shop"), .. directory.Tools.Store.List("shop"), .. directory.Prompts.Store.List("shop"),
            .. directory.Flows.Store.List("shop"), .. directory.FlowSets.Store.List("shop"), .. directory.Evals.Store.List("shop"),
        ];
        var item = items.Single(item => $"{item.Kind}/{item.Name}" == subject);

        var verdict = FlowVerdict.Of(item, directory);
        Assert.Equal((sentence, fix), (verdict.Sentence, verdict.Fix?.Text));
        Assert.Equal(sentence, ResourceLine.Of(item, directory).Message);
        if (MapGraph.Of(items, other => FlowVerdict.Of(other, directory), board.List("shop"), _ => FlowFigure.None, []).Nodes.FirstOrDefault(node => node.Id == subject) is { } node)
        {
            Assert.Equal((verdict.Status, sentence), (node.Status, node.Message));
        }

        if (board.List("shop").FirstOrDefault(row => row.Key == subject) is { } row)
        {
            Assert.Equal(verdict, row.Verdict);
        }

        if (item is Flow flow)
        {
            var summary = FlowSummary.Of(flow, directory);
            Assert.Equal((verdict.Status, sentence, verdict.Fix), (summary.Status, summary.Message, summary.Fix));
        }
    }
}
