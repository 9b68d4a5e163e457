using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using Portal.Dotprompt;
using Portal.Dotprompt.Messages;
using Portal.Runner.Contract;
using Portal.Runner.Engine;

namespace Portal.Runner.Flows;

/// <summary>Writes answers that are not streams, and errors of both.</summary>
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
        var json = format == AnswerFormat.Json || result.AwaitsCaller; // no text says what is asked of the caller
        response.ContentType = json ? "application/json; charset=utf-8" : "text/plain; charset=utf-8";
        var text = json ? ResultObject(result).ToJsonString(Compact) : result.Message.Text;
        var bytes = Encoding.UTF8.GetBytes(text);
        response.ContentLength = bytes.Length;
        await response.Body.WriteAsync(bytes, cancellationToken);
    }

    /// <summary>A chunk in Genkit's shape.</summary>
    public static JsonObject ChunkObject(GenerateEvent.Chunk chunk) => new()
    {
        ["role"] = chunk.Role,
        ["index"] = chunk.Index,
        ["content"] = JsonSerializer.SerializeToNode(chunk.Content, DotpromptJson.Options),
    };

    /// <summary>
    /// What a flow returns: the JSON value when its prompt asks for JSON, else the text; and when tool requests are left to the caller, an object with
    /// the model's message and the conversation to go on with.
    /// </summary>
    public static JsonNode ResultOf(GenerateResult result) => result.AwaitsCaller
        ? new JsonObject
        {
            ["finishReason"] = result.FinishReason,
            ["message"] = JsonSerializer.SerializeToNode(result.Message, DotpromptJson.Options),
            ["messages"] = new JsonArray([.. result.Messages.Select(Told).OfType<Message>().Select(static message => JsonSerializer.SerializeToNode(message, DotpromptJson.Options))]),
        }
        : result.Output?.DeepClone() ?? JsonValue.Create(result.Message.Text);

    /// <summary>A message as callers may know it: what the prompt says as system, and about the output's format, it says again by itself.</summary>
    private static Message? Told(Message message) => message.Role == "system" ? null : message with
    {
        Content = [.. message.Content.Where(static part => part.Metadata?["purpose"]?.ToString() != OutputInstructions.Purpose)],
    };

    public static async Task WriteErrorAsync(HttpResponse response, int httpStatus, JsonObject error, CancellationToken cancellationToken)
    {
        if (response.HasStarted)
        {
            var frames = new EventFrames(response);
            frames.Write(new JsonObject { ["error"] = error });
            await frames.FlushAsync(cancellationToken);
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

    /// <summary>The answer, or the last frame of a stream.</summary>
    public static JsonObject ResultObject(GenerateResult result) => new() { ["result"] = ResultOf(result) };

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
