using Portal.Kubernetes.Objects;
using Portal.Operator.Datasets;
using Portal.Operator.Flows;
using Portal.Operator.FlowSets;
using Portal.Operator.Models;
using Portal.Operator.PluginConfigs;
using Portal.Operator.Prompts;
using Portal.Operator.Reconciliation;
using Portal.Operator.Tools;
using YamlDotNet.Serialization;

namespace Portal.Tests.Operator;

/// <summary>Objects read from YAML, found the way a store finds them.</summary>
internal sealed class TestManifests(params IEnumerable<JsonObject> manifests) : IGenkitObjects
{
    private static readonly IDeserializer s_yaml = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build();

    private readonly List<KubeObject> _objects = [.. manifests.Select(manifest => new KubeObject(manifest))];

    /// <summary>Reads the documents of <paramref name="yaml"/>, divided by <c>---</c> lines.</summary>
    public static TestManifests Parse(string yaml) => new(Read(yaml));

    public static IReadOnlyList<JsonObject> Read(string yaml) =>
        [.. yaml.Split("\n---\n").Where(text => !string.IsNullOrWhiteSpace(text)).Select(text => ToJson(s_yaml.Deserialize<object>(text))!.AsObject())];

    public Flow OnlyFlow => Flow.FromJson(_objects.Single(item => item.Kind == "Flow").Json);

    public TestManifests Without(string kind) => new(_objects.Where(item => item.Kind != kind).Select(item => item.Json));

    public TestManifests With(string yaml) => new(_objects.Select(item => item.Json).Concat(Read(yaml)));

    public T Get<T>(string name) where T : KubeObject, IKubeKind<T> => T.FromJson(Find(T.Definition.Kind, "shop", name)!.Json);

    public Prompt? FindPrompt(string? @namespace, string name) => Typed<Prompt>(@namespace, name);

    public Tool? FindTool(string? @namespace, string name) => Typed<Tool>(@namespace, name);

    public Model? FindModel(string? @namespace, string name) => Typed<Model>(@namespace, name);

    public PluginConfig? FindPluginConfig(string? @namespace, string name) => Typed<PluginConfig>(@namespace, name);

    public Flow? FindFlow(string? @namespace, string name) => Typed<Flow>(@namespace, name);

    public FlowSet? FindFlowSet(string? @namespace, string name) => Typed<FlowSet>(@namespace, name);

    public Dataset? FindDataset(string? @namespace, string name) => Typed<Dataset>(@namespace, name);

    public KubeObject? FindSecret(string? @namespace, string name) => Find("Secret", @namespace, name);

    public KubeObject? FindConfigMap(string? @namespace, string name) => Find("ConfigMap", @namespace, name);

    private T? Typed<T>(string? @namespace, string name) where T : KubeObject, IKubeKind<T> =>
        Find(T.Definition.Kind, @namespace, name) is { } found ? T.FromJson(found.Json) : null;

    private KubeObject? Find(string kind, string? @namespace, string name) =>
        _objects.FirstOrDefault(item => item.Kind == kind && item.Namespace == @namespace && item.Name == name);

    private static JsonNode? ToJson(object? value) => value switch
    {
        IDictionary<object, object> map => new JsonObject(map.Select(item => KeyValuePair.Create(item.Key.ToString()!, ToJson(item.Value)))),
        IEnumerable<object> list => new JsonArray([.. list.Select(ToJson)]),
        _ => JsonSerializer.SerializeToNode(value),
    };
}
