namespace Portal.Tests.Operator.Compatibility;

/// <summary>One manifest of each kind, as someone who comes from the Go operator has them. They converge in any order.</summary>
internal static class Samples
{
    public const string Dataset = """
        kind: Dataset
        metadata: {name: welcome-set}
        spec:
          format: json
          source:
            inline:
              - {input: {guest: Mira}, reference: Welcome Mira}
              - {input: {guest: Tove}, reference: Good evening Tove}
              - {input: {guest: Noor}, reference: Hello Noor}
        """;

    public const string Eval = """
        kind: Eval
        metadata: {name: welcome-nightly}
        spec:
          flowRef: {name: welcome}
          datasetRef: {name: welcome-set}
          metrics: [faithfulness, correctness]
          schedule: "0 2 * * *"
          concurrency: 2
          runnerImage: registry.test/eval:1
          outputSink: {configMap: {name: welcome-results, key: result.json}}
        """;

    public const string PromptContent = "---\nmodel: anthropic/claude\nconfig:\n  max_tokens: 256\ninput:\n  schema:\n    guest: string\n---\nWelcome {{guest}} in one short sentence.\n";

    /// <summary>Of <see cref="PromptContent"/>, as <c>sha256sum</c> says it.</summary>
    public const string PromptHash = "b4c5708e52a79856826d75f823410e23d24b8f9c478cc8f34ad98c1a5a7b39e7";

    public const string Flow = """
        kind: Flow
        metadata: {name: welcome}
        spec:
          image: registry.test/runner:1
          replicas: 1
          port: 8080
          serviceType: ClusterIP
          modelSpec:
            provider: anthropic
            model: claude
            pluginConfigRef: {name: anthropic}
            defaultConfig: {temperature: 0.3, maxOutputTokens: 1024}
          prompts:
            - prompt:
                name: welcoming
                content: "---\nmodel: anthropic/claude\ninput:\n  schema:\n    guest: string\n---\nWelcome <{{guest}}> & friends, „warmly“.\n"
        """;

    public const string FlowSet = """
        kind: FlowSet
        metadata: {name: welcome-suite}
        spec:
          image: registry.test/runner:1
          flows:
            - name: en
              modelRef: {name: claude}
              prompts: [{promptRef: {name: welcoming}}]
            - name: sv
              modelSpec: {provider: anthropic, model: claude, pluginConfigRef: {name: anthropic}}
              prompts: [{prompt: {name: hej, content: "Hej {{guest}}"}}]
        """;

    public const string Model = """
        kind: Model
        metadata: {name: claude}
        spec:
          provider: anthropic
          model: claude
          pluginConfigRef: {name: anthropic}
          info: {label: Claude, stage: featured, supports: {multiturn: true, media: true, tools: true, systemRole: true}}
          defaultConfig: {temperature: 0.3, top_p: 0.9, max_tokens: 1024}
        """;

    public const string PluginConfig = """
        kind: Secret
        metadata: {name: anthropic-credentials}
        data: {ANTHROPIC_API_KEY: cmVwbGFjZS1tZQ==}
        ---
        kind: PluginConfig
        metadata: {name: anthropic}
        spec: {type: anthropic, credentialsRef: {name: anthropic-credentials}, credentialKeys: [ANTHROPIC_API_KEY]}
        """;

    public const string Prompt = """
        kind: Prompt
        metadata: {name: welcoming}
        spec:
          description: Welcomes a guest.
          content: "---\nmodel: anthropic/claude\nconfig:\n  max_tokens: 256\ninput:\n  schema:\n    guest: string\n---\nWelcome {{guest}} in one short sentence.\n"
        """;

    public const string Tool = """
        kind: Tool
        metadata: {name: weather}
        spec:
          definition:
            name: weather
            description: The weather of a city.
            inputSchema: {type: object, properties: {city: {type: string}}, required: [city]}
            outputSchema: {type: object, properties: {degrees: {type: number}}}
          implementation: {http: {url: "https://weather.test/now", method: POST}}
        """;

    /// <summary>In the order of their file names, which is not that of their references.</summary>
    public static IReadOnlyList<string> InFileOrder { get; } = [Dataset, Eval, Flow, FlowSet, Model, PluginConfig, Prompt, Tool];
}
