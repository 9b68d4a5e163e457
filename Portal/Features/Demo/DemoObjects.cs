using Portal.Kubernetes.Objects;
using Portal.Operator.Models;
using Portal.Operator.PluginConfigs;

namespace Portal.Features.Demo;

/// <summary>What a first start shows: a support desk on the built-in model, which needs no key.</summary>
internal static class DemoObjects
{
    public const string Namespace = "demo";
    public const string Flow = "support-reply";

    /// <summary>All objects, each after those it refers to.</summary>
    public static IReadOnlyList<(ResourceDefinition Kind, KubeObject Object)> All() =>
    [
        (BuiltIn.Namespace, new KubeObject(new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Namespace",
            ["metadata"] = new JsonObject { ["name"] = Namespace },
        })),
        Object(BuiltIn.Secret, "demo-credentials", "stringData", new JsonObject { ["DEMO_API_KEY"] = "the demo model needs no key" }),
        Object(PluginConfig.Definition, "demo", "spec", new JsonObject { ["type"] = "demo", ["credentialsRef"] = Reference("demo-credentials") }),
        Object(Model.Definition, "echo-stream", "spec", new JsonObject
        {
            ["provider"] = "demo",
            ["model"] = "echo-stream",
            ["pluginConfigRef"] = Reference("demo"),
        }),
        Prompt("support-reply", "Answers a customer's question in the shop's voice."),
        Prompt("summarize", "Sums up a conversation as JSON."),
        Object(Operator.Flows.Flow.Definition, Flow, "spec", new JsonObject
        {
            ["image"] = RunnerImage.Name,
            ["modelRef"] = Reference("echo-stream"),
            ["prompts"] = new JsonArray(
                new JsonObject { ["promptRef"] = Reference("support-reply") },
                new JsonObject { ["promptRef"] = Reference("summarize") }),
        }),
    ];

    private static (ResourceDefinition, KubeObject) Prompt(string name, string description) =>
        Object(Operator.Prompts.Prompt.Definition, name, "spec", new JsonObject { ["content"] = Document(name), ["description"] = description });

    private static string Document(string name)
    {
        using var stream = typeof(DemoObjects).Assembly.GetManifestResourceStream($"Portal.Features.Demo.Documents.{name}.prompt")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static (ResourceDefinition, KubeObject) Object(ResourceDefinition kind, string name, string part, JsonObject content) => (kind, new KubeObject(new JsonObject
    {
        ["apiVersion"] = kind.ApiVersion,
        ["kind"] = kind.Kind,
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = Namespace },
        [part] = content,
    }));

    private static JsonObject Reference(string name) => new() { ["name"] = name };
}
