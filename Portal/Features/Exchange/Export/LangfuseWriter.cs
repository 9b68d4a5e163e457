using Portal.Dotprompt.Documents;

namespace Portal.Features.Exchange.Export;

/// <summary>A prompt as Langfuse imports it: a text prompt when it is one message of the user, else a chat prompt.</summary>
internal static class LangfuseWriter
{
    private static readonly Dictionary<string, string> s_config = new(StringComparer.Ordinal)
    {
        ["topP"] = "top_p",
        ["topK"] = "top_k",
        ["maxOutputTokens"] = "max_tokens",
        ["frequencyPenalty"] = "frequency_penalty",
        ["presencePenalty"] = "presence_penalty",
        ["stopSequences"] = "stop",
    };

    private static readonly string[] s_families = ["openai/", "anthropic/", "googleai/"];

    public static (JsonObject Body, IReadOnlyList<MappingNote> Notes) Write(ExportedPrompt prompt)
    {
        var (notes, kept) = (prompt.NotesOnInput().ToList(), prompt.KeptOf("langfuse"));
        var messages = PlainTemplate.Of(prompt.Document);
        var isText = messages is [{ Role: "user" }] && kept["type"]?.ToString() != "chat";
        if (prompt.Metadata.Description is not null)
        {
            notes.Add(new MappingNote(NoteKind.Lost, "description", "A prompt has none there."));
        }

        if (prompt.Metadata.InputDefaults.Count > 0)
        {
            notes.Add(new MappingNote(NoteKind.Lost, "input.default", "Variables have no defaults there."));
        }

        var body = new JsonObject
        {
            ["name"] = kept["name"]?.ToString() ?? prompt.Name,
            ["type"] = isText ? "text" : "chat",
            ["prompt"] = isText ? Text(messages[0].Parts, "prompt", notes) : Chat(messages, kept, notes),
            ["config"] = Config(prompt, notes),
            ["labels"] = kept["labels"]?.DeepClone() ?? new JsonArray(),
            ["tags"] = kept["tags"]?.DeepClone() ?? new JsonArray(),
        };
        foreach (var name in new[] { "version", "commitMessage" })
        {
            if (kept[name] is { } value)
            {
                body[name] = value.DeepClone();
            }
        }

        return (body, notes);
    }

    private static string Text(IReadOnlyList<PlainPart> parts, string field, List<MappingNote> notes) =>
        ForeignText.Write(parts, field, static name => $"@@@langfusePrompt:name={name}|label=production@@@", notes);

    private static JsonArray Chat(IReadOnlyList<PlainMessage> messages, JsonObject kept, List<MappingNote> notes)
    {
        var result = new JsonArray();
        foreach (var message in messages)
        {
            result.Add(message.Role is null
                ? new JsonObject { ["type"] = "placeholder", ["name"] = kept["placeholder"]?.ToString() ?? "history" }
                : new JsonObject { ["role"] = message.Role == "model" ? "assistant" : message.Role, ["content"] = Text(message.Parts, $"prompt[{result.Count}]", notes) });
        }

        return result;
    }

    private static JsonObject Config(ExportedPrompt prompt, List<MappingNote> notes)
    {
        var config = new JsonObject();
        if (prompt.Metadata.Model is { } model)
        {
            config["model"] = Array.Find(s_families, family => model.StartsWith(family, StringComparison.Ordinal)) is { } family ? model[family.Length..] : model;
        }
        else if (prompt.KeptOf("langfuse")["model"] is { } unknown)
        {
            config["model"] = unknown.DeepClone();
        }

        foreach (var (name, value) in prompt.Metadata.Config)
        {
            config[s_config.GetValueOrDefault(name, name)] = value?.DeepClone();
        }

        foreach (var (name, value) in prompt.KeptOf("langfuse.config"))
        {
            config[name] = value?.DeepClone();
        }

        // Tools and the answer's format are what people keep in the config there, in OpenAI's shape.
        OpenAiWriter.WriteOutput(config, prompt, prompt.KeptOf("langfuse"), isChat: true);
        OpenAiWriter.WriteTools(config, prompt, prompt.KeptOf("langfuse"), isChat: true, notes);
        return config;
    }
}
