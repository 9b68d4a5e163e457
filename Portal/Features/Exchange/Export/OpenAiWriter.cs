using Portal.Dotprompt.Documents;

namespace Portal.Features.Exchange.Export;

/// <summary>A prompt as the body of an OpenAI request, with the name and the variables a prompt object has beside it.</summary>
internal static class OpenAiWriter
{
    private static readonly Dictionary<string, string> s_config = new(StringComparer.Ordinal)
    {
        ["topP"] = "top_p",
        ["topK"] = "top_k",
        ["frequencyPenalty"] = "frequency_penalty",
        ["presencePenalty"] = "presence_penalty",
        ["stopSequences"] = "stop",
    };

    /// <summary>What the writer itself keeps under <c>openai</c>.</summary>
    private static readonly string[] s_own = ["api", "name", "formatName", "formatStrict", "tools"];

    public static (JsonObject Body, IReadOnlyList<MappingNote> Notes) Write(ExportedPrompt prompt)
    {
        var (notes, kept) = (prompt.NotesOnInput().ToList(), prompt.KeptOf("openai"));
        var isChat = kept["api"]?.ToString() == "chat";
        var body = new JsonObject { ["name"] = kept["name"]?.ToString() ?? prompt.Name };
        if (prompt.Metadata.Description is { } description)
        {
            body["description"] = description;
        }

        if (prompt.Metadata.Model is { } model)
        {
            var isTheirs = model.StartsWith("openai/", StringComparison.Ordinal);
            body["model"] = isTheirs ? model["openai/".Length..] : model;
            if (!isTheirs)
            {
                notes.Add(new MappingNote(NoteKind.Warning, "model", $"{model} is not a model of OpenAI's."));
            }
        }

        body[isChat ? "messages" : "input"] = Messages(prompt, isChat, notes);
        if (prompt.Metadata.InputDefaults is { Count: > 0 } defaults)
        {
            body["variables"] = defaults.DeepClone();
        }

        WriteConfig(body, prompt, isChat, notes);
        WriteOutput(body, prompt, kept, isChat);
        WriteTools(body, prompt, kept, isChat, notes);
        foreach (var (name, value) in kept.Where(member => !s_own.Contains(member.Key) && !body.ContainsKey(member.Key)))
        {
            body[name] = value?.DeepClone();
        }

        return (body, notes);
    }

    private static JsonArray Messages(ExportedPrompt prompt, bool isChat, List<MappingNote> notes)
    {
        var result = new JsonArray();
        foreach (var message in PlainTemplate.Of(prompt.Document))
        {
            var field = $"{(isChat ? "messages" : "input")}[{result.Count}]";
            if (message.Role is null)
            {
                notes.Add(new MappingNote(NoteKind.Lost, field, "The place of the conversation ({{history}}): send its messages there."));
                continue;
            }

            var role = message.Role switch { "model" => "assistant", "system" or "user" => message.Role, _ => null };
            if (role is null)
            {
                notes.Add(new MappingNote(NoteKind.Lost, field, $"A message of the role {message.Role}."));
                continue;
            }

            result.Add(new JsonObject { ["role"] = role, ["content"] = Content(message.Parts, field, role, isChat, notes) });
        }

        return result;
    }

    private static JsonNode Content(IReadOnlyList<PlainPart> parts, string field, string role, bool isChat, List<MappingNote> notes)
    {
        if (!parts.Any(part => part is PlainMedia))
        {
            return ForeignText.Write(parts, field, partial: null, notes);
        }

        var (content, start) = (new JsonArray(), 0);
        for (var i = 0; i <= parts.Count; i++)
        {
            if (i < parts.Count && parts[i] is not PlainMedia)
            {
                continue;
            }

            if (i > start)
            {
                content.Add(new JsonObject
                {
                    ["type"] = isChat ? "text" : role == "assistant" ? "output_text" : "input_text",
                    ["text"] = ForeignText.Write(parts.Skip(start).Take(i - start), field, partial: null, notes),
                });
            }

            if (i < parts.Count && parts[i] is PlainMedia media)
            {
                var url = media.Url ?? $"{{{{{media.Variable}}}}}";
                content.Add(new JsonObject { ["type"] = isChat ? "image_url" : "input_image", ["image_url"] = isChat ? new JsonObject { ["url"] = url } : url });
            }

            start = i + 1;
        }

        return content;
    }

