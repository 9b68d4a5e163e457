using Portal.Dotprompt;
using Portal.Dotprompt.Messages;
using Portal.Runner.Engine;
using Portal.Runner.Providers.Http;

namespace Portal.Runner.Providers.OpenAi;

/// <summary>Writes messages of a chat completion: https://platform.openai.com/docs/api-reference/chat/create.</summary>
internal static class OpenAiMessage
{
    /// <summary>One message, none when it holds nothing to send, or several: each tool's answer is a message of its own.</summary>
    public static IEnumerable<JsonNode> Of(Message message, string provider)
    {
        foreach (var response in message.Content.OfType<ToolResponsePart>())
        {
            yield return new JsonObject { ["role"] = "tool", ["tool_call_id"] = response.Ref, ["content"] = ToolOutput.TextOf(response.Output) };
        }

        JsonNode[] calls = [.. message.Content.OfType<ToolRequestPart>().Select(CallOf)];
        JsonObject[] parts = [.. message.Content.Select(part => PartOf(part, provider)).OfType<JsonObject>()];
        if (parts.Length == 0 && calls.Length == 0)
        {
            yield break;
        }

        var written = new JsonObject { ["role"] = RoleOf(message.Role), ["content"] = ContentOf(parts) };
        if (calls.Length > 0)
        {
            written["tool_calls"] = new JsonArray(calls);
        }

        yield return written;
    }

    private static string RoleOf(string role) => role switch
    {
        "model" => "assistant",
        "tool" => "user", // what a tool message holds besides answers
        _ => role,
    };

    private static JsonNode? ContentOf(JsonObject[] parts) =>
        parts.Length == 0 ? null
        : Array.TrueForAll(parts, static part => part.ContainsKey("text"))
            ? JsonValue.Create(string.Concat(parts.Select(static part => part["text"]!.GetValue<string>())))
            : new JsonArray([.. parts]);

    private static JsonObject CallOf(ToolRequestPart request) => new()
    {
        ["id"] = request.Ref,
        ["type"] = "function",
        ["function"] = new JsonObject { ["name"] = request.Name, ["arguments"] = request.Input?.ToJsonString(DotpromptJson.Options) ?? "{}" },
    };

    private static JsonObject? PartOf(Part part, string provider) => part switch
    {
        TextPart text => new JsonObject { ["type"] = "text", ["text"] = text.Text },
        DataPart data => new JsonObject { ["type"] = "text", ["text"] = data.Data?.ToJsonString(DotpromptJson.Options) ?? "null" },
        MediaPart media => MediaOf(media, provider),
        _ => null,
    };

    private static JsonObject MediaOf(MediaPart media, string provider)
    {
        var inline = InlineMedia.Of(media);
        var type = (inline?.Type ?? media.ContentType)?.ToLowerInvariant();
        return type switch
        {
            null => ImageOf(media),
            _ when type.StartsWith("image/", StringComparison.Ordinal) => ImageOf(media),
            "application/pdf" when inline is not null => new JsonObject
            {
                ["type"] = "file",
                ["file"] = new JsonObject { ["filename"] = "document.pdf", ["file_data"] = $"data:{type};base64,{inline.Data}" },
            },
            "audio/wav" or "audio/x-wav" or "audio/wave" when inline is not null => AudioOf(inline, "wav"),
            "audio/mpeg" or "audio/mp3" when inline is not null => AudioOf(inline, "mp3"),
            _ => throw new GenkitException(GenkitStatus.Unimplemented,
                $"Media of type \"{type}\" cannot be sent to {provider}{(inline is null ? " by URL" : "")}; images can, and PDF, WAV and MP3 as data: URLs."),
        };
    }

    private static JsonObject ImageOf(MediaPart media) => new() { ["type"] = "image_url", ["image_url"] = new JsonObject { ["url"] = media.Url } };

    private static JsonObject AudioOf(InlineMedia media, string format) =>
        new() { ["type"] = "input_audio", ["input_audio"] = new JsonObject { ["data"] = media.Data, ["format"] = format } };
}
