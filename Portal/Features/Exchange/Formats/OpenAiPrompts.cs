using System.Globalization;
using Portal.Dotprompt.Documents;
using static Portal.Features.Exchange.Formats.OpenAiTools;

namespace Portal.Features.Exchange.Formats;

/// <summary>
/// Prompt objects of OpenAI's dashboard, and bodies of its Responses and Chat Completions requests, in which people keep prompts now that the objects end
/// (https://developers.openai.com/api/docs/guides/prompting/migrate-from-prompt-object). Several versions of one prompt may come in a list.
/// </summary>
internal static class OpenAiPrompts
{
    private static readonly Dictionary<string, string> s_config = new(StringComparer.Ordinal)
    {
        ["temperature"] = "temperature",
        ["top_p"] = "topP",
        ["top_k"] = "topK",
        ["max_tokens"] = "maxOutputTokens",
        ["max_output_tokens"] = "maxOutputTokens",
        ["max_completion_tokens"] = "maxOutputTokens",
        ["stop"] = "stopSequences",
        ["frequency_penalty"] = "frequencyPenalty",
        ["presence_penalty"] = "presencePenalty",
        ["seed"] = "seed",
        ["reasoning_effort"] = "reasoning_effort",
        ["verbosity"] = "verbosity",
        ["parallel_tool_calls"] = "parallel_tool_calls",
        ["service_tier"] = "service_tier",
    };

    /// <summary>Members that say which prompt it is, or belong to one request.</summary>
    private static readonly HashSet<string> s_names = ["id", "prompt_id", "name", "title", "object", "version", "versions", "created_at", "updated_at", "is_default", "variables", "description", "prompt"];

    private static readonly HashSet<string> s_ofRequest = ["stream", "stream_options", "previous_response_id", "conversation", "background", "n"];

    public static bool IsOne(JsonObject item) =>
        item.ContainsKey("messages") || item.ContainsKey("input") || item.ContainsKey("instructions") || item.ContainsKey("prompt_id")
        || Text(item["id"])?.StartsWith("pmpt_", StringComparison.Ordinal) == true || item["prompt"] is JsonObject;

    public static ForeignPrompt Read(JsonObject item, string source, string fallbackName)
    {
        if (item["versions"] is JsonArray { Count: > 0 } versions)
        {
            return ReadVersions(item, [.. versions.OfType<JsonObject>()], source, fallbackName);
        }

        // A request that names a stored prompt, or an object with the prompt inside.
        if (item["prompt"] is JsonObject inner && !item.ContainsKey("messages") && !item.ContainsKey("input") && !item.ContainsKey("instructions"))
        {
            var merged = (JsonObject)inner.DeepClone();
            foreach (var (name, value) in item.Where(member => member.Key != "prompt" && !merged.ContainsKey(member.Key)))
            {
                merged[name] = value?.DeepClone();
            }

            item = merged;
        }

        var proposed = Text(item["name"]) ?? Text(item["title"]) ?? Text(item["id"]) ?? Text(item["prompt_id"]) ?? fallbackName;
        if (!item.ContainsKey("messages") && !item.ContainsKey("input") && !item.ContainsKey("instructions") && Text(item["prompt"]) is null)
        {
            return ForeignPrompt.Refused(source, PromptFormat.OpenAi, proposed,
                "It only names a stored prompt. Its text is at OpenAI: open the prompt in the dashboard, copy it with its messages, and paste that.");
        }

        var builder = new DocumentBuilder("openai") { Description = Text(item["description"]) };
        ReadMessages(item, builder);
        foreach (var (name, value) in item)
        {
            ReadSetting(name, value, builder);
        }

        ReadVariables(item["variables"], builder);
        builder.Keep("api", item.ContainsKey("messages") ? "chat" : "responses");
        builder.Keep("name", proposed);
        var (content, problem) = builder.Build();
        return new ForeignPrompt(source, PromptFormat.OpenAi, proposed) { Content = content, Problem = problem, Notes = builder.Notes };
    }

    private static ForeignPrompt ReadVersions(JsonObject item, List<JsonObject> versions, string source, string fallbackName)
    {
        var shared = new JsonObject(item.Where(member => member.Key != "versions").Select(member => KeyValuePair.Create(member.Key, member.Value?.DeepClone())));
        var read = versions.OrderBy(VersionOf).Select(version =>
        {
            var whole = (JsonObject)shared.DeepClone();
            foreach (var (name, value) in version)
            {
                whole[name] = value?.DeepClone();
            }

            return (Version: VersionOf(version), Prompt: Read(whole, source, fallbackName));
        }).ToList();
        return read[^1].Prompt with
        {
            History = [.. read.SkipLast(1).Where(entry => entry.Prompt.Content is not null).Select(entry => new ForeignVersion(entry.Prompt.Content!, $"Version {entry.Version} from OpenAI"))],
        };
    }

