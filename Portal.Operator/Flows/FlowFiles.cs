using System.Text.Encodings.Web;
using System.Text.Json.Serialization;
using Portal.Kubernetes.Serialization;
using Portal.Runner.Contract;

namespace Portal.Operator.Flows;

/// <summary>The files a runner of one Flow reads, by name, in ordinal order.</summary>
internal sealed record FlowFiles
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        // As deep as any object a server stores: what was accepted there must be written here.
        MaxDepth = KubernetesJson.Options.MaxDepth,
    };

    private static readonly JsonSerializerOptions s_indented = new(s_json) { WriteIndented = true, NewLine = "\n" };

    public required IReadOnlyDictionary<string, string> Prompts { get; init; }
    public required IReadOnlyDictionary<string, string> Tools { get; init; }
    public required IReadOnlyDictionary<string, string> Config { get; init; }

    /// <summary>The three sets under the words their ConfigMaps end in.</summary>
    public IEnumerable<(string Kind, IReadOnlyDictionary<string, string> Data)> ByKind =>
        [("prompts", Prompts), ("tools", Tools), ("config", Config)];

    /// <summary>All files by their paths below the flow's folder.</summary>
    /// <param name="folder">Begins each path; empty for the root.</param>
    public IEnumerable<KeyValuePair<string, string>> ByPath(string folder) =>
        Prompts.Select(file => KeyValuePair.Create($"{folder}{RuntimeLayout.PromptsDirectory}/{file.Key}", file.Value))
            .Concat(Tools.Select(file => KeyValuePair.Create($"{folder}{RuntimeLayout.ToolsDirectory}/{file.Key}", file.Value)))
            .Concat(Config.Select(file => KeyValuePair.Create($"{folder}{file.Key}", file.Value)));

    /// <param name="flowName">The flow.</param>
    /// <param name="inputs">What it refers to.</param>
    /// <param name="credentialsDir">Where its credentials are mounted; null when they are variables.</param>
    public static FlowFiles Render(string flowName, FlowInputs inputs, string? credentialsDir = null) => new()
    {
        Prompts = Sorted(inputs.Prompts.Select(prompt => (prompt.Name + RuntimeLayout.PromptExtension, prompt.Content))),
        Tools = Sorted(inputs.Tools.Select(tool => (tool.Key + ".json", OrderKeys(tool.Value).ToJsonString(s_json)))),
        Config = Sorted([(RuntimeLayout.ConfigFile, JsonSerializer.Serialize(Configuration(flowName, inputs, credentialsDir), s_indented))]),
    };

    /// <summary><c>manifest.json</c> of several flows.</summary>
    public static string Render(FlowManifest manifest) => JsonSerializer.Serialize(manifest, s_indented);

    /// <summary>Reads <c>manifest.json</c> among these files; null when it is not there or not readable.</summary>
    public static FlowManifest? ReadManifest(IReadOnlyDictionary<string, string>? files)
    {
        try
        {
            return files?.GetValueOrDefault(RuntimeLayout.ManifestFile) is { } text ? JsonSerializer.Deserialize<FlowManifest>(text, s_json) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static RuntimeConfig Configuration(string flowName, FlowInputs inputs, string? credentialsDir) => new()
    {
        DefaultModel = inputs.Model?.Model,
        Plugin = inputs.Model?.Plugin,
        CredentialsDir = credentialsDir,
        CredentialKeys = inputs.Model is { CredentialKeys: { Count: > 0 } keys } ? keys : null,
        FlowName = flowName,
        Entrypoint = inputs.Prompts.FirstOrDefault(prompt => !prompt.IsPartial)?.Name,
    };

    private static SortedDictionary<string, string> Sorted(IEnumerable<(string Name, string Content)> files) =>
        new(files.ToDictionary(file => file.Name, file => file.Content), StringComparer.Ordinal);

    /// <summary>The same JSON whatever order an author wrote the keys in.</summary>
    private static JsonNode OrderKeys(JsonNode node) => node switch
    {
        JsonObject map => new JsonObject(map.OrderBy(item => item.Key, StringComparer.Ordinal)
            .Select(item => KeyValuePair.Create(item.Key, item.Value is null ? null : OrderKeys(item.Value)))),
        JsonArray list => new JsonArray([.. list.Select(item => item is null ? null : OrderKeys(item))]),
        _ => node.DeepClone(),
    };
}
