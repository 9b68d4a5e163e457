using System.Text.Encodings.Web;
using Portal.Dotprompt.Messages;

namespace Portal.Runner.Providers.Http;

/// <summary>What a tool answered, in the shapes vendors take.</summary>
internal static class ToolOutput
{
    // The text is for a model to read, not for a page.
    private static readonly JsonSerializerOptions s_readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>As text: a string is itself, anything else is JSON.</summary>
    public static string TextOf(JsonNode? output) => output is null ? "" : output.Text() ?? output.ToJsonString(s_readable);

    /// <summary>As an object, for vendors that take nothing else.</summary>
    public static JsonObject ObjectOf(JsonNode? output) =>
        output is JsonObject value ? (JsonObject)value.DeepClone() : new JsonObject { ["result"] = output?.DeepClone() };

    /// <summary>Whether the tool failed: its answer is then <c>{"error": "…"}</c>.</summary>
    public static bool IsError(ToolResponsePart response) => response.Output is JsonObject { Count: 1 } output && output["error"].Text() is not null;
}
