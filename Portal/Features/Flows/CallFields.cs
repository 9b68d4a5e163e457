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
public sealed class CallField(string name, CallFieldKind kind, bool isRequired, string? description, IReadOnlyList<string> choices)
{
    public string Name { get; } = name;
    public CallFieldKind Kind { get; } = kind;
    public bool IsRequired { get; } = isRequired;
    public string? Description { get; } = description;
    public IReadOnlyList<string> Choices { get; } = choices;

    /// <summary>As text; a boolean is <c>true</c> or <c>false</c>.</summary>
    public string Value { get; set; } = "";

    /// <summary>What is wrong with <see cref="Value"/>; null when nothing.</summary>
    public string? Error { get; private set; }

    /// <summary>Adds the value to <paramref name="input"/>; false, with <see cref="Error"/> set, when it is not one.</summary>
    public bool TryAddTo(JsonObject input)
    {
        Error = null;
        if (Value.Length == 0 && Kind != CallFieldKind.Text)
        {
            Error = IsRequired ? "Give it a value." : null;
            return Error is null;
        }

        if (Value.Length == 0 && !IsRequired)
        {
            return true;
        }

        switch (Kind)
        {
            case CallFieldKind.Number when decimal.TryParse(Value, NumberStyles.Number, CultureInfo.InvariantCulture, out var number):
                input[Name] = number;
                return true;
            case CallFieldKind.Number:
                Error = "This is not a number.";
                return false;
            case CallFieldKind.Boolean:
                input[Name] = Value == "true";
                return true;
            case CallFieldKind.Json:
                return TryAddJson(input);
            default:
                input[Name] = Value;
                return true;
        }
    }

    private bool TryAddJson(JsonObject input)
    {
        try
        {
            input[Name] = JsonNode.Parse(Value);
            return true;
        }
        catch (JsonException exception)
        {
            Error = $"This is not JSON: {exception.Message}";
            return false;
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
        var choices = (schema["enum"] as JsonArray ?? []).Where(choice => choice is not null).Select(choice => choice!.ToString()).ToList();
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
