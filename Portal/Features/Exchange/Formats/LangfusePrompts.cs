using System.Globalization;
using System.Text.RegularExpressions;
using Portal.Dotprompt.Documents;
using static Portal.Features.Exchange.Formats.OpenAiTools;

namespace Portal.Features.Exchange.Formats;

/// <summary>
/// Text and chat prompts as Langfuse's export and API give them (https://langfuse.com/docs/prompt-management/data-model): one, a list, or <c>{"data": […]}</c>.
/// Versions of one name become one prompt: the newest its text, the older ones its history.
/// </summary>
internal static partial class LangfusePrompts
{
    private static readonly Dictionary<string, string> s_config = new(StringComparer.Ordinal)
    {
        ["temperature"] = "temperature",
        ["top_p"] = "topP",
        ["topP"] = "topP",
        ["top_k"] = "topK",
        ["topK"] = "topK",
        ["max_tokens"] = "maxOutputTokens",
        ["maxTokens"] = "maxOutputTokens",
        ["max_output_tokens"] = "maxOutputTokens",
        ["max_completion_tokens"] = "maxOutputTokens",
        ["frequency_penalty"] = "frequencyPenalty",
        ["presence_penalty"] = "presencePenalty",
        ["seed"] = "seed",
        ["reasoning_effort"] = "reasoning_effort",
    };

    public static bool IsOne(JsonObject item) => item["prompt"] is JsonArray
        || (Text(item["prompt"]) is not null && Text(item["name"]) is not null && !item.ContainsKey("prompt_id"));

    /// <param name="items">As they stand in the file.</param>
    /// <param name="source">The file.</param>
    /// <param name="fallbackName">For one without a name.</param>
    public static IEnumerable<ForeignPrompt> Read(IEnumerable<JsonObject> items, string source, string fallbackName) => items
        .GroupBy(item => Text(item["name"]) ?? fallbackName, StringComparer.Ordinal)
        .Select(group => ReadVersions(group.Key, [.. group.OrderBy(VersionOf)], source));

