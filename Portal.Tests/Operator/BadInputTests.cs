using System.Security.Cryptography;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;
using Portal.Operator.Api;

namespace Portal.Tests.Operator;

/// <summary>Names as long as they may be, bytes that are no text, namespaces that go.</summary>
public class BadInputTests(OperatorFixture fixture) : IClassFixture<OperatorFixture>
{
    private const string Background = """
        kind: Secret
        metadata: {name: keys}
        data: {OPENAI_API_KEY: c2VjcmV0}
        ---
        kind: PluginConfig
        metadata: {name: openai}
        spec: {type: openai, credentialsRef: {name: keys}}
        ---
        kind: Model
        metadata: {name: gpt}
        spec: {provider: openai, model: gpt-5, pluginConfigRef: {name: openai}}
        """;

    [Fact]
    public async Task Flow_NamesAtTheirLimit_HasItsChildren()
    {
        var space = await fixture.NewNamespaceAsync();
        var (flow, prompt, tool) = (new string('f', 63), new string('p', 200), new string('t', 200));
        await space.ApplyAsync($$$"""
            {{{Background}}}
            ---
            kind: Prompt
            metadata: {name: {{{prompt}}} }
            spec: {content: Hi.}
            ---
            kind: Tool
            metadata: {name: {{{tool}}} }
            spec: {definition: {name: a, description: b}, implementation: {http: {url: "https://a.example"} } }
            ---
            kind: Flow
            metadata: {name: {{{flow}}} }
            spec: {image: runner, modelRef: {name: gpt}, prompts: [{promptRef: {name: {{{prompt}}} } }], tools: [{name: {{{tool}}} }]}
            """);

        await space.UntilAsync("Deployment", flow, _ => true);

        Assert.True((await space.DataAsync($"{flow}-prompts")).ContainsKey($"{prompt}.prompt"));
        Assert.True((await space.DataAsync($"{flow}-tools")).ContainsKey($"{tool}.json"));
    }

    [Fact]
    public async Task FlowSet_NamesAtTheirLimit_HasItsChildren()
    {
        var space = await fixture.NewNamespaceAsync();
        var (set, flow) = (new string('s', 63), new string('f', 61));
        await space.ApplyAsync($$$"""
            {{{Background}}}
            ---
            kind: FlowSet
            metadata: {name: {{{set}}} }
            spec: {image: runner, flows: [{name: {{{flow}}}, modelRef: {name: gpt}, prompts: [{prompt: {name: p, content: Hi.}}]}]}
            """);

        await space.UntilAsync("Deployment", set, _ => true);

        Assert.NotNull(await space.FindAsync("ConfigMap", $"{set}-{flow}-prompts"));
    }

    [Theory]
    [InlineData(59, null, "Job", "-run")]
    [InlineData(52, "@daily", "CronJob", "")]
    public async Task Eval_NameAtItsLimit_HasItsChildren(int length, string? schedule, string kind, string suffix)
    {
        var space = await fixture.NewNamespaceAsync();
        var eval = new string('e', length);
        await space.ApplyAsync($$$"""
            {{{Background}}}
            ---
            kind: Flow
            metadata: {name: greeter}
            spec: {image: runner, modelRef: {name: gpt}, prompts: [{prompt: {name: p, content: Hi.}}]}
            ---
            kind: Dataset
            metadata: {name: samples}
            spec: {format: json, source: {inline: [{input: {}}]}}
            ---
            kind: Eval
            metadata: {name: {{{eval}}} }
            spec:
              schedule: "{{{schedule}}}"
              flowRef: {name: greeter}
              datasetRef: {name: samples}
              metrics: [latency]
              runnerImage: runner
              outputSink: {configMap: {name: out, key: result}}
            """);

        await space.UntilAsync(kind, eval + suffix, _ => true);
    }

    /// <summary>A Secret's value is bytes; a change of one that is no text is a change.</summary>
    [Fact]
    public async Task Secret_BinaryValue_IsHashedLikeAnyOther()
    {
        var space = await fixture.NewNamespaceAsync();
        byte[] value = [0, 255, 254, 128, 10, 0, .. SHA256.HashData("seed"u8)];
        await space.ApplyAsync($$$"""
            {{{Background}}}
            ---
            kind: Flow
            metadata: {name: greeter}
            spec: {image: runner, modelRef: {name: gpt}, prompts: [{prompt: {name: p, content: Hi.}}]}
            """);
        await space.PatchAsync("Secret", "keys", Data(value));
        var model = await space.UntilReadyIsAsync("Model", "gpt", "True", "provider=openai model=gpt-5");
        var first = HashOf(await space.UntilAsync("Deployment", "greeter", item => HashOf(item).Length > 0));
        Assert.NotNull(model);

        value[1]--;
        await space.PatchAsync("Secret", "keys", Data(value));

        await space.UntilAsync("Deployment", "greeter", item => HashOf(item) != first);
    }

    /// <summary>In a namespace that goes nothing can be made: the Flow says so, and nothing keeps the namespace.</summary>
    [Fact]
    public async Task Flow_InANamespaceThatGoes_SaysSoAndLetsItGo()
    {
        var space = await fixture.NewNamespaceAsync();
        await space.ApplyAsync(Background);
        await space.ApplyAsync("""
            kind: Flow
            metadata: {name: late, finalizers: [example.org/keep]}
            spec: {image: runner, modelRef: {name: gpt}, prompts: [{promptRef: {name: later}}]}
            """);
        await space.UntilReadyIsAsync("Flow", "late", "False", "prompt \"later\" not found");

        await space.Client.Resource(BuiltIn.Namespace).DeleteAsync(null, space.Name, null, CancellationToken.None);
        await space.UntilAsync("Flow", "late", item => item.DeletionTimestamp is not null);
        await space.PatchAsync("Flow", "late", """{"metadata":{"finalizers":null}}""");

        await space.UntilGoneAsync("Flow", "late");
        await Wait.UntilAsync(
            space.Client.Resource(BuiltIn.Namespace), null, space.Name, item => item is null, TimeSpan.FromSeconds(20), TimeProvider.System, CancellationToken.None);
    }

    private static string Data(byte[] value) => new JsonObject { ["data"] = new JsonObject { ["OPENAI_API_KEY"] = Convert.ToBase64String(value) } }.ToJsonString();

    private static string HashOf(KubeObject deployment) =>
        deployment.Json["spec"]?["template"]?["metadata"]?["annotations"]?[GenkitApi.ContentHashAnnotation]?.ToString() ?? "";
}
