using Portal.Dotprompt;
using Portal.Dotprompt.Messages;
using Portal.Runner.Engine;
using Portal.Runner.Providers.Http;

namespace Portal.Runner.Providers.Anthropic;

/// <summary>Builds the body of a message request.</summary>
internal static class AnthropicRequest
{
    private const int DefaultMaxTokens = 4096;

    private static readonly Dictionary<string, string> s_names = new(StringComparer.Ordinal)
    {
        ["maxOutputTokens"] = "max_tokens",
        ["topP"] = "top_p",
        ["topK"] = "top_k",
        ["stopSequences"] = "stop_sequences",
    };

    public static JsonObject Build(ModelRequest request)
    {
        var messages = Turns.Of(request.Messages, PartOf);
        if (messages.Count == 0)
        {
            throw new GenkitException(GenkitStatus.InvalidArgument, "The prompt renders no user message, and anthropic needs one: add {{role \"user\"}}.");
        }

        var body = new JsonObject { ["model"] = request.Model, ["messages"] = messages, ["stream"] = request.Stream };
        var system = string.Join("\n\n", SystemTexts.Of(request));
        if (system.Length > 0)
        {
            body["system"] = system;
        }

        AddTools(body, request);
        NativeConfig.Write(body, request.Config, s_names);
        body.TryAdd("max_tokens", DefaultMaxTokens);
        return body;
    }

    private static void AddTools(JsonObject body, ModelRequest request)
    {
        if (request.Tools.Count == 0)
        {
            return;
        }

        body["tools"] = new JsonArray([.. request.Tools.Select(static tool => new JsonObject
        {
            ["name"] = tool.Name,
            ["description"] = tool.Description,
            ["input_schema"] = tool.InputSchema?.DeepClone() ?? new JsonObject { ["type"] = "object", ["properties"] = new JsonObject() },
        })]);
        if (request.ToolChoice is { } choice)
        {
            body["tool_choice"] = new JsonObject { ["type"] = choice == "required" ? "any" : choice };
        }
    }

    private static JsonObject? PartOf(Part part) => part switch
    {
        // The API refuses text blocks of nothing but whitespace.
        TextPart text => string.IsNullOrWhiteSpace(text.Text) ? null : new JsonObject { ["type"] = "text", ["text"] = text.Text },
        DataPart data => new JsonObject { ["type"] = "text", ["text"] = data.Data?.ToJsonString(DotpromptJson.Options) ?? "null" },
        MediaPart media => MediaOf(media),
        ToolRequestPart call => new JsonObject { ["type"] = "tool_use", ["id"] = call.Ref, ["name"] = call.Name, ["input"] = ToolOutput.ObjectOf(call.Input ?? new JsonObject()) },
        ToolResponsePart response => ResultOf(response),
        ReasoningPart reasoning => ThinkingOf(reasoning),
        _ => null,
    };

    private static JsonObject ResultOf(ToolResponsePart response)
    {
        var result = new JsonObject { ["type"] = "tool_result", ["tool_use_id"] = response.Ref, ["content"] = ToolOutput.TextOf(response.Output) };
        if (ToolOutput.IsError(response))
        {
            result["is_error"] = true;
        }

        return result;
    }

    /// <summary>Thoughts go back only with the seal that says whose they are; the API refuses others.</summary>
    private static JsonObject? ThinkingOf(ReasoningPart reasoning) =>
        ThoughtSignature.HiddenOf(reasoning) is { } hidden ? new JsonObject { ["type"] = "redacted_thinking", ["data"] = hidden }
        : ThoughtSignature.Of(reasoning) is { } signature ? new JsonObject { ["type"] = "thinking", ["thinking"] = reasoning.Text, ["signature"] = signature }
        : null;

    private static JsonObject MediaOf(MediaPart media)
    {
        var inline = InlineMedia.Of(media);
        var type = inline?.Type ?? media.ContentType;
        var isDocument = string.Equals(type, "application/pdf", StringComparison.OrdinalIgnoreCase);
        if (type is not null && !isDocument && !type.StartsWith("image/", StringComparison.OrdinalIgnoreCase))
        {
            throw new GenkitException(GenkitStatus.Unimplemented, $"Media of type \"{type}\" cannot be sent to anthropic; images and PDF can.");
        }

        var source = inline is null
            ? new JsonObject { ["type"] = "url", ["url"] = media.Url }
            : new JsonObject { ["type"] = "base64", ["media_type"] = inline.Type, ["data"] = inline.Data };
        return new JsonObject { ["type"] = isDocument ? "document" : "image", ["source"] = source };
    }
}
