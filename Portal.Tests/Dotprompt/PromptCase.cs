using Portal.Dotprompt;
using Portal.Dotprompt.Documents;
using Portal.Dotprompt.Messages;
using Portal.Dotprompt.Rendering;

namespace Portal.Tests.Dotprompt;

/// <summary>One case of a case file: a document, what it is rendered with, and what must come out.</summary>
internal sealed class PromptCase(JsonObject json, bool strict)
{
    private static readonly string[] s_metadataKeys = ["name", "variant", "version", "description", "model", "output"];

    public string Name => json["name"]!.GetValue<string>();

    public JsonObject? Expected => json["expect"] as JsonObject;

    public JsonObject? ExpectedMetadata => json["metadata"] as JsonObject;

    public DotpromptDocument Document { get; } = DotpromptDocument.Parse(json["source"]!.GetValue<string>());

    public PromptRenderer Renderer { get; } = new(new RenderEnvironment
    {
        StrictCompatibility = strict,
        Partial = name => json["partials"]?[name]?.GetValue<string>(),
        Schema = name => json["schemas"]?[name] as JsonObject,
        Tool = name => json["tools"]?[name] as JsonObject,
        ModelConfig = model => json["dotpromptOptions"]?["modelConfigs"]?[model] as JsonObject,
    });

    public RenderedPrompt Render()
    {
        var data = json["data"] as JsonObject ?? [];
        return Renderer.Render(Document, new RenderData
        {
            Input = data["input"] as JsonObject ?? [],
            InputDefaults = json["options"]?["input"]?["default"] as JsonObject ?? [],
            Messages = data["messages"].Deserialize<List<Message>>(DotpromptJson.Options) ?? [],
            Docs = data["docs"] as JsonArray ?? [],
            Context = data["context"] as JsonObject ?? [],
        });
    }

    public RenderedPrompt RenderMetadata() =>
        json["options"] is JsonObject options ? Renderer.RenderMetadata(Document, options) : Renderer.RenderMetadata(Document);

    /// <summary>The messages as JSON text, for comparison.</summary>
    public static string Messages(RenderedPrompt prompt) => JsonSerializer.Serialize(prompt.Messages, DotpromptJson.Options);

    /// <summary>Metadata in one fixed shape, whichever of its optional members are there.</summary>
    public static string Metadata(JsonObject? expected)
    {
        var result = new JsonObject
        {
            ["config"] = expected?["config"]?.DeepClone() ?? new JsonObject(),
            ["ext"] = expected?["ext"]?.DeepClone() ?? new JsonObject(),
            ["tools"] = expected?["tools"]?.DeepClone() ?? new JsonArray(),
            ["toolDefs"] = expected?["toolDefs"]?.DeepClone() ?? new JsonArray(),
        };
        foreach (var key in s_metadataKeys)
        {
            result[key] = expected?[key]?.DeepClone();
        }

        return Sorted(result)!.ToJsonString(DotpromptJson.Options);
    }

    public static string Metadata(PromptMetadata metadata) => Metadata(JsonSerializer.SerializeToNode(metadata, DotpromptJson.Options)!.AsObject());

    /// <summary>Key order of metadata says nothing.</summary>
    public static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject json => new JsonObject(json.OrderBy(member => member.Key, StringComparer.Ordinal).Select(member => KeyValuePair.Create(member.Key, Sorted(member.Value)))),
        JsonArray array => new JsonArray([.. array.Select(Sorted)]),
        _ => node?.DeepClone(),
    };
}
