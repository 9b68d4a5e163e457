using System.Text.Encodings.Web;

namespace Portal.Runner.Evaluation;

/// <summary>JSON as results hold it.</summary>
internal static class EvaluationJson
{
    public static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A string as it is, any other value as compact JSON, nothing as an empty text.</summary>
    public static string TextOf(JsonNode? value) => value switch
    {
        null => "",
        JsonValue text when text.TryGetValue<string>(out var content) => content,
        _ => value.ToJsonString(Compact),
    };

    /// <summary>The value; a string that holds a JSON object or array is read as that.</summary>
    public static JsonNode? ValueOf(JsonNode? value)
    {
        if (value is not JsonValue text || !text.TryGetValue<string>(out var content) || content.AsSpan().TrimStart() is not ['{' or '[', ..])
        {
            return value;
        }

        try
        {
            return JsonNode.Parse(content);
        }
        catch (JsonException)
        {
            return value;
        }
    }
}