    private static void WriteConfig(JsonObject body, ExportedPrompt prompt, bool isChat, List<MappingNote> notes)
    {
        foreach (var (name, value) in prompt.Metadata.Config)
        {
            switch (name)
            {
                case "maxOutputTokens":
                    body[isChat ? "max_completion_tokens" : "max_output_tokens"] = value?.DeepClone();
                    break;
                case "stopSequences" when !isChat:
                    notes.Add(new MappingNote(NoteKind.Lost, "config.stopSequences", "The Responses API has no stop sequences."));
                    break;
                case "reasoning_effort" when !isChat:
                    body["reasoning"] = new JsonObject { ["effort"] = value?.DeepClone() };
                    break;
                case "verbosity" when !isChat:
                    TextOf(body)["verbosity"] = value?.DeepClone();
                    break;
                default:
                    body[s_config.GetValueOrDefault(name, name)] = value?.DeepClone();
                    break;
            }
        }
    }

    /// <summary>The format of the answer, into a body or a config.</summary>
    public static void WriteOutput(JsonObject body, ExportedPrompt prompt, JsonObject kept, bool isChat)
    {
        var schema = prompt.OutputSchema();
        if (schema is null && prompt.Metadata.Output?["format"]?.ToString() != "json")
        {
            return;
        }

        var described = new JsonObject { ["name"] = kept["formatName"]?.ToString() ?? "answer" };
        if (kept["formatStrict"] is { } strict)
        {
            described["strict"] = strict.DeepClone();
        }

        described["schema"] = schema?.DeepClone();
        var format = new JsonObject { ["type"] = schema is null ? "json_object" : "json_schema" };
        if (schema is not null && isChat)
        {
            format["json_schema"] = described;
        }
        else if (schema is not null)
        {
            foreach (var (name, value) in described)
            {
                format[name] = value?.DeepClone();
            }
        }

        if (isChat)
        {
            body["response_format"] = format;
        }
        else
        {
            TextOf(body)["format"] = format;
        }
    }

    /// <summary>Tools and their choice, into a body or a config.</summary>
    public static void WriteTools(JsonObject body, ExportedPrompt prompt, JsonObject kept, bool isChat, List<MappingNote> notes)
    {
        var tools = new JsonArray();
        foreach (var (name, tool) in prompt.UsedTools())
        {
            if (tool is null)
            {
                notes.Add(new MappingNote(NoteKind.Lost, "tools", $"The tool {name} is neither described in the document nor in the namespace."));
                continue;
            }

            var function = new JsonObject { ["name"] = tool.Name, ["description"] = tool.Description ?? "" };
            if (tool.InputSchema is { } schema)
            {
                function["parameters"] = schema.DeepClone();
            }

            if (isChat)
            {
                tools.Add(new JsonObject { ["type"] = "function", ["function"] = function });
            }
            else
            {
                function.Insert(0, "type", "function");
                tools.Add(function);
            }
        }

        foreach (var other in kept["tools"] as JsonArray ?? [])
        {
            tools.Add(other?.DeepClone());
        }

        if (tools.Count > 0)
        {
            body["tools"] = tools;
        }

        if (prompt.Metadata.Raw?["toolChoice"]?.ToString() is { } choice)
        {
            body["tool_choice"] = choice;
        }
    }

    private static JsonObject TextOf(JsonObject body)
    {
        if (body["text"] is not JsonObject text)
        {
            body["text"] = text = [];
        }

        return text;
    }
}