    private static long VersionOf(JsonObject item) =>
        long.TryParse(item["version"]?.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static void ReadMessages(JsonObject item, DocumentBuilder builder)
    {
        foreach (var name in new[] { "instructions", "prompt" })
        {
            if (Text(item[name]) is { } instructions)
            {
                builder.AddMessage(name, "system", TemplateText.Read(instructions));
                builder.Note(NoteKind.Became, name, "The first message, of the role system.");
            }
        }

        var list = item.ContainsKey("messages") ? "messages" : "input";
        if (Text(item[list]) is { } only)
        {
            builder.AddMessage(list, "user", TemplateText.Read(only));
            return;
        }

        var messages = item[list] as JsonArray ?? [];
        for (var i = 0; i < messages.Count; i++)
        {
            ReadMessage(messages[i] as JsonObject, $"{list}[{i}]", builder);
        }
    }

    private static void ReadMessage(JsonObject? message, string field, DocumentBuilder builder)
    {
        var role = Text(message?["role"]);
        if (message is null || role is not ("system" or "developer" or "user" or "assistant"))
        {
            builder.Note(NoteKind.Lost, field, role is "tool" or "function" || Text(message?["type"])?.Contains("call", StringComparison.Ordinal) == true
                ? "A tool's call or answer of an example conversation is not part of a prompt here."
                : "It is not a message with a known role.");
            return;
        }

        if (role == "developer")
        {
            builder.Note(NoteKind.Became, $"{field}.role", "developer becomes system.");
        }

        if (message["tool_calls"] is JsonArray)
        {
            builder.Note(NoteKind.Lost, $"{field}.tool_calls", "A tool's call of an example conversation is not part of a prompt here.");
        }

        builder.AddMessage(field, role switch { "assistant" => "model", "user" => "user", _ => "system" }, ReadContent(message["content"], $"{field}.content", builder));
    }

    private static List<PlainPart> ReadContent(JsonNode? content, string field, DocumentBuilder builder)
    {
        if (Text(content) is { } text)
        {
            return [.. TemplateText.Read(text)];
        }

        var parts = new List<PlainPart>();
        foreach (var (part, index) in (content as JsonArray ?? []).Select((part, index) => (part as JsonObject, index)))
        {
            var type = Text(part?["type"]);
            if (type is "input_text" or "output_text" or "text" && Text(part!["text"]) is { } piece)
            {
                parts.AddRange(TemplateText.Read(piece));
            }
            else if (type is "input_image" or "image_url" && (Text(part!["image_url"]) ?? Text((part["image_url"] as JsonObject)?["url"])) is { } url && !url.AsSpan().ContainsAny("\r\n"))
            {
                parts.Add(TemplateText.Read(url) is [PlainVariable variable] ? new PlainMedia(null, variable.Name, null) : new PlainMedia(url, null, null));
                builder.Note(NoteKind.Became, $"{field}[{index}]", "{{media}}");
            }
            else
            {
                builder.Note(NoteKind.Lost, $"{field}[{index}]", $"A part of the type “{type ?? "?"}” has no counterpart.");
            }
        }

        return parts;
    }

    private static void ReadSetting(string name, JsonNode? value, DocumentBuilder builder)
    {
        switch (name)
        {
            case "messages" or "input" or "instructions":
                break;
            case var _ when value is null || s_names.Contains(name):
                break;
            case "model" when Text(value) is { } model:
                builder.SetModel(name, model, "openai");
                break;
            case "tools":
                OpenAiTools.Read(value, name, builder);
                break;
            case "tool_choice":
                ReadChoice(value, name, builder);
                break;
            case "response_format":
                ReadFormat(value, name, builder);
                break;
            case "text" when value is JsonObject text:
                ReadText(text, builder);
                break;
            case "reasoning" when value is JsonObject reasoning:
                ReadReasoning(reasoning, builder);
                break;
            case "stop":
                builder.SetConfig(name, s_config[name], value is JsonArray ? value : new JsonArray(value.DeepClone()));
                break;
            case var _ when s_config.TryGetValue(name, out var known):
                builder.SetConfig(name, known, value);
                break;
            case var _ when s_ofRequest.Contains(name):
                builder.Note(NoteKind.Lost, name, "It belongs to one request, not to a prompt.");
                break;
            default:
                builder.KeepNoted(name, value);
                break;
        }
    }

    private static void ReadText(JsonObject text, DocumentBuilder builder)
    {
        if (text["format"] is { } format)
        {
            ReadFormat(format, "text.format", builder);
        }

        if (text["verbosity"] is { } verbosity)
        {
            builder.SetConfig("text.verbosity", "verbosity", verbosity);
        }
    }

    private static void ReadReasoning(JsonObject reasoning, DocumentBuilder builder)
    {
        foreach (var (name, value) in reasoning.Where(member => member.Value is not null))
        {
            if (name == "effort")
            {
                builder.SetConfig("reasoning.effort", "reasoning_effort", value);
            }
            else
            {
                builder.Note(NoteKind.Lost, $"reasoning.{name}", "It has no counterpart.");
            }
        }
    }

    private static void ReadVariables(JsonNode? variables, DocumentBuilder builder)
    {
        foreach (var (name, value) in variables as JsonObject ?? [])
        {
            if ((Text(value) ?? Text((value as JsonObject)?["text"])) is { } text)
            {
                builder.SetDefault($"variables.{name}", name, text);
            }
            else
            {
                builder.Note(NoteKind.Lost, $"variables.{name}", "Only text can be a default.");
            }
        }
    }
}
