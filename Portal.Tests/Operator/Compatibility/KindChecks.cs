using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;
using Portal.Operator.Api;

namespace Portal.Tests.Operator.Compatibility;

/// <summary>Checks 1 to 6: the kinds themselves, and those that make nothing.</summary>
public class KindChecks(OperatorFixture fixture) : IClassFixture<OperatorFixture>
{
    private const string Ready = """Ready:string:.status.conditions[?(@.type=="Ready")].status""";
    private const string Age = "Age:date:.metadata.creationTimestamp";

    private static readonly ResourceDefinition s_definitions =
        new("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", Namespaced: false);

    [Theory]
    [InlineData("pluginconfigs", "gpc", "Type:string:.spec.type", Ready, Age)]
    [InlineData("models", "gmd", "Provider:string:.spec.provider", "Model:string:.spec.model", Ready, Age)]
    [InlineData("prompts", "gpr", "Hash:string:.status.contentHash", Ready, Age)]
    [InlineData("tools", "gtl", "Target:string:.status.resolvedTarget", Ready, Age)]
    [InlineData("flows", "gfl", "Phase:string:.status.phase", "Available:integer:.status.availableReplicas", Ready, Age)]
    [InlineData("flowsets", "gfs", Ready, "ReadyFlows:integer:.status.readyFlows", "Total:integer:.status.totalFlows", "Available:integer:.status.availableReplicas", Age)]
    [InlineData("datasets", "gds", "Format:string:.spec.format", "Samples:integer:.status.sampleCount", Ready, Age)]
    [InlineData("evals", "gev", "Flow:string:.spec.flowRef.name", "Dataset:string:.spec.datasetRef.name", "Schedule:string:.spec.schedule",
        "Active:string:.status.activeJob", "LastRun:date:.status.lastRunTime", Ready)]
    public async Task Check01_InstalledKind_HasItsShortNameAndColumns(string plural, string shortName, params string[] columns)
    {
        var crd = await fixture.Client.Resource(s_definitions).FindAsync(null, $"{plural}.{GenkitApi.Group}", CancellationToken.None);

        Assert.Equal("True", crd!.FindCondition("Established")!.Status);
        Assert.Equal([shortName], crd.Json["spec"]!["names"]!["shortNames"]!.AsArray().Select(name => (string)name!));
        var version = Assert.Single(crd.Json["spec"]!["versions"]!.AsArray())!;
        Assert.Equal(("v1alpha1", true), ((string)version["name"]!, version["subresources"]!["status"] is not null));
        Assert.Equal(columns, version["additionalPrinterColumns"]!.AsArray().Select(column => $"{column!["name"]}:{column["type"]}:{column["jsonPath"]}"));
    }

    [Fact]
    public async Task Check02_FlowWithOnlyAnImage_GetsTheDefaults()
    {
        var space = await fixture.NewNamespaceAsync();
        await space.ApplyAsync("kind: Flow\nmetadata: {name: bare}\nspec: {image: x}");

        var spec = (await space.GetAsync("Flow", "bare")).Json["spec"]!;

        Assert.Equal(
            ("IfNotPresent", 1, 8080, "ClusterIP"), ((string?)spec["imagePullPolicy"], (int?)spec["replicas"], (int?)spec["port"], (string?)spec["serviceType"]));
    }

