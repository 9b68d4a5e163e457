using Portal.Dotprompt.Rendering;
using Portal.Runner.Contract;

namespace Portal.Runner.Engine;

/// <summary>
/// What shape a prompt wants answers in: Genkit's formats <c>text</c>, <c>json</c>, <c>array</c>, <c>jsonl</c>, <c>enum</c>. A schema without a format means <c>json</c>.
/// </summary>
internal sealed record OutputFormat(string Name, JsonObject? Schema)
{
    private static readonly string[] s_names = ["text", "json", "array", "jsonl", "enum", "media"];

    /// <summary>Whether the provider itself is asked for JSON; otherwise words do it.</summary>
    public bool IsNative { get; private init; }

    /// <summary>The words that ask for the shape, where they are to be put; null when nowhere.</summary>
    public string? Instructions { get; private init; }

    /// <summary>Whether <see cref="Instructions"/> go only where the prompt has a place for them.</summary>
    public bool OnlyInItsPlace { get; private init; }

    /// <param name="rendered">The prompt.</param>
    /// <param name="canConstrain">Whether the model can be bound to a schema, as far as is known.</param>
    /// <exception cref="GenkitException">The format is unknown, or does not go with the schema.</exception>
    public static OutputFormat Read(RenderedPrompt rendered, bool canConstrain)
    {
        var (name, schema) = (rendered.OutputFormat ?? (rendered.OutputSchema is null ? "text" : "json"), rendered.OutputSchema);
        if (!s_names.Contains(name, StringComparer.Ordinal))
        {
            throw Wrong($"output.format of the prompt is \"{name}\"; it must be one of {string.Join(", ", s_names)}.");
        }

        if (schema is not null && (name is "array" && !IsArray(schema) || name is "jsonl" && !(IsArray(schema) && schema["items"] is JsonObject { } items && TypeOf(items) == "object")
            || name is "enum" && schema["enum"] is not JsonArray))
        {
            throw Wrong($"output.format \"{name}\" of the prompt needs a schema of {(name == "enum" ? "an enum" : name == "array" ? "an array" : "an array of objects")}.");
        }

        var output = rendered.Metadata.Output;
        var wanted = output?["instructions"];
        var isNative = name == "json" && canConstrain && !Is(output?["constrained"], false);
        return new OutputFormat(name, schema)
        {
            IsNative = isNative,
            Instructions = Is(wanted, false) ? null : TextOf(wanted) ?? WordsFor(name, schema),
            OnlyInItsPlace = isNative && !Is(wanted, true) && TextOf(wanted) is null,
        };
    }

    /// <summary>The value of an answer; null for text.</summary>
    /// <exception cref="GenkitException">The answer has another shape.</exception>
    public JsonNode? Parse(string text, UsageRecord usage)
    {
        var ranOut = usage.FinishReason == "length";
        var found = Name switch
        {
            "json" => JsonAnswer.TryExtract(text, "{[", Schema, ranOut, out var json) ? new Found(json) : null,
            "array" => JsonAnswer.TryExtract(text, "[", Schema, ranOut, out var json) && json is JsonArray ? new Found(json) : null,
            "jsonl" => Lines(text, ranOut),
            "enum" => new Found(JsonValue.Create(text.Replace("\"", "", StringComparison.Ordinal).Replace("'", "", StringComparison.Ordinal).Trim())),
            _ => new Found(null),
        };
        if (found is null)
        {
            var reason = usage.FinishReason switch
            {
                "length" => "it was cut off; raise maxOutputTokens",
                "blocked" => "the provider blocked it",
                _ => $"ask for {(Name == "array" ? "a JSON array" : "JSON")} in the prompt",
            };
            throw new GenkitException(GenkitStatus.Internal, $"The model's answer is not {(Name == "array" ? "a JSON array" : "JSON")}: {reason}.") { Usage = usage };
        }

        var errors = Schema is null || Name is "text" or "media" ? [] : SchemaCheck.Validate(Schema, found.Value);
        return errors.Count == 0
            ? found.Value
            : throw new GenkitException(GenkitStatus.Internal, $"The model's answer does not match the output schema: {SchemaCheck.Describe(errors)}.")
            {
                Details = SchemaCheck.ToDetails(errors),
                Usage = usage,
            };
    }

    /// <summary>One object a line; lines that begin otherwise are prose. A last line that was cut off is left out.</summary>
    private static Found? Lines(string text, bool ranOut)
    {
        var lines = text.Split('\n').Select(static line => line.Trim()).Where(static line => line.StartsWith('{')).ToList();
        var items = new JsonArray();
        for (var index = 0; index < lines.Count; index++)
        {
            if (LenientJson.TryRead(lines[index], out var item, out _, out var wasCut) && !wasCut)
            {
                items.Add(item);
            }
            else if (!ranOut || index < lines.Count - 1)
            {
                return null;
            }
        }

        return new Found(items);
    }

    private static string? WordsFor(string name, JsonObject? schema) => name switch
    {
        "json" => OutputInstructions.ForJson(schema),
        "array" when schema is not null => OutputInstructions.ForArray(schema),
        "jsonl" when schema?["items"] is JsonObject items => OutputInstructions.ForLines(items),
        "enum" when schema?["enum"] is JsonArray values => OutputInstructions.ForEnum(values),
        _ => null,
    };

    private static bool IsArray(JsonObject schema) => TypeOf(schema) == "array";

    private static string? TypeOf(JsonObject schema) => schema["type"]?.ToString();

    private static bool Is(JsonNode? node, bool expected) => node is JsonValue value && value.TryGetValue<bool>(out var flag) && flag == expected;

    private static string? TextOf(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static GenkitException Wrong(string message) => new(GenkitStatus.InvalidArgument, message);

    /// <summary>JSON's null is a value too.</summary>
    private sealed record Found(JsonNode? Value);
}
