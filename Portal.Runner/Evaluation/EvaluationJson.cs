using System.Text.Encodings.Web;

namespace Portal.Runner.Evaluation;

/// <summary>JSON as results hold it.</summary>
internal static class EvaluationJson
{
    public static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // A repeated key would surface as an exception when the object is first looked into, wherever that is.
    private static readonly JsonDocumentOptions s_strict = new() { AllowDuplicateProperties = false };

    /// <summary>The value, or null when the text is no JSON (a repeated key included).</summary>
    public static JsonNode? Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text, documentOptions: s_strict);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>A string as it is, any other value as compact JSON, nothing as an empty text.</summary>
    public static string TextOf(JsonNode? value) => value switch
    {
        null => "",
        JsonValue text when text.TryGetValue<string>(out var content) => content,
        _ => value.ToJsonString(Compact),
    };

    /// <summary>The value; a string that holds a JSON object or array is read as that.</summary>
    public static JsonNode? ValueOf(JsonNode? value) =>
        value is JsonValue text && text.TryGetValue<string>(out var content) && content.AsSpan().TrimStart() is ['{' or '[', ..]
            ? Parse(content) ?? value
            : value;
}
