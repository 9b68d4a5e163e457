using System.Text.Json.Serialization;

namespace Portal.Dotprompt.Messages;

/// <summary>Reads and writes parts by their one discriminating key, as in Genkit's data model.</summary>
internal sealed class PartJsonConverter : JsonConverter<Part>
{
    public override bool CanConvert(Type typeToConvert) => typeof(Part).IsAssignableFrom(typeToConvert);

    public override Part Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var node = JsonNode.Parse(ref reader) as JsonObject ?? throw new JsonException("A part must be a JSON object.");
        Part part;
        try
        {
            part = ReadContent(node) with { Metadata = Optional<JsonObject>(node, "metadata") };
        }
        catch (ArgumentException exception)
        {
            // JsonObject finds duplicate keys only when it is first looked into.
            throw new JsonException("A part has a key twice.", exception);
        }

        return typeToConvert.IsInstanceOfType(part) ? part : throw new JsonException($"A part of another kind than {typeToConvert.Name}.");
    }

    public override void Write(Utf8JsonWriter writer, Part value, JsonSerializerOptions options) => ToJson(value).WriteTo(writer, options);

    private static JsonObject ToJson(Part part)
    {
        var json = part switch
        {
            TextPart text => new JsonObject { ["text"] = text.Text },
            MediaPart media => new JsonObject { ["media"] = Compact(("url", media.Url), ("contentType", media.ContentType)) },
            ToolRequestPart request => new JsonObject { ["toolRequest"] = Compact(("name", request.Name), ("ref", request.Ref), ("input", request.Input?.DeepClone())) },
            ToolResponsePart response => new JsonObject { ["toolResponse"] = Compact(("name", response.Name), ("ref", response.Ref), ("output", response.Output?.DeepClone())) },
            ReasoningPart reasoning => new JsonObject { ["reasoning"] = reasoning.Text },
            DataPart data => new JsonObject { ["data"] = data.Data?.DeepClone() },
            CustomPart custom => new JsonObject { ["custom"] = custom.Custom.DeepClone() },
            _ => [],
        };
        if (part.Metadata is not null)
        {
            json["metadata"] = part.Metadata.DeepClone();
        }

        return json;
    }

    private static Part ReadContent(JsonObject part)
    {
        if (part.ContainsKey("text"))
        {
            return new TextPart(Text(part, "text"));
        }

        if (part["media"] is { } media)
        {
            var value = Object(media, "media");
            return new MediaPart(Text(value, "url"), OptionalText(value, "contentType"));
        }

        if (part["toolRequest"] is { } toolRequest)
        {
            var value = Object(toolRequest, "toolRequest");
            return new ToolRequestPart(Text(value, "name"), OptionalText(value, "ref"), value["input"]?.DeepClone());
        }

        if (part["toolResponse"] is { } toolResponse)
        {
            var value = Object(toolResponse, "toolResponse");
            return new ToolResponsePart(Text(value, "name"), OptionalText(value, "ref"), value["output"]?.DeepClone());
        }

        if (part.ContainsKey("reasoning"))
        {
            return new ReasoningPart(Text(part, "reasoning"));
        }

        if (part["custom"] is { } custom)
        {
            return new CustomPart((JsonObject)Object(custom, "custom").DeepClone());
        }

        return part.TryGetPropertyValue("data", out var data) ? new DataPart(data?.DeepClone())
            : part["metadata"] is JsonObject ? new PendingPart()
            : throw new JsonException("A part needs one of text, media, toolRequest, toolResponse, reasoning, data, custom.");
    }

    private static JsonObject Compact(params ReadOnlySpan<(string Name, JsonNode? Value)> members)
    {
        var result = new JsonObject();
        foreach (var (name, value) in members)
        {
            if (value is not null)
            {
                result[name] = value;
            }
        }

        return result;
    }

    private static JsonObject Object(JsonNode node, string name) =>
        node as JsonObject ?? throw new JsonException($"A part's '{name}' must be an object.");

    private static T? Optional<T>(JsonObject owner, string name) where T : JsonNode =>
        owner[name] is not { } node ? null : node.DeepClone() as T ?? throw new JsonException($"A part's '{name}' must be an object.");

    private static string Text(JsonObject owner, string name) =>
        OptionalText(owner, name) ?? throw new JsonException($"A part's '{name}' must be a text.");

    private static string? OptionalText(JsonObject owner, string name) =>
        owner[name] switch
        {
            null => null,
            JsonValue value when value.TryGetValue<string>(out var text) => text,
            _ => throw new JsonException($"A part's '{name}' must be a text."),
        };
}
