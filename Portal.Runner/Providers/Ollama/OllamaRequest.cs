using System.Collections.Frozen;
using Portal.Dotprompt;
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
        var messages = new JsonArray([.. request.Messages.SelectMany(MessagesOf)]);
        var body = new JsonObject { ["model"] = request.Model, ["messages"] = messages, ["stream"] = request.Stream };
        AddTools(body, request);
        NativeConfig.Write(body, request.Config, s_names, s_options);
        if (request.OutputFormat == "json")
        {
            // Bound to a format, a model cannot ask for tools.
            if (request.Tools.Count == 0)
            {
                body.TryAdd("format", request.OutputSchema?.DeepClone() ?? "json");
            }

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

    /// <summary>The API cannot be told to call a tool, but it can be kept from it.</summary>
    private static void AddTools(JsonObject body, ModelRequest request)
    {
        if (request.Tools.Count > 0 && request.ToolChoice != "none")
        {
            body["tools"] = new JsonArray([.. request.Tools.Select(static tool => new JsonObject
            {
                ["type"] = "function",
                ["function"] = new JsonObject
                {
                    ["name"] = tool.Name,
                    ["description"] = tool.Description,
                    ["parameters"] = tool.InputSchema?.DeepClone() ?? new JsonObject { ["type"] = "object", ["properties"] = new JsonObject() },
                },
            })]);
        }
    }

    /// <summary>One message, none when it holds nothing to send, or several: each tool's answer is a message of its own.</summary>
    private static IEnumerable<JsonObject> MessagesOf(Message message)
    {
        foreach (var response in message.Content.OfType<ToolResponsePart>())
        {
            yield return new JsonObject { ["role"] = "tool", ["tool_name"] = response.Name, ["content"] = ToolOutput.TextOf(response.Output) };
        }

        var json = new JsonObject { ["role"] = RoleOf(message.Role), ["content"] = string.Concat(message.Content.Select(TextOf)) };
        AddList(json, "images", message.Content.OfType<MediaPart>().Select(ImageOf));
        AddList(json, "tool_calls", message.Content.OfType<ToolRequestPart>().Select(CallOf));
        if (json.Count > 2 || json["content"].Text() is { Length: > 0 })
        {
            yield return json;
        }
    }

    private static void AddList(JsonObject json, string name, IEnumerable<JsonNode> items)
    {
        JsonNode[] list = [.. items];
        if (list.Length > 0)
        {
            json[name] = new JsonArray(list);
        }
    }

    private static JsonObject CallOf(ToolRequestPart request) => new()
    {
        ["function"] = new JsonObject { ["name"] = request.Name, ["arguments"] = ToolOutput.ObjectOf(request.Input ?? new JsonObject()) },
    };

    private static string RoleOf(string role) => role switch
    {
        "model" => "assistant",
        "tool" => "user", // what a tool message holds besides answers
        _ => role,
    };

    private static string? TextOf(Part part) => part switch
    {
        TextPart text => text.Text,
        DataPart data => data.Data?.ToJsonString(DotpromptJson.Options) ?? "null",
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
