using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using Portal.Dotprompt;
using Portal.Runner.Contract;
using Portal.Runner.Engine;

namespace Portal.Runner.Flows;

/// <summary>
/// Writes answers. Stream frames are exactly <c>data: {json}</c> and two line feeds, without comments, events or ids: Genkit's own
/// clients parse no more than that.
/// </summary>
internal static class FlowAnswer
{
    public const string CallIdHeader = "x-genkit-call-id";
    public const string TraceIdHeader = "x-genkit-trace-id";
    public const string SpanIdHeader = "x-genkit-span-id";
    public const string UsageHeader = "x-genkit-usage";

    /// <summary>Without line breaks, and readable: answers are no HTML.</summary>
    public static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static async Task WriteWholeAsync(HttpResponse response, AnswerFormat format, GenerateResult result, CancellationToken cancellationToken)
    {
        response.Headers[UsageHeader] = DescribeUsage(result.Usage).ToJsonString();
        var json = format == AnswerFormat.Json;
        response.ContentType = json ? "application/json; charset=utf-8" : "text/plain; charset=utf-8";
        var text = json ? ResultObject(result).ToJsonString(Compact) : result.Message.Text;
        var bytes = Encoding.UTF8.GetBytes(text);
        response.ContentLength = bytes.Length;
        await response.Body.WriteAsync(bytes, cancellationToken);
    }

    public static Task WriteChunkAsync(HttpResponse response, GenerateEvent.Chunk chunk, CancellationToken cancellationToken) =>
        WriteFrameAsync(response, new JsonObject { ["message"] = ChunkObject(chunk) }, cancellationToken);

    /// <summary>A chunk in Genkit's shape.</summary>
    public static JsonObject ChunkObject(GenerateEvent.Chunk chunk) => new()
    {
        ["role"] = chunk.Role,
        ["index"] = chunk.Index,
        ["content"] = JsonSerializer.SerializeToNode(chunk.Content, DotpromptJson.Options),
    };

    /// <summary>What a flow returns: the JSON value when its prompt asks for JSON, else the text.</summary>
    public static JsonNode ResultOf(GenerateResult result) => result.Output?.DeepClone() ?? JsonValue.Create(result.Message.Text);

    public static Task WriteResultAsync(HttpResponse response, GenerateResult result, CancellationToken cancellationToken) =>
        WriteFrameAsync(response, ResultObject(result), cancellationToken);

    public static async Task WriteErrorAsync(HttpResponse response, int httpStatus, JsonObject error, CancellationToken cancellationToken)
    {
        if (response.HasStarted)
        {
            await WriteFrameAsync(response, new JsonObject { ["error"] = error }, cancellationToken);
            return;
        }

        response.StatusCode = httpStatus;
        response.ContentLength = null; // of an answer that was about to be written
        response.ContentType = "application/json; charset=utf-8";
        await response.WriteAsync(error.ToJsonString(Compact), cancellationToken);
    }

    public static JsonObject ErrorObject(string status, string message, JsonNode? details)
    {
        var error = new JsonObject { ["status"] = status, ["message"] = message };
        if (details is not null)
        {
            error["details"] = details.DeepClone();
        }

        return error;
    }

    /// <summary>RFC 9457, for requests that reach no flow.</summary>
    public static async Task WriteProblemAsync(HttpResponse response, int httpStatus, string title, string detail)
    {
        response.StatusCode = httpStatus;
        response.ContentType = "application/problem+json";
        var problem = new JsonObject { ["title"] = title, ["status"] = httpStatus, ["detail"] = detail };
        await response.WriteAsync(problem.ToJsonString(Compact));
    }

    public static void SetRetryAfter(HttpResponse response, TimeSpan? retryAfter)
    {
        if (retryAfter is { } wait && !response.HasStarted)
        {
            response.Headers.RetryAfter = Math.Max(1, Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }
    }

    private static JsonObject ResultObject(GenerateResult result) => new() { ["result"] = ResultOf(result) };

    private static async Task WriteFrameAsync(HttpResponse response, JsonObject frame, CancellationToken cancellationToken)
    {
        if (!response.HasStarted)
        {
            response.ContentType = "text/event-stream";
            response.Headers.CacheControl = "no-cache";
            response.Headers["X-Accel-Buffering"] = "no"; // nginx would hold small frames back
        }

        await response.Body.WriteAsync(Encoding.UTF8.GetBytes($"data: {frame.ToJsonString(Compact)}\n\n"), cancellationToken);
        await response.Body.FlushAsync(cancellationToken);
    }

    private static JsonObject DescribeUsage(UsageRecord usage)
    {
        var described = new JsonObject { ["provider"] = usage.Provider, ["model"] = usage.Model, ["finishReason"] = usage.FinishReason };
        Add("inputTokens", usage.Usage.InputTokens);
        Add("outputTokens", usage.Usage.OutputTokens);
        Add("cachedInputTokens", usage.Usage.CachedInputTokens);
        Add("cacheWriteTokens", usage.Usage.CacheWriteTokens);
        Add("reasoningTokens", usage.Usage.ReasoningTokens);
        Add("timeToFirstTokenMs", (long?)usage.TimeToFirstToken?.TotalMilliseconds);
        Add("durationMs", (long)usage.Duration.TotalMilliseconds);
        return described;

        void Add(string name, long? value)
        {
            if (value is { } number)
            {
                described[name] = number;
            }
        }
    }
}
