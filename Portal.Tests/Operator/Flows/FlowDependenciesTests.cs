using Portal.Operator.Flows;

namespace Portal.Tests.Operator.Flows;

public class FlowDependenciesTests
{
    /// <summary>Everything the flow specs below may refer to; a case takes one kind away.</summary>
    private const string World = """
        kind: Prompt
        metadata: {name: p, namespace: shop}
        spec: {content: Hello.}
        ---
        kind: Tool
        metadata: {name: t, namespace: shop}
        spec: {definition: {name: t}, implementation: {http: {url: "http://t"}}}
        ---
        kind: Tool
        metadata: {name: text, namespace: shop}
        spec: {definition: hello, implementation: {http: {url: "http://t"}}}
        ---
        kind: Model
        metadata: {name: m, namespace: shop}
        spec: {provider: demo, model: echo, pluginConfigRef: {name: pc}}
        ---
        kind: PluginConfig
        metadata: {name: pc, namespace: shop}
        spec: {type: demo, credentialsRef: {name: s}}
        ---
        kind: Secret
        metadata: {name: s, namespace: shop}
        ---
        kind: Prompt
        metadata: {name: elsewhere, namespace: other}
        spec: {content: Hello.}
        """;

    private const string Whole = "prompts: [{promptRef: {name: p}}], tools: [{name: t}], modelRef: {name: m}";
    private const string Inline = "modelSpec: {provider: demo, model: echo, pluginConfigRef: {name: pc}}";

    [Theory]
    [InlineData("Prompt", Whole, "MissingDependency", "prompt \"p\" not found")]
    [InlineData("Tool", Whole, "MissingDependency", "tool \"t\" not found")]
    [InlineData("Model", Whole, "MissingDependency", "model \"m\" not found")]
    [InlineData("PluginConfig", Whole, "MissingDependency", "pluginconfig \"pc\" not found (referenced by model \"m\")")]
    [InlineData("PluginConfig", Inline, "MissingDependency", "pluginconfig \"pc\" not found (referenced by inline modelSpec)")]
    [InlineData("Secret", Whole, "MissingDependency", "secret \"s\" not found (referenced by pluginconfig \"pc\")")]
    [InlineData("Secret", Inline, "MissingDependency", "secret \"s\" not found (referenced by pluginconfig \"pc\")")]
    [InlineData("", "prompts: [{promptRef: {name: elsewhere}}]", "MissingDependency", "prompt \"elsewhere\" not found")]
    [InlineData("", "prompts: [{name: gone}]", "MissingDependency", "prompt \"gone\" not found")]
    [InlineData("", "promptRefs: [{name: gone}]", "MissingDependency", "prompt \"gone\" not found")]
    [InlineData("", "toolRefs: [{name: gone}]", "MissingDependency", "tool \"gone\" not found")]
    [InlineData("", "prompts: [{}]", "InvalidSpec", "prompt source has neither promptRef nor prompt set")]
    [InlineData("", "modelRef: {name: m}, " + Inline, "InvalidSpec", "modelRef and modelSpec are mutually exclusive")]
    [InlineData("", "tools: [{name: text}]", "InvalidSpec", "tool \"text\": invalid definition JSON: not an object")]
    [InlineData("", "prompts: [{promptRef: {name: p}}, {prompt: {name: p, content: Other.}}]", "InvalidSpec",
        "prompt \"p\" is given twice with different content; rename one of them")]
    [InlineData("", "modelSpec: {provider: demo, model: echo, pluginConfigRef: {name: pc}, defaultConfig: [1]}", "InvalidSpec",
        "spec.modelSpec.defaultConfig must be a JSON object")]
    [InlineData("", "tools: [{name: gone}], prompts: [{name: gone}], modelRef: {name: gone}", "MissingDependency", "prompt \"gone\" not found")]
    [InlineData("", "modelRef: {name: gone}, tools: [{name: gone}]", "MissingDependency", "tool \"gone\" not found")]
    public void Resolve_SomethingIsWrong_SaysWhatComesFirst(string missing, string spec, string reason, string message)
    {
        var (inputs, problem) = FlowDependencies.Resolve(FlowOf(spec), TestManifests.Parse(World).Without(missing));

        Assert.Null(inputs);
        Assert.Equal((reason, message), (problem?.Reason, problem?.Message));
    }

