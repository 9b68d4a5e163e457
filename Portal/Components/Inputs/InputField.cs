using System.Globalization;

namespace Portal.Components.Inputs;

/// <summary>How a value is entered.</summary>
public enum InputKind
{
    Text,
    Number,
    Boolean,
    Choice,

    /// <summary>Texts or numbers, one a line.</summary>
    List,

    /// <summary>A file as a <c>data:</c> URL, or the address of one.</summary>
    Media,

    /// <summary>Lists of other things, objects and anything else, as JSON.</summary>
    Json,
}

/// <summary>One field of the inputs form, from one property of an input schema (JSON Schema).</summary>
public sealed record InputField(string Name, InputKind Kind, string TypeName, string? Description, bool Required, IReadOnlyList<string> Choices)
{
    /// <summary>The values behind <see cref="Choices"/>: not all are strings.</summary>
    private IReadOnlyList<JsonValue> ChoiceValues { get; init; } = [];

    /// <summary>The type of a list's items.</summary>
    private string ItemType { get; init; } = "string";

    /// <summary>Properties in the schema's order; empty when there is no schema or it describes no object.</summary>
    /// <param name="schema">JSON Schema of an object.</param>
    /// <param name="media">Names of those that are files.</param>
    public static IReadOnlyList<InputField> FromSchema(JsonObject? schema, IReadOnlySet<string>? media = null)
    {
        if (schema?["properties"] is not JsonObject properties)
        {
            return [];
        }

        var required = schema["required"] is JsonArray names ? names.Select(name => name?.ToString()).ToHashSet() : [];
        return [.. properties.Select(property => Of(property.Key, property.Value as JsonObject ?? [], required.Contains(property.Key), media?.Contains(property.Key) == true))];
    }

    /// <summary>Reads what was entered; null means that nothing was and the field is left out.</summary>
    /// <exception cref="FormatException">The text is not a value of this kind; the message says what is.</exception>
    public JsonNode? Parse(string text) => Kind switch
    {
        _ when text.Length == 0 => null,
        InputKind.Text or InputKind.Media => JsonValue.Create(text),
        InputKind.List when !text.AsSpan().TrimStart().StartsWith("[") => new JsonArray([.. Lines(text).Select(ParseItem)]),
        InputKind.Choice => ParseChoice(text),
        InputKind.Boolean => JsonValue.Create(text == "true"),
        InputKind.Number => ParseNumber(text, TypeName == "integer"),
        _ => ParseJson(text),
    };

    /// <summary>A value as it is entered.</summary>
    public string Format(JsonNode? value) => value switch
    {
        null => "",
        JsonValue scalar when scalar.TryGetValue(out string? text) && Kind is InputKind.Text or InputKind.Choice or InputKind.Media => scalar.ToString(),
        JsonArray list when Kind == InputKind.List && list.All(IsLine) => string.Join('\n', list.Select(item => item!.ToString())),
        _ => value.ToJsonString(InputJson.Indented),
    };

    private static InputField Of(string name, JsonObject schema, bool required, bool isMedia)
    {
        var type = TypeOf(schema);
        var values = schema["enum"] is JsonArray listed ? listed.OfType<JsonValue>().ToList() : [];
        var choices = values.Select(value => value.ToString()).ToList();
        var item = TypeOf(schema["items"] as JsonObject ?? []);
        var kind = choices.Count > 0 ? InputKind.Choice : type switch
        {
            "string" => isMedia ? InputKind.Media : InputKind.Text,
            "array" when item is "string" or "number" or "integer" => InputKind.List,
            "number" or "integer" => InputKind.Number,
            "boolean" => InputKind.Boolean,
            _ => InputKind.Json,
        };
        var word = choices.Count > 0 ? "choice" : kind == InputKind.Media ? "file" : kind == InputKind.List ? "list" : type;
        return new InputField(name, kind, word, schema["description"]?.ToString(), required, choices) { ChoiceValues = values, ItemType = item };
    }

    private static string TypeOf(JsonObject schema) => schema["type"] switch
    {
        JsonValue value => value.ToString(),
        JsonArray several => several.Select(item => item?.ToString()).FirstOrDefault(item => item != "null") ?? "any",
        _ => "any",
    };

    private static IEnumerable<string> Lines(string text) => text.ReplaceLineEndings("\n").Split('\n').Where(line => line.Trim().Length > 0);

    /// <summary>Whether an item can stand on a line of its own.</summary>
    private static bool IsLine(JsonNode? item) => item is JsonValue && item.ToString() is { Length: > 0 } text && text.Trim().Length > 0 && !text.StartsWith('[') && text.AsSpan().IndexOfAny('\n', '\r') < 0;

    private JsonNode ParseItem(string line) => ItemType == "string" ? JsonValue.Create(line) : ParseNumber(line.Trim(), ItemType == "integer");

    private JsonNode ParseChoice(string text) => ChoiceValues.FirstOrDefault(value => value.ToString() == text)?.DeepClone() ?? ParseJson(text);

    private static JsonNode ParseNumber(string text, bool isInteger)
    {
        var isValid = isInteger
            ? long.TryParse(text, CultureInfo.InvariantCulture, out _)
            : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _);
        return isValid ? ParseJson(text.Trim()) : throw new FormatException(isInteger ? "must be a whole number" : "must be a number");
    }

    private static JsonNode ParseJson(string text) =>
        InputJson.TryParse(text, out var node, out var problem) ? node! : throw new FormatException($"must be JSON: {problem}");
}
