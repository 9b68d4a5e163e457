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
        var messages = new JsonArray([.. request.Messages.Where(static message => message.Role != "system").Select(MessageOf).OfType<JsonNode>()]);
        if (messages.Count == 0)
        {
            throw new GenkitException(GenkitStatus.InvalidArgument, "The prompt renders no user message, and anthropic needs one: add {{role \"user\"}}.");
        }

        var body = new JsonObject { ["model"] = request.Model, ["messages"] = messages, ["stream"] = request.Stream };
        var system = string.Join("\n\n", SystemTexts(request));
        if (system.Length > 0)
        {
            body["system"] = system;
        }

        NativeConfig.Write(body, request.Config, s_names);
        body.TryAdd("max_tokens", DefaultMaxTokens);
        return body;
    }

    private static IEnumerable<string> SystemTexts(ModelRequest request)
    {
        foreach (var message in request.Messages.Where(static message => message.Role == "system"))
        {
            if (message.Text.Trim() is { Length: > 0 } text)
            {
                yield return text;
            }
        }

        if (request.OutputFormat == "json" && !OutputInstructions.Present(request.Messages))
        {
            yield return OutputInstructions.ForJson(request.OutputSchema);
        }
    }

    private static JsonObject? MessageOf(Message message)
    {
        var content = message.Content.Select(PartOf).OfType<JsonNode>().ToArray();
        return content.Length == 0 ? null : new JsonObject { ["role"] = RoleOf(message.Role), ["content"] = new JsonArray(content) };
    }

    private static string RoleOf(string role) => role switch
    {
        "model" => "assistant",
        "tool" => throw new GenkitException(GenkitStatus.Unimplemented, "The conversation holds tool messages, which this runner does not send."),
        _ => role,
    };

    private static JsonObject? PartOf(Part part) => part switch
    {
        // The API refuses text blocks of nothing but whitespace.
        TextPart text => string.IsNullOrWhiteSpace(text.Text) ? null : new JsonObject { ["type"] = "text", ["text"] = text.Text },
        DataPart data => new JsonObject { ["type"] = "text", ["text"] = data.Data?.ToJsonString() ?? "null" },
        MediaPart media => MediaOf(media),
        ToolRequestPart or ToolResponsePart =>
            throw new GenkitException(GenkitStatus.Unimplemented, "The conversation holds tool calls, which this runner does not send."),
        _ => null,
    };

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