    [Fact]
    public void Resolve_PromptRefAndPromptTogether_TakesTheReference()
    {
        var inputs = Resolved("prompts: [{promptRef: {name: p}, prompt: {name: q, content: Other.}}]");

        Assert.Equal([new PromptSource("p", "Hello.")], inputs.Prompts);
    }

    [Fact]
    public void Resolve_PromptRefUnderANameOfAPartial_IsAPartial()
    {
        var inputs = Resolved("prompts: [{prompt: {name: q, content: '{{> greeting}}'}}, {promptRef: {name: p}, name: _greeting}, {promptRef: {name: p}, name: ignored}]");

        Assert.Equal([("q", false), ("_greeting", true), ("p", false)], inputs.Prompts.Select(prompt => (prompt.Name, prompt.IsPartial)));
        Assert.Equal("Hello.", inputs.Prompts[1].Content);
    }

    [Fact]
    public void Resolve_SamePromptInBothLists_TakesItOnceInFirstPlace()
    {
        var inputs = Resolved("prompts: [{prompt: {name: q, content: Q.}}, {name: p}], promptRefs: [{name: p}]");

        Assert.Equal(["q", "p"], inputs.Prompts.Select(prompt => prompt.Name));
    }

    [Fact]
    public void Resolve_NoModel_IsAllowed() => Assert.Null(Resolved("prompts: [{name: p}]").Model);

    [Fact]
    public void Resolve_ReferencedObjectsAreNotReady_StillResolves()
    {
        var objects = TestManifests.Parse(World).Without("Prompt").With("""
            kind: Prompt
            metadata: {name: p, namespace: shop}
            spec: {content: "  "}
            status: {conditions: [{type: Ready, status: "False", reason: InvalidSpec, message: m}]}
            """);

        Assert.NotNull(FlowDependencies.Resolve(FlowOf(Whole), objects).Inputs);
    }

    [Fact]
    public void Resolve_VariablesFromOtherObjects_TakesTheValuesThereAre()
    {
        const string Spec = """
            env: [
              {name: A, valueFrom: {secretKeyRef: {name: vars, key: a}}},
              {name: B, valueFrom: {configMapKeyRef: {name: settings, key: b}}},
              {name: C, valueFrom: {secretKeyRef: {name: vars, key: gone}}},
              {name: D, valueFrom: {secretKeyRef: {name: gone, key: d}}},
              {name: E, valueFrom: {fieldRef: {fieldPath: metadata.name}}},
              {name: F, value: f}]
            """;
        var objects = TestManifests.Parse(World).With("""
            kind: Secret
            metadata: {name: vars, namespace: shop}
            data: {a: Zm9v}
            ---
            kind: ConfigMap
            metadata: {name: settings, namespace: shop}
            data: {b: two}
            """);

        var inputs = FlowDependencies.Resolve(FlowOf(Spec), objects).Inputs;

        Assert.Equal([KeyValuePair.Create("env/secret/vars/a", "Zm9v"), KeyValuePair.Create("env/configmap/settings/b", "two")], inputs?.Variables);
    }

    private static FlowInputs Resolved(string spec)
    {
        var (inputs, problem) = FlowDependencies.Resolve(FlowOf(spec), TestManifests.Parse(World));
        Assert.Null(problem);
        return inputs!;
    }

    private static Flow FlowOf(string spec) => Flow.FromJson(TestManifests.Read($$"""
        metadata: {name: f, namespace: shop, uid: u}
        spec: { {{spec}} }
        """)[0]);

    [Theory]
    [InlineData("Hi {{>one}}", "1 {{>two}}", "2 {{>one}}", "prompt \"hi\": The partial 'one' calls itself without end: one → two → one")]
    [InlineData("Hi {{>one}}", "1 {{>two}}", "2 {{#if more}}{{>one}}{{/if}}", null)]
    [InlineData("Hi", "1 {{>two}}", "2 {{>one}}", null)]
    public void Resolve_PartialsThatCallEachOther_AreAFaultOfThePromptThatCallsThem(string prompt, string one, string two, string? expected)
    {
        var inputs = Resolved($"prompts: [{{prompt: {{name: hi, content: '{prompt}'}}}}, {{prompt: {{name: _one, content: '{one}'}}}}, {{prompt: {{name: _two, content: '{two}'}}}}]");

        Assert.Equal(expected, inputs.Faults.SingleOrDefault()?.Message);
    }
}
