using System.Collections.Frozen;
using Portal.Dotprompt.Messages;
using Portal.Runner.Engine;
using Portal.Runner.Providers.Http;

namespace Portal.Runner.Providers.GoogleAi;

/// <summary>Builds path and body of a <c>generateContent</c> request: https://ai.google.dev/api/generate-content.</summary>
internal static class GoogleAiRequest
{
    private const string Settings = "generationConfig";

    // The common names are Google's own.
    private static readonly FrozenDictionary<string, string> s_names = FrozenDictionary<string, string>.Empty;

    private static readonly NestedSettings s_nested = new(
        Settings, new[] { "cachedContent", "labels", "safetySettings", "systemInstruction", "toolConfig", "tools" }.ToFrozenSet(StringComparer.Ordinal));

    /// <summary>The model may be written with the kind of its resource: <c>models/…</c>, <c>tunedModels/…</c>.</summary>
    public static string PathOf(ModelRequest request)
    {
        var model = string.Join('/', request.Model.Split('/').Select(UrlPath.Segment));
        return $"/v1beta/{(model.Contains('/', StringComparison.Ordinal) ? "" : "models/")}{model}:{(request.Stream ? "streamGenerateContent?alt=sse" : "generateContent")}";
    }

    public static JsonObject Build(ModelRequest request)
    {
        var contents = new JsonArray([.. request.Messages.Where(static message => message.Role != "system").Select(ContentOf).OfType<JsonNode>()]);
        if (contents.Count == 0)
        {
            throw new GenkitException(GenkitStatus.InvalidArgument, "The prompt renders no user message, and googleai needs one: add {{role \"user\"}}.");
        }

        var body = new JsonObject { ["contents"] = contents };
        var system = new JsonArray([.. request.Messages.Where(static message => message.Role == "system")
            .Select(static message => message.Text.Trim()).Where(static text => text.Length > 0).Select(TextOf)]);
        if (system.Count > 0)
        {
            body["systemInstruction"] = new JsonObject { ["parts"] = system };
        }

        NativeConfig.Write(body, request.Config, s_names, s_nested);
        if (request.OutputFormat == "json")
        {
            AskForJson(body, request);
        }

        return body;
    }

    private static void AskForJson(JsonObject body, ModelRequest request)
    {
        if (body[Settings] is not JsonObject settings)
        {
            body[Settings] = settings = [];
        }

        settings.TryAdd("responseMimeType", "application/json");
        if (settings.ContainsKey("responseSchema") || settings.ContainsKey("responseJsonSchema"))
        {
            return;
        }

        if (request.OutputSchema is { } schema && GoogleAiSchema.From(schema) is { } converted)
        {
            settings["responseSchema"] = converted;
        }
        else if (!OutputInstructions.Present(request.Messages))
        {
            var instruction = TextOf(OutputInstructions.ForJson(request.OutputSchema));
            if (body["systemInstruction"].Member("parts") is JsonArray parts)
            {
                parts.Add(instruction);
            }
            else
            {
                body["systemInstruction"] = new JsonObject { ["parts"] = new JsonArray(instruction) };
            }
        }
    }

    private static JsonObject? ContentOf(Message message)
    {
        var role = message.Role switch
        {
            "tool" => throw new GenkitException(GenkitStatus.Unimplemented, "The conversation holds tool messages, which this runner does not send."),
            "model" => "model",
            _ => "user",
        };
        var parts = message.Content.Select(PartOf).OfType<JsonNode>().ToArray();
        return parts.Length == 0 ? null : new JsonObject { ["role"] = role, ["parts"] = new JsonArray(parts) };
    }

    private static JsonObject? PartOf(Part part) => part switch
    {
        TextPart text => text.Text.Length == 0 ? null : TextOf(text.Text),
        DataPart data => TextOf(data.Data?.ToJsonString() ?? "null"),
        MediaPart media => MediaOf(media),
        ToolRequestPart or ToolResponsePart =>
            throw new GenkitException(GenkitStatus.Unimplemented, "The conversation holds tool calls, which this runner does not send."),
        _ => null,
    };

    private static JsonObject TextOf(string text) => new() { ["text"] = text };

    private static JsonObject MediaOf(MediaPart media)
    {
        if (InlineMedia.Of(media) is { } inline)
        {
            return new JsonObject { ["inlineData"] = new JsonObject { ["mimeType"] = inline.Type, ["data"] = inline.Data } };
        }

        var file = new JsonObject { ["fileUri"] = media.Url };
        if (media.ContentType is not null)
        {
            file["mimeType"] = media.ContentType;
        }

        return new JsonObject { ["fileData"] = file };
    }
}
