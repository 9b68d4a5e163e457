using System.Text.Encodings.Web;

namespace Portal.Features.Playground;

/// <summary>Inputs as JSON text.</summary>
public static class InputJson
{
    public static JsonSerializerOptions Indented { get; } = new(JsonSerializerDefaults.Web) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static JsonSerializerOptions Compact { get; } = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static bool TryParse(string text, out JsonNode? node, out string? problem)
    {
        try
        {
            node = JsonNode.Parse(text, documentOptions: new JsonDocumentOptions { MaxDepth = 64 });
            problem = node is null ? "null is not a value here" : null;
            return node is not null;
        }
        catch (JsonException exception)
        {
            node = null;
            problem = exception.LineNumber is { } line ? $"line {line + 1}, column {exception.BytePositionInLine + 1} is not valid" : "it is not valid";
            return false;
        }
    }
}