    [Theory]
    [InlineData("Flow", "{image: x, replicas: -1}", "spec.replicas")]
    [InlineData("Flow", "{image: x, port: 0}", "spec.port")]
    [InlineData("Flow", "{image: x, port: 70000}", "spec.port")]
    [InlineData("Flow", "{image: x, serviceType: ExternalName}", "spec.serviceType")]
    [InlineData("Flow", "{image: x, modelSpec: {provider: a, pluginConfigRef: {}}}", "spec.modelSpec.model")]
    [InlineData("Flow", "{image: x, prompts: [{prompt: {name: a}}]}", "spec.prompts[0].prompt.content")]
    [InlineData("FlowSet", "{image: x, replicas: -1, flows: [{name: a, promptRefs: [{name: p}]}]}", "spec.replicas")]
    [InlineData("FlowSet", "{image: x, flows: [{name: a, prompts: [{prompt: {name: a}}]}]}", "spec.flows[0].prompts[0].prompt.content")]
    [InlineData("FlowSet", "{flows: [{name: a, promptRefs: [{name: p}]}]}", "spec.image")]
    [InlineData("Tool", "{implementation: {http: {url: u}}}", "spec.definition")]
    [InlineData("Tool", "{definition: {}, implementation: {http: {url: u, method: HEAD}}}", "spec.implementation.http.method")]
    [InlineData("Prompt", "{content: ''}", "spec.content")]
    [InlineData("PluginConfig", "{type: a}", "spec.credentialsRef")]
    [InlineData("Eval", "{flowRef: {}, datasetRef: {}, metrics: [], runnerImage: r, outputSink: {}}", "spec.metrics")]
    [InlineData("Eval", "{flowRef: {}, datasetRef: {}, metrics: [m], runnerImage: '', outputSink: {}}", "spec.runnerImage")]
    [InlineData("Eval", "{flowRef: {}, datasetRef: {}, metrics: [m], runnerImage: r, concurrency: 0, outputSink: {}}", "spec.concurrency")]
    [InlineData("Eval", "{flowRef: {}, datasetRef: {}, metrics: [m], runnerImage: r, outputSink: {s3: {bucket: b}}}", "spec.outputSink.s3.credentialsRef")]
    public async Task Check02_SpecOutsideTheSchema_IsRefusedWithTheField(string kind, string spec, string field)
    {
        var space = await fixture.NewNamespaceAsync();

        var refusal = await Assert.ThrowsAsync<KubernetesException>(() => space.ApplyAsync($"kind: {kind}\nmetadata: {{name: bad}}\nspec: {spec}"));

        Assert.True(refusal.IsInvalid, refusal.Message);
        Assert.Contains(field, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check03_PluginConfigBeforeItsSecret_CarriesTheModelAlong()
    {
        var space = await fixture.NewNamespaceAsync();
        await space.ApplyAsync("""
            kind: PluginConfig
            metadata: {name: nosecret}
            spec: {type: a, credentialsRef: {name: nope}}
            ---
            kind: Model
            metadata: {name: m}
            spec: {provider: a, model: b, pluginConfigRef: {name: nosecret}}
            """);
        var waiting = await space.UntilReadyIsAsync("PluginConfig", "nosecret", "False", "secret \"nope\" not found");
        Assert.Equal("MissingDependency", waiting.FindCondition("Ready")!.Reason);

        await space.ApplyAsync("kind: Secret\nmetadata: {name: nope}");
        await space.UntilReadyIsAsync("PluginConfig", "nosecret", "True", "credentials secret \"nope\" present");
        await space.UntilReadyIsAsync("Model", "m", "True", "provider=a model=b");

        await space.DeleteAsync("Secret", "nope");
        await space.UntilReadyIsAsync("PluginConfig", "nosecret", "False", "secret \"nope\" not found");
        await space.UntilReadyIsAsync("Model", "m", "False", "pluginconfig \"nosecret\" is not Ready");
    }

    [Fact]
    public async Task Check04_PromptSample_HasHashAndFrontmatter()
    {
        var space = await fixture.NewNamespaceAsync();
        await space.ApplyAsync(Samples.Prompt);

        var prompt = await space.UntilReadyIsAsync("Prompt", "welcoming", "True", "prompt content parsed");

        Assert.Equal(Samples.PromptContent, (string?)prompt.Json["spec"]!["content"]);
        Assert.Equal(Samples.PromptHash, (string?)prompt.Json["status"]!["contentHash"]);
        var frontmatter = prompt.Json["status"]!["parsedFrontmatter"]!;
        Assert.Equal(
            ("anthropic/claude", 256, "string"),
            ((string?)frontmatter["model"], (int?)frontmatter["config"]!["max_tokens"], (string?)frontmatter["input"]!["schema"]!["guest"]));
    }

    [Theory]
    [InlineData("Just text.", "True", "prompt content parsed")]
    [InlineData("---\\nmodel: [open\\n---\\nText.", "True", "prompt content parsed")]
    [InlineData("  \\n\\t", "False", "spec.content is empty")]
    public async Task Check04_PromptWithoutFrontmatter_IsReadyUnlessEmpty(string content, string status, string message)
    {
        var space = await fixture.NewNamespaceAsync();
        await space.ApplyAsync($"kind: Prompt\nmetadata: {{name: p}}\nspec: {{content: \"{content}\"}}");

        var prompt = await space.UntilReadyIsAsync("Prompt", "p", status, message);

        Assert.Null(prompt.Json["status"]!["parsedFrontmatter"]);
    }

    [Fact]
    public async Task Check05_ToolSample_ResolvesAndFollowsItsFlow()
    {
        var space = await fixture.NewNamespaceAsync();
        await space.ApplyAsync(Samples.Tool + "\n---\nkind: Tool\nmetadata: {name: asks}\nspec: {definition: {name: asks}, implementation: {flowRef: {name: f}}}");
        var tool = await space.UntilReadyIsAsync("Tool", "weather", "True", "tool implementation resolved to HTTP https://weather.test/now");
        Assert.Equal("HTTP https://weather.test/now", (string?)tool.Json["status"]!["resolvedTarget"]);
        await space.UntilReadyIsAsync("Tool", "asks", "False", "flow \"f\" not found");

        await space.ApplyAsync("kind: Flow\nmetadata: {name: f}\nspec: {image: x}");
        Assert.Equal("Flow/f", (string?)(await space.UntilReadyIsAsync("Tool", "asks", "True", "tool implementation resolved to Flow/f")).Json["status"]!["resolvedTarget"]);

        await space.DeleteAsync("Flow", "f");
        Assert.Null((await space.UntilReadyIsAsync("Tool", "asks", "False", "flow \"f\" not found")).Json["status"]!["resolvedTarget"]);
    }

    [Theory]
    [InlineData("flowRef: {name: f}, http: {url: u}", "exactly one of spec.implementation.flowRef or spec.implementation.http must be set, not both")]
    [InlineData("", "spec.implementation must set exactly one of flowRef or http")]
    public async Task Check05_ToolWithBothOrNeither_IsInvalid(string implementation, string message)
    {
        var space = await fixture.NewNamespaceAsync();
        await space.ApplyAsync($"kind: Tool\nmetadata: {{name: t}}\nspec: {{definition: {{name: t}}, implementation: {{{implementation}}}}}");

        Assert.Equal("InvalidSpec", (await space.UntilReadyIsAsync("Tool", "t", "False", message)).FindCondition("Ready")!.Reason);
    }

    [Theory]
    [InlineData("format: json, source: {inline: [{input: a}, {input: b}, {input: c}]}", 3)]
    [InlineData("format: json, source: {uri: 's3://bucket/rows.json'}", -1)]
    [InlineData("format: jsonl, source: {configMapRef: {name: lines}}", 3)]
    [InlineData("format: json, source: {configMapRef: {name: one}}", 1)]
    public async Task Check06_Dataset_CountsItsSamples(string spec, long count)
    {
        var space = await fixture.NewNamespaceAsync();
        await space.ApplyAsync($"kind: Dataset\nmetadata: {{name: d}}\nspec: {{{spec}}}");
        await space.ApplyAsync("""
            kind: ConfigMap
            metadata: {name: lines}
            data: {data.json: "{\"a\":1}\n\n{\"a\":2}\n{\"a\":3}\n"}
            ---
            kind: ConfigMap
            metadata: {name: one}
            data: {data.json: "{\"a\":1}"}
            """);

        var dataset = await space.UntilReadyIsAsync("Dataset", "d", "True", $"dataset source resolved (samples={count})");

        Assert.Equal(count, (long?)dataset.Json["status"]!["sampleCount"]);
    }

    [Theory]
    [InlineData("inline: [], uri: 'https://x.test'", "spec.source must set exactly one of inline, configMapRef, or uri")]
    [InlineData("", "spec.source must set exactly one of inline, configMapRef, or uri")]
    [InlineData("configMapRef: {name: other}", "configmap \"other\" has no data.json key")]
    public async Task Check06_DatasetWithoutOneSource_IsInvalid(string source, string message)
    {
        var space = await fixture.NewNamespaceAsync();
        await space.ApplyAsync("kind: ConfigMap\nmetadata: {name: other}\ndata: {x: y}");
        await space.ApplyAsync($"kind: Dataset\nmetadata: {{name: d}}\nspec: {{format: json, source: {{{source}}}}}");

        Assert.Equal("InvalidSpec", (await space.UntilReadyIsAsync("Dataset", "d", "False", message)).FindCondition("Ready")!.Reason);
    }
}
