using System.Globalization;
using Portal.Dotprompt.Documents;
using Portal.Dotprompt.Rendering;
using Portal.Dotprompt.Schemas;

namespace Portal.Features.Flows;

/// <summary>How a value is typed in.</summary>
public enum CallFieldKind
{
    Text,
    Number,
    Boolean,
    Choice,

    /// <summary>Anything else, as JSON.</summary>
    Json,
}

/// <summary>One input of a prompt, with what was typed for it.</summary>
public sealed class CallField(string name, CallFieldKind kind, bool isRequired, string? description, IReadOnlyList<JsonNode> choices)
{
    public string Name { get; } = name;
    public CallFieldKind Kind { get; } = kind;
    public bool IsRequired { get; } = isRequired;
    public string? Description { get; } = description;
    public IReadOnlyList<string> Choices { get; } = [.. choices.Select(choice => choice.ToString())];

    /// <summary>As text; a boolean is <c>true</c> or <c>false</c>.</summary>
    public string Value { get; set; } = "";

    /// <summary>What was found wrong when the form was last sent; null when nothing.</summary>
    public string? Error { get; private set; }

    /// <summary>Adds the value to <paramref name="input"/>; false, with <see cref="Error"/> set, when it is not one.</summary>
    public bool TryAddTo(JsonObject input)
    {
        Error = Read(input);
        return Error is null;
    }

    /// <summary>Adds the value to <paramref name="input"/> when it is one; the result says what is wrong, null when nothing.</summary>
    public string? Read(JsonObject input)
    {
        if (Value.Length == 0 && (Kind != CallFieldKind.Text || !IsRequired))
        {
            return IsRequired ? "Give it a value." : null;
        }

        try
        {
            input[Name] = Kind switch
            {
                CallFieldKind.Number => decimal.Parse(Value, NumberStyles.Number, CultureInfo.InvariantCulture),
                CallFieldKind.Boolean => Value == "true",
                CallFieldKind.Json => JsonNode.Parse(Value),
                CallFieldKind.Choice => choices.FirstOrDefault(choice => choice.ToString() == Value)?.DeepClone() ?? Value,
                _ => Value,
            };
            return null;
        }
        catch (Exception exception) when (exception is FormatException or OverflowException)
        {
            return "This is not a number.";
        }
        catch (JsonException exception)
        {
            return $"This is not JSON: {exception.Message}";
        }
    }
}

/// <summary>The fields of a form for a prompt's input.</summary>
public static class CallFields
{
    /// <summary>One field a property of the input schema, filled with its default; none when the document has no schema that can be read.</summary>
    public static IReadOnlyList<CallField> Of(string content)
    {
        var document = DotpromptDocument.Parse(content);
        JsonObject? schema;
        try
        {
            schema = new PromptRenderer(new RenderEnvironment()).RenderMetadata(document).InputSchema;
        }
        catch (Exception exception) when (exception is PicoschemaException or PromptRenderException)
        {
            return [];
        }

        var required = (schema?["required"] as JsonArray ?? []).Select(name => name?.ToString()).ToHashSet(StringComparer.Ordinal);
        return [.. (schema?["properties"] as JsonObject ?? []).Select(property => Field(property.Key, property.Value as JsonObject ?? [], required, document))];
    }

    private static CallField Field(string name, JsonObject schema, HashSet<string?> required, DotpromptDocument document)
    {
        var choices = (schema["enum"] as JsonArray ?? []).OfType<JsonNode>().ToList();
        var types = schema["type"] is JsonArray several ? several.Select(type => type?.ToString()).ToList() : [schema["type"]?.ToString()];
        var kind = choices.Count > 0 ? CallFieldKind.Choice
            : types.Contains("string") ? CallFieldKind.Text
            : types.Contains("integer") || types.Contains("number") ? CallFieldKind.Number
            : types.Contains("boolean") ? CallFieldKind.Boolean
            : CallFieldKind.Json;
        var field = new CallField(name, kind, required.Contains(name), schema["description"]?.ToString(), choices);
        if (document.Metadata.InputDefaults.TryGetPropertyValue(name, out var value) && value is not null)
        {
            field.Value = value is JsonValue scalar && scalar.TryGetValue(out string? text) ? text : value.ToJsonString();
        }

        return field;
    }
}
