using System.Text.Encodings.Web;
using Portal.Runner.Engine;

namespace Portal.Components.Inputs;

/// <summary>Inputs as JSON text.</summary>
public static class InputJson
{
    public static JsonSerializerOptions Indented { get; } =
        new(JsonSerializerDefaults.Web) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static JsonSerializerOptions Compact { get; } = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // What is kept of it is put into another object or two, and is still to be read with the 64 levels that are usual.
    private static readonly JsonDocumentOptions s_strict = new() { MaxDepth = 56, AllowDuplicateProperties = false };

    /// <summary>What is wrong with an input that is JSON; null when it can be used.</summary>
    public static string? Check(JsonObject? input) => input.IsReadable() ? null : "it has a key twice, or a string with half of a surrogate pair";

    public static bool TryParse(string text, out JsonNode? node, out string? problem)
    {
        try
        {
            node = JsonNode.Parse(text, documentOptions: s_strict);
            problem = node is null ? "null is not a value here" : node.IsReadable() ? null : "a string holds half of a surrogate pair";
            return problem is null;
        }
        catch (JsonException exception)
        {
            node = null;
            problem = exception.LineNumber is { } line
                ? $"line {line + 1}, column {exception.BytePositionInLine + 1} is not valid"
                : "it is not valid";
            return false;
        }
    }
}
