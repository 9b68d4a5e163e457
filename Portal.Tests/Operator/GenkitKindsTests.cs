using Portal.Kubernetes.Client;
using Portal.Operator.Api;

namespace Portal.Tests.Operator;

/// <summary>The kinds that make nothing, and what the API server refuses of all of them.</summary>
public class GenkitKindsTests(OperatorFixture fixture) : IClassFixture<OperatorFixture>
{
    [Fact]
    public async Task PluginConfig_SecretComesAndGoes_CarriesTheModelAlong()
    {
        var space = await fixture.NewNamespaceAsync();
        await space.ApplyAsync("""
            kind: PluginConfig
            metadata: {name: pc}
            spec: {type: demo, credentialsRef: {name: nope}}
            ---
            kind: Model
            metadata: {name: m}
            spec: {provider: a, model: b, pluginConfigRef: {name: pc}}
            """);
        await space.UntilReadyIsAsync("PluginConfig", "pc", "False", "secret \"nope\" not found");
        await space.UntilReadyIsAsync("Model", "m", "False", "pluginconfig \"pc\" is not Ready");

        await space.ApplyAsync("""
            kind: Secret
            metadata: {name: nope}
            data: {KEY: Zm9v}
            """);
        await space.UntilReadyIsAsync("PluginConfig", "pc", "True", "credentials secret \"nope\" present");
        await space.UntilReadyIsAsync("Model", "m", "True", "provider=a model=b");

        await space.DeleteAsync("Secret", "nope");
        await space.UntilReadyIsAsync("PluginConfig", "pc", "False", "secret \"nope\" not found");
        var model = await space.UntilReadyIsAsync("Model", "m", "False", "pluginconfig \"pc\" is not Ready");

        Assert.Equal("MissingDependency", model.FindCondition("Ready")!.Reason);
        Assert.Equal(1, model.FindCondition("Ready")!.ObservedGeneration);
        Assert.Equal(1, (long?)model.Json["status"]!["observedGeneration"]);
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", (string?)model.Json["status"]!["conditions"]![0]!["lastTransitionTime"]);
    }

    [Fact]
    public async Task PluginConfig_KeyLeavesTheSecret_IsNamed()
    {
        var space = await fixture.NewNamespaceAsync();
        await space.ApplyAsync("""
            kind: Secret
            metadata: {name: s}
            data: {KEY: Zm9v}
            ---
            kind: PluginConfig
            metadata: {name: pc}
            spec: {type: demo, credentialsRef: {name: s}, credentialKeys: [KEY]}
            """);
        await space.UntilReadyIsAsync("PluginConfig", "pc", "True", "credentials secret \"s\" present");

        await space.PatchAsync("Secret", "s", """{"data":{"KEY":null,"OTHER":"Zm9v"}}""");

        await space.UntilReadyIsAsync("PluginConfig", "pc", "False", "secret \"s\" has no key \"KEY\"");
    }

    [Fact]
    public async Task Prompt_EditedFromGoodToBrokenToEmpty_SaysSoEachTime()
    {
        var space = await fixture.NewNamespaceAsync();
        await space.ApplyAsync("""
            kind: Prompt
            metadata: {name: p}
            spec: {content: "---\nmodel: demo/echo\nconfig: {topK: null, nested: {a: null, b: 1}}\n---\nHi {{name}}."}
            """);
        var good = await space.UntilReadyIsAsync("Prompt", "p", "True", "prompt content parsed");
        Assert.Equal("demo/echo", (string?)good.Json["status"]!["parsedFrontmatter"]!["model"]);
        Assert.Equal("True", good.FindCondition(ConditionTypes.Valid)!.Status);

        await space.PatchAsync("Prompt", "p", """{"spec":{"content":"---\nmodel: demo/echo\n---\nHi {{#if name}}"}}""");
        var broken = await space.UntilAsync("Prompt", "p", item => item.FindCondition(ConditionTypes.Valid)!.Status == "False");
        Assert.Equal("True", broken.FindCondition("Ready")!.Status);
        Assert.StartsWith("line 4, column 4: ", broken.FindCondition(ConditionTypes.Valid)!.Message, StringComparison.Ordinal);

        await space.PatchAsync("Prompt", "p", """{"spec":{"content":"  \n"}}""");
        var empty = await space.UntilReadyIsAsync("Prompt", "p", "False", "spec.content is empty");
        Assert.Null(empty.Json["status"]!["contentHash"]);
        Assert.Null(empty.FindCondition(ConditionTypes.Valid));
    }

    [Fact]
    public async Task Tool_FlowComesAndGoes_Follows()
    {
        var space = await fixture.NewNamespaceAsync();
        await space.ApplyAsync("""
            kind: Tool
            metadata: {name: t}
            spec: {definition: {name: t}, implementation: {flowRef: {name: f}}}
            """);
        await space.UntilReadyIsAsync("Tool", "t", "False", "flow \"f\" not found");

        await space.ApplyAsync("""
            kind: Flow
            metadata: {name: f}
            spec: {image: x}
            """);
        var ready = await space.UntilReadyIsAsync("Tool", "t", "True", "tool implementation resolved to Flow/f");
        Assert.Equal("Flow/f", (string?)ready.Json["status"]!["resolvedTarget"]);

        await space.DeleteAsync("Flow", "f");
        var gone = await space.UntilReadyIsAsync("Tool", "t", "False", "flow \"f\" not found");
        Assert.Null(gone.Json["status"]!["resolvedTarget"]);
    }

    [Theory]
    [InlineData("Flow", "{replicas: -1}", "spec.replicas")]
    [InlineData("Flow", "{port: 0}", "spec.port")]
    [InlineData("Flow", "{port: 70000}", "spec.port")]
    [InlineData("Flow", "{serviceType: ExternalName}", "spec.serviceType")]
    [InlineData("Flow", "{modelSpec: {provider: a, pluginConfigRef: {}}}", "spec.modelSpec.model")]
    [InlineData("Flow", "{prompts: [{prompt: {name: a}}]}", "spec.prompts[0].prompt.content")]
    [InlineData("Tool", "{implementation: {http: {url: u}}}", "spec.definition")]
    [InlineData("Tool", "{definition: {}, implementation: {http: {url: u, method: HEAD}}}", "spec.implementation.http.method")]
    [InlineData("Prompt", "{content: ''}", "spec.content")]
    [InlineData("PluginConfig", "{type: a}", "spec.credentialsRef")]
    public async Task Apply_SpecBreaksTheSchema_IsRefusedWithTheField(string kind, string spec, string field)
    {
        var space = await fixture.NewNamespaceAsync();

        var refusal = await Assert.ThrowsAsync<KubernetesException>(() => space.ApplyAsync($"kind: {kind}\nmetadata: {{name: bad}}\nspec: {spec}"));

        Assert.True(refusal.IsInvalid, refusal.Message);
        Assert.Contains(field, refusal.Message, StringComparison.Ordinal);
    }
}
