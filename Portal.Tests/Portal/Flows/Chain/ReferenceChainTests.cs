using Microsoft.Extensions.Logging.Abstractions;
using Portal.Features.Flows;
using Portal.Features.Flows.Chain;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;
using Portal.Operator.Datasets;
using Portal.Operator.Evals;
using Portal.Operator.Flows;
using Portal.Operator.FlowSets;
using Portal.Operator.Models;
using Portal.Operator.PluginConfigs;
using Portal.Operator.Prompts;
using Portal.Operator.Tools;
using Portal.Tests.Operator;

namespace Portal.Tests.Portal.Flows.Chain;

public class ReferenceChainTests
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
        kind: Prompt
        metadata: {name: greet, namespace: shop}
        spec: {content: Hello}
        status: {conditions: [{type: Ready, status: "True"}]}
        ---
        kind: Flow
        metadata: {name: web, namespace: shop}
        spec: {image: x, modelRef: {name: fast}, promptRefs: [{name: greet}], env: [{name: A, valueFrom: {secretKeyRef: {name: more, key: A_KEY}}}, {name: B, valueFrom: {secretKeyRef: {name: none, key: B, optional: true}}}]}
        status: {conditions: [{type: Ready, status: "False", reason: Reconciling, message: 0/1 replicas available}]}
        ---
        kind: Secret
        metadata: {name: keys, namespace: shop}
        data: {OPENAI_API_KEY: c2VjcmV0}
        ---
        kind: Secret
        metadata: {name: more, namespace: shop}
        data: {A_KEY: c2VjcmV0}
        """;

    [Fact]
    public void Of_Flow_GoesFromCredentialsToPods()
    {
        var directory = DirectoryOf(World);

        var chain = ReferenceChain.Of(directory.Find("shop", "web")!, directory);

        Assert.Equal("Secret keys, PluginConfig openai, Model fast, Prompt greet, Secret more, Flow web, Pods 0/1 ready", string.Join(", ", chain.Select(link => $"{link.Kind} {link.Name}")));
        Assert.Equal("Flow", chain.Single(link => link.IsFirstBroken).Kind);
    }

    [Theory]
    [InlineData("data: {OPENAI_API_KEY: c2VjcmV0}", "data: {other: c2VjcmV0}", "Secret \"keys\" in \"shop\" has no key \"OPENAI_API_KEY\".", "Add the key \"OPENAI_API_KEY\" to the Secret \"keys\"")]
    [InlineData("data: {OPENAI_API_KEY: c2VjcmV0}", "data: {OPENAI_API_KEY: ''}", "Secret \"keys\" in \"shop\" has no key \"OPENAI_API_KEY\".", "Add the key \"OPENAI_API_KEY\" to the Secret \"keys\"")]
    [InlineData("metadata: {name: keys,", "metadata: {name: others,", "Secret \"keys\" in \"shop\" does not exist.", "Create the Secret \"keys\" with the key \"OPENAI_API_KEY\"")]
    [InlineData("data: {A_KEY: c2VjcmV0}", "data: {B_KEY: c2VjcmV0}", "Secret \"more\" in \"shop\" has no key \"A_KEY\".", "Add the key \"A_KEY\" to the Secret \"more\"")]
    [InlineData("type: openai, credentialsRef: {name: keys}", "type: bedrock, credentialsRef: {name: keys}", "Secret \"keys\" in \"shop\" has no key \"AWS_ACCESS_KEY_ID\" and \"AWS_SECRET_ACCESS_KEY\" or \"AWS_BEARER_TOKEN_BEDROCK\".", "Add the key \"AWS_ACCESS_KEY_ID\" and \"AWS_SECRET_ACCESS_KEY\" to the Secret \"keys\"")]
    [InlineData("metadata: {name: greet,", "metadata: {name: bye,", "Prompt \"greet\" in \"shop\" does not exist.", "Create the Prompt \"greet\" in \"shop\", or name another one of this namespace")]
    [InlineData("metadata: {name: fast,", "metadata: {name: slow,", "Model \"fast\" in \"shop\" does not exist.", "Create the Model \"fast\" in \"shop\", or name another one of this namespace")]
    public void Of_SomethingMissing_IsNamedWithItsFix(string was, string now, string sentence, string fix)
    {
        var directory = DirectoryOf(World.Replace(was, now, StringComparison.Ordinal));
        var flow = directory.Find("shop", "web")!;

        var verdict = FlowVerdict.Of(flow, [], ReferenceChain.Of(flow, directory));

        Assert.Equal((sentence, fix), (verdict.Sentence, verdict.Fix?.Text));
        Assert.DoesNotContain("c2VjcmV0", verdict.Fix?.Command ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void Of_FlowSet_GoesThroughAllItsFlows()
    {
        var directory = DirectoryOf(World + """

            ---
            kind: FlowSet
            metadata: {name: pair, namespace: shop}
            spec: {image: x, flows: [{name: a, modelRef: {name: fast}, promptRefs: [{name: greet}]}, {name: b, modelRef: {name: gone}, promptRefs: [{name: greet}]}]}
            status: {conditions: [{type: Ready, status: "False", reason: MissingDependency, message: m}]}
            """);

        var chain = ReferenceChain.Of(directory.FlowSets.Store.Find("shop", "pair")!, directory);

        Assert.Equal("Secret keys, PluginConfig openai, Model fast, Prompt greet, Model gone, FlowSet pair, Pods 0/1 ready", string.Join(", ", chain.Select(link => $"{link.Kind} {link.Name}")));
        Assert.Equal("gone", chain.Single(link => link.IsFirstBroken).Name);
    }

    [Fact]
    public void Of_MalformedSpec_StillHasTheObject()
    {
        var directory = DirectoryOf("""
            kind: Flow
            metadata: {name: web, namespace: shop}
            spec: {promptRefs: 3}
            """);

        Assert.Equal(["Flow", "Pods"], ReferenceChain.Of(directory.Find("shop", "web")!, directory).Select(link => link.Kind));
    }

    internal static FlowDirectory DirectoryOf(string yaml)
    {
        var informers = new InformerFactory(new KubeClient(new KubeConnection(new Uri("http://nowhere"), new HttpClientHandler(), "default", "test")), null, TimeProvider.System, NullLoggerFactory.Instance);
        var directory = new FlowDirectory(informers);
        foreach (var manifest in TestManifests.Read(yaml))
        {
            Add(directory, manifest);
        }

        return directory;
    }

    private static void Add(FlowDirectory directory, JsonObject manifest)
    {
        switch ((string)manifest["kind"]!)
        {
            case "Flow": directory.Flows.Store.Set(new Flow(manifest)); break;
            case "FlowSet": directory.FlowSets.Store.Set(new FlowSet(manifest)); break;
            case "Model": directory.Models.Store.Set(new Model(manifest)); break;
            case "PluginConfig": directory.PluginConfigs.Store.Set(new PluginConfig(manifest)); break;
            case "Prompt": directory.Prompts.Store.Set(new Prompt(manifest)); break;
            case "Tool": directory.Tools.Store.Set(new Tool(manifest)); break;
            case "Dataset": directory.Datasets.Store.Set(new Dataset(manifest)); break;
            case "Eval": directory.Evals.Store.Set(new Eval(manifest)); break;
            case "Pod": directory.Pods.Store.Set(new KubeObject(manifest)); break;
            case "Event": directory.Events.Store.Set(new KubeObject(manifest)); break;
            default: directory.Secrets.Store.Set(new KubeObject(manifest)); break;
        }
    }
}
