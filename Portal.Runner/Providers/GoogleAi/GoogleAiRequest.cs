using System.Collections.Frozen;
using Portal.Dotprompt;
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

    /// <param name="request">What is asked.</param>
    /// <param name="provider">Who is asked, for error messages.</param>
    public static JsonObject Build(ModelRequest request, string provider)
    {
        var contents = new JsonArray([.. request.Messages.Where(static message => message.Role != "system").Select(ContentOf).OfType<JsonNode>()]);
        if (contents.Count == 0)
        {
            throw new GenkitException(GenkitStatus.InvalidArgument, $"The prompt renders no user message, and {provider} needs one: add {{{{role \"user\"}}}}.");
        }

        var body = new JsonObject { ["contents"] = contents };
        var system = new JsonArray([.. request.Messages.Where(static message => message.Role == "system")
            .Select(static message => message.Text.Trim()).Where(static text => text.Length > 0).Select(TextOf)]);
        if (system.Count > 0)
        {
            body["systemInstruction"] = new JsonObject { ["parts"] = system };
        }

        AddTools(body, request);
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

        // Most models refuse to be bound to JSON while they may call tools, and are asked in words.
        var canBind = request.Tools.Count == 0;
        if (canBind)
        {
            settings.TryAdd("responseMimeType", "application/json");
        }

        if (settings.ContainsKey("responseSchema") || settings.ContainsKey("responseJsonSchema"))
        {
            return;
        }

        if (canBind && request.OutputSchema is { } schema && GoogleAiSchema.From(schema) is { } converted)
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

    private static void AddTools(JsonObject body, ModelRequest request)
    {
        if (request.Tools.Count == 0)
        {
            return;
        }

        body["tools"] = new JsonArray(new JsonObject { ["functionDeclarations"] = new JsonArray([.. request.Tools.Select(DeclarationOf)]) });
        if (request.ToolChoice is { } choice)
        {
            var mode = choice switch { "required" => "ANY", "none" => "NONE", _ => "AUTO" };
            body["toolConfig"] = new JsonObject { ["functionCallingConfig"] = new JsonObject { ["mode"] = mode } };
        }
    }

    private static JsonObject DeclarationOf(ToolDefinition tool)
    {
        var declaration = new JsonObject { ["name"] = tool.Name, ["description"] = tool.Description };
        if (tool.InputSchema is not { } schema)
        {
            return declaration; // no parameters at all: an object of nothing is refused
        }

        if (GoogleAiSchema.From(schema) is { } parameters)
        {
            declaration["parameters"] = parameters;
        }
        else if (schema.Any(static rule => rule.Key is not ("$schema" or "type" or "properties" or "required" or "additionalProperties")) || schema["properties"] is JsonObject { Count: > 0 })
        {
            var written = (JsonObject)schema.DeepClone();
            written.Remove("$schema");
            declaration["parametersJsonSchema"] = written;
        }

        return declaration;
    }

    private static JsonObject? ContentOf(Message message)
    {
        JsonNode[] parts = [.. message.Content.Select(SealedPartOf).OfType<JsonNode>()];
        return parts.Length == 0 ? null : new JsonObject { ["role"] = message.Role == "model" ? "model" : "user", ["parts"] = new JsonArray(parts) };
    }

    /// <summary>What the model said goes back with its seal, at the part that it came with.</summary>
    private static JsonObject? SealedPartOf(Part part)
    {
        var signature = ThoughtSignature.Of(part);
        var written = PartOf(part) ?? (signature is null || part is ReasoningPart ? null : TextOf(""));
        if (written is not null && signature is not null)
        {
            written["thoughtSignature"] = signature;
        }

        return written;
    }

    private static JsonObject? PartOf(Part part) => part switch
    {
        TextPart text => text.Text.Length == 0 ? null : TextOf(text.Text),
        DataPart data => TextOf(data.Data?.ToJsonString(DotpromptJson.Options) ?? "null"),
        MediaPart media => MediaOf(media),
        ToolRequestPart call => CallOf("functionCall", call.Name, call.Ref, "args", ToolOutput.ObjectOf(call.Input ?? new JsonObject())),
        ToolResponsePart response => CallOf("functionResponse", response.Name, response.Ref, "response", ToolOutput.ObjectOf(response.Output)),
        _ => null,
    };

    private static JsonObject CallOf(string kind, string name, string? id, string member, JsonObject value)
    {
        var call = new JsonObject { ["name"] = name, [member] = value };
        if (!string.IsNullOrEmpty(id) && !ToolRefs.IsMadeUp(id))
        {
            call["id"] = id;
        }

        return new JsonObject { [kind] = call };
    }

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
