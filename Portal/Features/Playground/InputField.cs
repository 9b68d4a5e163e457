using System.Globalization;

namespace Portal.Features.Playground;

/// <summary>How a value is entered.</summary>
public enum InputKind
{
    Text,
    Number,
    Boolean,
    Choice,

    /// <summary>Lists, objects and anything else, as JSON.</summary>
    Json,
}

/// <summary>One field of the inputs form, from one property of an input schema (JSON Schema).</summary>
public sealed record InputField(string Name, InputKind Kind, string TypeName, string? Description, bool Required, IReadOnlyList<string> Choices)
{
    /// <summary>The values behind <see cref="Choices"/>: not all are strings.</summary>
    private IReadOnlyList<JsonValue> ChoiceValues { get; init; } = [];

    /// <summary>Properties in the schema's order; empty when there is no schema or it describes no object.</summary>
    public static IReadOnlyList<InputField> FromSchema(JsonObject? schema)
    {
        if (schema?["properties"] is not JsonObject properties)
        {
            return [];
        }

        var required = schema["required"] is JsonArray names ? names.Select(name => name?.ToString()).ToHashSet() : [];
        return [.. properties.Select(property => Of(property.Key, property.Value as JsonObject ?? [], required.Contains(property.Key)))];
    }

    /// <summary>Reads what was entered; null means that nothing was and the field is left out.</summary>
    /// <exception cref="FormatException">The text is not a value of this kind; the message says what is.</exception>
    public JsonNode? Parse(string text) => Kind switch
    {
        _ when text.Length == 0 => null,
        InputKind.Text => JsonValue.Create(text),
        InputKind.Choice => ParseChoice(text),
        InputKind.Boolean => JsonValue.Create(text == "true"),
        InputKind.Number => ParseNumber(text),
        _ => ParseJson(text),
    };

    /// <summary>A value as it is entered.</summary>
    public string Format(JsonNode? value) => value switch
    {
        null => "",
        JsonValue scalar when scalar.TryGetValue(out string? text) && Kind is InputKind.Text or InputKind.Choice => scalar.ToString(),
        _ => value.ToJsonString(InputJson.Indented),
    };

    private static InputField Of(string name, JsonObject schema, bool required)
    {
        var type = TypeOf(schema);
        var values = schema["enum"] is JsonArray listed ? listed.OfType<JsonValue>().ToList() : [];
        var choices = values.Select(value => value.ToString()).ToList();
        var kind = choices.Count > 0 ? InputKind.Choice : type switch
        {
            "string" => InputKind.Text,
            "number" or "integer" => InputKind.Number,
            "boolean" => InputKind.Boolean,
            _ => InputKind.Json,
        };
        return new InputField(name, kind, choices.Count > 0 ? "choice" : type, schema["description"]?.ToString(), required, choices) { ChoiceValues = values };
    }

    private static string TypeOf(JsonObject schema) => schema["type"] switch
    {
        JsonValue value => value.ToString(),
        JsonArray several => several.Select(item => item?.ToString()).FirstOrDefault(item => item != "null") ?? "any",
        _ => "any",
    };

    private JsonNode ParseChoice(string text) => ChoiceValues.FirstOrDefault(value => value.ToString() == text)?.DeepClone() ?? ParseJson(text);

    private JsonNode ParseNumber(string text)
    {
        var isInteger = TypeName == "integer";
        var isValid = isInteger
            ? long.TryParse(text, CultureInfo.InvariantCulture, out _)
            : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _);
        return isValid ? ParseJson(text.Trim()) : throw new FormatException(isInteger ? "must be a whole number" : "must be a number");
    }

    private static JsonNode ParseJson(string text) =>
        InputJson.TryParse(text, out var node, out var problem) ? node! : throw new FormatException($"must be JSON: {problem}");
}
