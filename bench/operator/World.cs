using System.Globalization;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;
using Portal.Operator.Flows;
using Portal.Operator.Models;
using Portal.Operator.PluginConfigs;
using Portal.Operator.Prompts;

namespace Portal.Operator.Bench;

/// <summary>What a user makes: Flows with a Model, a PluginConfig and a Secret each, and a Prompt they share.</summary>
internal sealed class World(Cluster cluster)
{
    private const string Shared = "shared";
    private const int Writers = 16;
    private static readonly WriteOptions s_user = new() { Manager = new FieldManager("bench-user"), Force = true };

    public static string Name(int flow) => "flow-" + flow.ToString("d5", CultureInfo.InvariantCulture);

    /// <summary>Everything the Flows refer to.</summary>
    public async Task PrepareAsync(int first, int count)
    {
        await EditPromptAsync("1");
        await EachAsync(first, count, async name =>
        {
            await ApplyAsync(BuiltIn.Secret, name, new JsonObject { ["stringData"] = new JsonObject { ["DEMO_KEY"] = name } });
            await ApplyAsync(PluginConfig.Definition, name, $$$"""{"spec":{"type":"demo","credentialsRef":{"name":"{{{name}}}"},"credentialKeys":["DEMO_KEY"]}}""");
            await ApplyAsync(Model.Definition, name, $$$"""{"spec":{"provider":"demo","model":"echo","pluginConfigRef":{"name":"{{{name}}}"},"defaultConfig":{"temperature":0.3} } }""");
        });
    }

    public Task CreateFlowsAsync(int first, int count) => EachAsync(first, count, name => ApplyAsync(Flow.Definition, name, $$$"""
        {"spec":{"image":"example.test/runner:1","modelRef":{"name":"{{{name}}}"},"prompts":[{"promptRef":{"name":"{{{Shared}}}"} }],
         "resources":{"limits":{"cpu":"500m","memory":"256Mi"},"requests":{"cpu":"50m","memory":"64Mi"}} } }
        """));

    /// <summary>Changes the Prompt that all Flows share.</summary>
    public Task EditPromptAsync(string version) => ApplyAsync(Prompt.Definition, Shared, new JsonObject
    {
        ["spec"] = new JsonObject
        {
            ["content"] = $"---\nmodel: demo/echo\ninput:\n  schema:\n    question: string\n---\nAnswer version {version} politely: {{{{question}}}}\n"
                + string.Concat(Enumerable.Repeat("Stay with the facts and say what you do not know. ", 10)),
        },
    });

    private Task ApplyAsync(ResourceDefinition kind, string name, string content) => ApplyAsync(kind, name, JsonNode.Parse(content)!.AsObject());

    private Task ApplyAsync(ResourceDefinition kind, string name, JsonObject content)
    {
        content["apiVersion"] = kind.ApiVersion;
        content["kind"] = kind.Kind;
        content["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = cluster.Namespace };
        return cluster.Client.Resource(kind).ApplyAsync(new KubeObject(content), s_user, CancellationToken.None);
    }

    private static Task EachAsync(int first, int count, Func<string, Task> make) => Parallel.ForEachAsync(
        Enumerable.Range(first, count), new ParallelOptions { MaxDegreeOfParallelism = Writers }, async (index, _) => await make(Name(index)));
}
