using System.Net.ServerSentEvents;
using System.Text;

namespace Portal.Features.Runs;

/// <summary>What a flow answered, whole or as server-sent events.</summary>
internal static class FlowOutput
{
    /// <summary>The text, or JSON as text; and the error that a stream ended with.</summary>
    public static (string Output, string? Error) Read(ReadOnlyMemory<byte> answer, string? contentType)
    {
        var text = Encoding.UTF8.GetString(answer.Span);
        if (contentType?.StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase) != true)
        {
            return (TryRead(text, out var whole) ? whole : text, null);
        }

        string? result = null, error = null;
        foreach (var frame in SseParser.Create(new MemoryStream(answer.ToArray())).Enumerate())
        {
            if (Parse(frame.Data) is not JsonObject data)
            {
                continue;
            }

            error = data["error"] is { } failed ? (failed as JsonObject)?["message"]?.ToString() ?? failed.ToJsonString() : error;
            result = TryRead(frame.Data, out var last) ? last : result;
        }

        return (result ?? "", error);
    }

    private static bool TryRead(string json, out string text)
    {
        text = "";
        if (Parse(json) is not JsonObject answer || !answer.TryGetPropertyValue("result", out var result))
        {
            return false;
        }

        text = result is JsonValue value && value.TryGetValue(out string? said) ? said : result?.ToJsonString() ?? "";
        return true;
    }

    private static JsonNode? Parse(string json)
    {
        try
        {
            return JsonNode.Parse(json);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