    private static long VersionOf(JsonObject item) => long.TryParse(item["version"]?.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static ForeignPrompt ReadVersions(string name, List<JsonObject> versions, string source)
    {
        var read = versions.Select(version => (Item: version, Prompt: ReadOne(name, version, source))).ToList();
        var newest = read[^1].Prompt;
        var notes = newest.Notes.ToList();
        if (read.FirstOrDefault(entry => LabelsOf(entry.Item).Contains("production")) is { Item: { } live } && live != versions[^1])
        {
            notes.Add(new MappingNote(NoteKind.Warning, "labels", $"Version {VersionOf(live)} is in production there; the draft is the newest, version {VersionOf(versions[^1])}."));
        }

        foreach (var (item, prompt) in read.SkipLast(1).Where(entry => entry.Prompt.Content is null))
        {
            notes.Add(new MappingNote(NoteKind.Lost, $"version {VersionOf(item)}", prompt.Problem!));
        }

        return newest with
        {
            Notes = notes,
            History = [.. read.SkipLast(1).Where(entry => entry.Prompt.Content is not null).Select(entry => new ForeignVersion(entry.Prompt.Content!, MessageOf(entry.Item)))],
        };
    }

    private static string MessageOf(JsonObject item) =>
        $"Version {VersionOf(item)} from Langfuse{(LabelsOf(item) is { Count: > 0 } labels ? $" ({string.Join(", ", labels)})" : "")}{(Text(item["commitMessage"]) is { Length: > 0 } said ? $": {said}" : "")}";

    private static List<string> LabelsOf(JsonObject item) => [.. (item["labels"] as JsonArray ?? []).Select(Text).OfType<string>()];

    private static ForeignPrompt ReadOne(string name, JsonObject item, string source)
    {
        var builder = new DocumentBuilder("langfuse");
        var isChat = item["prompt"] is JsonArray;
        if (Text(item["prompt"]) is { } text)
        {
            builder.AddMessage("prompt", "user", ReadText(text, "prompt", builder));
        }

        var hasHistory = false;
        foreach (var (message, index) in (item["prompt"] as JsonArray ?? []).Select((message, index) => (message as JsonObject, index)))
        {
            ReadMessage(message, $"prompt[{index}]", builder, ref hasHistory);
        }

        foreach (var (key, value) in item["config"] as JsonObject ?? [])
        {
            ReadConfig(key, value, builder);
        }

        builder.Keep("type", isChat ? "chat" : "text");
        builder.Keep("name", name);
        foreach (var key in new[] { "version", "labels", "tags", "commitMessage" })
        {
            if (item[key] is { } value and not JsonArray { Count: 0 })
            {
                builder.KeepNoted(key, value);
            }
        }

        var (content, problem) = builder.Build();
        return new ForeignPrompt(source, PromptFormat.Langfuse, name) { Content = content, Problem = problem, Notes = builder.Notes };
    }

    private static void ReadMessage(JsonObject? message, string field, DocumentBuilder builder, ref bool hasHistory)
    {
        if (Text(message?["type"]) == "placeholder")
        {
            var name = Text(message!["name"]) ?? "?";
            if (hasHistory)
            {
                builder.Note(NoteKind.Lost, field, $"The placeholder {name}: a prompt has one place for messages of the caller.");
                return;
            }

            hasHistory = true;
            builder.AddMessage(field, null, []);
            builder.Keep("placeholder", name);
            builder.Note(NoteKind.Became, field, $"{{{{history}}}}: the placeholder {name} is where the conversation's messages go.");
            return;
        }

        var role = Text(message?["role"]);
        if (message is null || role is not ("system" or "developer" or "user" or "assistant" or "model") || Text(message["content"]) is not { } content)
        {
            builder.Note(NoteKind.Lost, field, $"A message of the role “{role ?? "?"}” has no counterpart, or has no text.");
            return;
        }

        builder.AddMessage(field, role switch { "assistant" or "model" => "model", "user" => "user", _ => "system" }, ReadText(content, $"{field}.content", builder));
    }

    /// <summary>Cuts at references to other prompts too, which are partials.</summary>
    private static List<PlainPart> ReadText(string text, string field, DocumentBuilder builder)
    {
        var (parts, start) = (new List<PlainPart>(), 0);
        foreach (Match match in Reference().Matches(text))
        {
            parts.AddRange(TemplateText.Read(text[start..match.Index]));
            start = match.Index + match.Length;
            var name = Slug.Of(match.Groups["name"].Value);
            parts.Add(new PlainPartial(name));
            builder.Note(NoteKind.Warning, field, $"The reference to “{match.Groups["name"].Value}” becomes the partial {name}: it must be there as _{name}.");
        }

        parts.AddRange(TemplateText.Read(text[start..]));
        return parts;
    }

    private static void ReadConfig(string key, JsonNode? value, DocumentBuilder builder)
    {
        switch (key)
        {
            case var _ when value is null:
                break;
            case "model" when Text(value) is { } model:
                builder.SetModel(key, model, fallback: null);
                break;
            case "stop":
                builder.SetConfig("config.stop", "stopSequences", value is JsonArray ? value : new JsonArray(value.DeepClone()));
                break;
            case var _ when s_config.TryGetValue(key, out var known):
                builder.SetConfig($"config.{key}", known, value);
                break;
            case "tools":
                OpenAiTools.Read(value, key, builder);
                break;
            case "tool_choice":
                ReadChoice(value, key, builder);
                break;
            case "response_format":
                ReadFormat(value, key, builder);
                break;
            default:
                builder.KeepNoted($"config.{key}", value);
                break;
        }
    }

    [GeneratedRegex(@"@@@langfusePrompt:name=(?<name>[^|@\n]{1,200})(?:\|[^@\n]{0,200})?@@@", RegexOptions.CultureInvariant)]
    private static partial Regex Reference();
}
