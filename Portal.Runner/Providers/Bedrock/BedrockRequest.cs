using System.Collections.Frozen;
using Portal.Dotprompt.Messages;
using Portal.Runner.Engine;
using Portal.Runner.Providers.Http;

namespace Portal.Runner.Providers.Bedrock;

/// <summary>Builds the body of a Converse request.</summary>
internal static class BedrockRequest
{
    private const string Inference = "inferenceConfig";

    private static readonly FrozenDictionary<string, string> s_inference = new Dictionary<string, string>
    {
        ["maxOutputTokens"] = "maxTokens",
        ["maxTokens"] = "maxTokens",
        ["temperature"] = "temperature",
        ["topP"] = "topP",
        ["stopSequences"] = "stopSequences",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly Dictionary<string, string> s_names = new(StringComparer.Ordinal) { ["topK"] = "top_k" };

    // What the API does not name itself goes to the model as it is.
    private static readonly NestedSettings s_nested = new("additionalModelRequestFields", new[]
    {
        "additionalModelResponseFieldPaths", "guardrailConfig", "performanceConfig", "promptVariables", "requestMetadata", "serviceTier", "toolConfig",
    }.ToFrozenSet(StringComparer.Ordinal));

    public static JsonObject Build(ModelRequest request)
    {
        var messages = Turns.Of(request.Messages, new BedrockBlocks(request.Model).Of);
        if (messages.Count == 0)
        {
            throw new GenkitException(GenkitStatus.InvalidArgument, "The prompt renders no user message, and bedrock needs one: add {{role \"user\"}}.");
        }

        var body = new JsonObject { ["messages"] = messages };
        JsonNode[] system = [.. SystemTexts.Of(request).Select(static text => new JsonObject { ["text"] = text })];
        if (system.Length > 0)
        {
            body["system"] = new JsonArray(system);
        }

        AddTools(body, request);
        var rest = (JsonObject)request.Config.DeepClone();
        var inference = TakeInference(rest);
        NativeConfig.Write(body, rest, s_names, s_nested);
        if (inference.Count > 0)
        {
            body[Inference] = inference;
        }

        return body;
    }

    /// <summary>Who writes the vendor's own nesting gets it; names written beside it win.</summary>
    private static JsonObject TakeInference(JsonObject config)
    {
        var inference = config[Inference] switch
        {
            null => new JsonObject(),
            JsonObject written => (JsonObject)written.DeepClone(),
            _ => throw new GenkitException(GenkitStatus.InvalidArgument, $"config.{Inference} must be an object."),
        };
        config.Remove(Inference);
        foreach (var (key, name) in s_inference)
        {
            if (config[key] is { } value)
            {
                inference[name] = name == "stopSequences" && value is JsonValue ? new JsonArray(value.DeepClone()) : value.DeepClone();
                config.Remove(key);
            }
        }

        return inference;
    }

    /// <summary>
    /// There is no word for "no tool": tools are then left out, unless the conversation holds calls, which the API refuses without them.
    /// </summary>
    private static void AddTools(JsonObject body, ModelRequest request)
    {
        var isNone = request.ToolChoice == "none";
        if (request.Tools.Count == 0 || (isNone && !request.Messages.Any(static message => message.Content.Any(static part => part is ToolRequestPart))))
        {
            return;
        }

        var tools = new JsonObject { ["tools"] = new JsonArray([.. request.Tools.Select(ToolOf)]) };
        if (request.ToolChoice is { } choice && !isNone)
        {
            tools["toolChoice"] = new JsonObject { [choice == "required" ? "any" : "auto"] = new JsonObject() };
        }

        body["toolConfig"] = tools;
    }

    private static JsonObject ToolOf(ToolDefinition tool)
    {
        var spec = new JsonObject
        {
            ["name"] = tool.Name,
            ["inputSchema"] = new JsonObject { ["json"] = tool.InputSchema?.DeepClone() ?? new JsonObject { ["type"] = "object", ["properties"] = new JsonObject() } },
        };
        if (tool.Description.Length > 0)
        {
            spec["description"] = tool.Description; // an empty one is refused
        }

        return new JsonObject { ["toolSpec"] = spec };
    }
}
