using Portal.Operator.Api;

namespace Portal.Tests.Operator;

/// <summary>The kinds that make nothing.</summary>
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
}
