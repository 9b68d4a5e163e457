using System.Collections.Frozen;
using Portal.Dotprompt.Messages;
using Portal.Runner.Engine;
using Portal.Runner.Providers.Http;

namespace Portal.Runner.Providers.Ollama;

/// <summary>Builds the body of a chat request: https://github.com/ollama/ollama/blob/main/docs/api.md.</summary>
internal static class OllamaRequest
{
    private static readonly Dictionary<string, string> s_names = new(StringComparer.Ordinal)
    {
        ["maxOutputTokens"] = "num_predict",
        ["topP"] = "top_p",
        ["topK"] = "top_k",
        ["stopSequences"] = "stop",
        ["frequencyPenalty"] = "frequency_penalty",
        ["presencePenalty"] = "presence_penalty",
    };

    private static readonly NestedSettings s_options =
        new("options", new[] { "format", "keep_alive", "logprobs", "think", "top_logprobs" }.ToFrozenSet(StringComparer.Ordinal));

    public static JsonObject Build(ModelRequest request)
    {
        var messages = new JsonArray([.. request.Messages.Select(MessageOf).OfType<JsonNode>()]);
        var body = new JsonObject { ["model"] = request.Model, ["messages"] = messages, ["stream"] = request.Stream };
        NativeConfig.Write(body, request.Config, s_names, s_options);
        if (request.OutputFormat == "json")
        {
            body.TryAdd("format", request.OutputSchema?.DeepClone() ?? "json");

            // The format only limits which tokens may come next: a model that is not told writes blanks without end.
            if (!OutputInstructions.Present(request.Messages))
            {
                AddToSystem(messages, OutputInstructions.ForJson(request.OutputSchema));
            }
        }

        return body;
    }

    /// <summary>To the first message when it is a system message: many models' templates know only one.</summary>
    private static void AddToSystem(JsonArray messages, string text)
    {
        if (messages.Count > 0 && messages[0]!["role"]!.GetValue<string>() == "system")
        {
            messages[0]!["content"] = $"{messages[0]!["content"]}\n\n{text}";
        }
        else
        {
            messages.Insert(0, new JsonObject { ["role"] = "system", ["content"] = text });
        }
    }

    private static JsonObject? MessageOf(Message message)
    {
        var role = RoleOf(message.Role);
        var text = string.Concat(message.Content.Select(TextOf));
        var images = message.Content.OfType<MediaPart>().Select(ImageOf).ToArray<JsonNode>();
        if (text.Length == 0 && images.Length == 0)
        {
            return null;
        }

        var json = new JsonObject { ["role"] = role, ["content"] = text };
        if (images.Length > 0)
        {
            json["images"] = new JsonArray(images);
        }

        return json;
    }

    private static string RoleOf(string role) => role switch
    {
        "model" => "assistant",
        "tool" => throw new GenkitException(GenkitStatus.Unimplemented, "The conversation holds tool messages, which this runner does not send."),
        _ => role,
    };

    private static string? TextOf(Part part) => part switch
    {
        TextPart text => text.Text,
        DataPart data => data.Data?.ToJsonString() ?? "null",
        ToolRequestPart or ToolResponsePart =>
            throw new GenkitException(GenkitStatus.Unimplemented, "The conversation holds tool calls, which this runner does not send."),
        _ => null,
    };

    private static JsonValue ImageOf(MediaPart media)
    {
        if (InlineMedia.Of(media) is not { } inline)
        {
            throw new GenkitException(GenkitStatus.Unimplemented, "ollama does not fetch media: give the image as a data: URL.");
        }

        return inline.Type.StartsWith("image/", StringComparison.OrdinalIgnoreCase)
            ? JsonValue.Create(inline.Data)
            : throw new GenkitException(GenkitStatus.Unimplemented, $"Media of type \"{inline.Type}\" cannot be sent to ollama; images can.");
    }
}
