using Portal.Runner.Engine;
using Portal.Runner.Providers.Http;

namespace Portal.Runner.Providers.OpenAi;

/// <summary>Builds the body of a chat completion.</summary>
internal static class OpenAiRequest
{
    private static readonly Dictionary<string, string> s_names = new(StringComparer.Ordinal)
    {
        ["topP"] = "top_p",
        ["topK"] = "top_k",
        ["stopSequences"] = "stop",
        ["frequencyPenalty"] = "frequency_penalty",
        ["presencePenalty"] = "presence_penalty",
    };

    // OpenAI's newer models accept only the first name, most compatible servers only the second.
    private static readonly Dictionary<string, string> s_officialNames = new(s_names, StringComparer.Ordinal) { ["maxOutputTokens"] = "max_completion_tokens" };
    private static readonly Dictionary<string, string> s_compatibleNames = new(s_names, StringComparer.Ordinal) { ["maxOutputTokens"] = "max_tokens" };

    /// <summary>For OpenAI, or a compatible server when another address is configured.</summary>
    public static JsonObject Build(ModelRequest request) => Build(request, "openai", ofOpenAi: request.BaseUrl is null);

    /// <param name="request">What is asked.</param>
    /// <param name="provider">Who is asked, for error messages.</param>
    /// <param name="ofOpenAi">Whether the server keeps up with OpenAI's own names.</param>
    public static JsonObject Build(ModelRequest request, string provider, bool ofOpenAi)
    {
        var messages = new JsonArray([.. ToolRefs.Complete(request.Messages).SelectMany(message => OpenAiMessage.Of(message, provider))]);
        var body = new JsonObject { ["model"] = request.Model, ["messages"] = messages, ["stream"] = request.Stream };
        AddTools(body, request);
        var config = (JsonObject)request.Config.DeepClone();
        if (config.ContainsKey("max_completion_tokens"))
        {
            config.Remove("maxOutputTokens");
        }

        NativeConfig.Write(body, config, ofOpenAi ? s_officialNames : s_compatibleNames);
        if (request.Stream && !body.ContainsKey("stream_options"))
        {
            body["stream_options"] = new JsonObject { ["include_usage"] = true };
        }

        if (request.OutputFormat == "json")
        {
            AskForJson(body, messages, request);
        }

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
            ["type"] = "function",
            ["function"] = new JsonObject
            {
                ["name"] = tool.Name,
                ["description"] = tool.Description,
                ["parameters"] = tool.InputSchema?.DeepClone() ?? new JsonObject { ["type"] = "object", ["properties"] = new JsonObject() },
            },
        })]);
        if (request.ToolChoice is { } choice)
        {
            body["tool_choice"] = choice;
        }
    }

    private static void AskForJson(JsonObject body, JsonArray messages, ModelRequest request)
    {
        var instructed = OutputInstructions.Present(request.Messages);
        if (!body.ContainsKey("response_format"))
        {
            // The protocol takes objects only; anything else is asked for in words.
            if (request.OutputSchema is { } schema && schema["type"]?.ToString() == "object")
            {
                body["response_format"] = new JsonObject
                {
                    ["type"] = "json_schema",
                    ["json_schema"] = new JsonObject { ["name"] = "answer", ["schema"] = schema.DeepClone(), ["strict"] = IsStrict(schema) },
                };
                return;
            }

            if (request.OutputSchema is null)
            {
                body["response_format"] = new JsonObject { ["type"] = "json_object" };
            }
        }

        if (!instructed)
        {
            messages.Insert(0, new JsonObject { ["role"] = "system", ["content"] = OutputInstructions.ForJson(request.OutputSchema) });
        }
    }

    /// <summary>Strict mode wants every object closed and every property required.</summary>
    private static bool IsStrict(JsonNode? schema)
    {
        if (schema is not JsonObject rules)
        {
            return schema is null;
        }

        if (rules["properties"] is JsonObject properties)
        {
            var required = (rules["required"] as JsonArray ?? []).Select(static name => name?.ToString()).ToHashSet(StringComparer.Ordinal);
            return rules["additionalProperties"] is JsonValue open && open.TryGetValue<bool>(out var isOpen) && !isOpen
                && properties.All(property => required.Contains(property.Key) && IsStrict(property.Value));
        }

        return rules.Count > 0 && rules["type"]?.ToString() != "object" && IsStrict(rules["items"]);
    }
}
