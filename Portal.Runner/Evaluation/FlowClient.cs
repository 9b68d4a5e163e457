using System.Globalization;
using System.Net;
using System.Text;
using Portal.Runner.Contract;
using Portal.Runner.Flows;
using Portal.Runner.Tools;

namespace Portal.Runner.Evaluation;

/// <summary>
/// Calls the flow. Asked again only when nothing was done: it could not be reached, or it said that it is too busy (429) or away (503). What a budget
/// refuses is for the caller to wait for.
/// </summary>
/// <param name="client">Without a time limit of its own.</param>
/// <param name="address">The flow's route.</param>
/// <param name="timeout">For one attempt, the whole answer included.</param>
/// <param name="retries">Further attempts.</param>
/// <param name="timeProvider">Measures and waits.</param>
internal sealed class FlowClient(HttpClient client, Uri address, TimeSpan timeout, int retries, TimeProvider timeProvider)
{
    private const int MaxAnswerBytes = 1024 * 1024;
    private const int MaxErrorCharacters = 500;
    private static readonly TimeSpan s_longestWait = TimeSpan.FromSeconds(10);

    public async Task<FlowReply> CallAsync(JsonNode? input, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var (reply, again) = await TryAsync(input, cancellationToken);
            if (again is not { } wait || attempt > retries)
            {
                return reply with { Attempts = attempt };
            }

            var backOff = TimeSpan.FromSeconds(0.5 * Math.Pow(2, attempt - 1));
            await Task.Delay(wait > backOff ? wait : backOff < s_longestWait ? backOff : s_longestWait, timeProvider, cancellationToken);
        }
    }

    /// <returns>The reply, and for those that may be tried again the least time to wait.</returns>
    private async Task<(FlowReply Reply, TimeSpan? Again)> TryAsync(JsonNode? input, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(timeout, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var started = timeProvider.GetTimestamp();
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, address)
            {
                Content = new StringContent(input?.ToJsonString() ?? "null", Encoding.UTF8, "application/json"),
            };
            request.Headers.Accept.ParseAdd("application/json, text/plain;q=0.5");
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            var body = await ReadAsync(response, either.Token);
            var reply = Read(response, body) with { Latency = timeProvider.GetElapsedTime(started) };
            var busy = response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable;
            return (reply, busy && reply.RefusedFor is null ? WaitOf(response) : null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The flow may have begun, and tools may have been called: not again.
            return (Failed($"no answer within {timeout.TotalSeconds:0.###} s", started), null);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or ToolException)
        {
            var unsent = exception is ToolException or HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError };
            return (Failed($"the flow cannot be reached at {address.GetLeftPart(UriPartial.Path)}: {exception.Message}", started), unsent ? TimeSpan.Zero : null);
        }
    }

    private FlowReply Failed(string error, long started) => new() { Error = error, Reached = false, Latency = timeProvider.GetElapsedTime(started) };

    private static TimeSpan WaitOf(HttpResponseMessage response) =>
        response.Headers.RetryAfter?.Delta is { } asked ? (asked < s_longestWait ? asked : s_longestWait) : TimeSpan.Zero;

    /// <summary>Null when the answer is too long.</summary>
    private static async Task<string?> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        using var bytes = new MemoryStream();
        var buffer = new byte[16384];
        int count;
        while ((count = await stream.ReadAsync(buffer, cancellationToken)) > 0)
        {
            bytes.Write(buffer, 0, count);
            if (bytes.Length > MaxAnswerBytes)
            {
                return null;
            }
        }

        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    private static FlowReply Read(HttpResponseMessage response, string? body)
    {
        var reply = new FlowReply { TraceId = Header(response, FlowAnswer.TraceIdHeader), Usage = ParseObject(Header(response, FlowAnswer.UsageHeader)) };
        if (body is null)
        {
            return reply with { Error = $"the answer is longer than {MaxAnswerBytes / 1024 / 1024} MB" };
        }

        var parsed = response.Content.Headers.ContentType?.MediaType is { } type && type.EndsWith("json", StringComparison.OrdinalIgnoreCase) ? EvaluationJson.Parse(body) : null;
        if (response.IsSuccessStatusCode)
        {
            // Genkit's envelope; a plain answer is the result itself.
            var output = parsed is JsonObject { Count: 1 } envelope && envelope.TryGetPropertyValue("result", out var result) ? result?.DeepClone() : parsed;
            return reply with { Output = output ?? JsonValue.Create(parsed is null ? body : "") };
        }

        var refused = response.StatusCode == HttpStatusCode.TooManyRequests && ((parsed as JsonObject)?["details"] as JsonObject)?["reason"]?.ToString() == BudgetStop.Reason;
        var said = parsed is JsonObject error ? (error["message"] ?? error["detail"] ?? error["title"])?.ToString() : body.Trim();
        var code = ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture);
        return reply with
        {
            Error = string.IsNullOrEmpty(said) ? $"the flow answers {code}" : $"the flow answers {code}: {(said.Length > MaxErrorCharacters ? said[..MaxErrorCharacters] + "…" : said)}",
            Reached = response.StatusCode is not (HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed) || Header(response, FlowAnswer.CallIdHeader) is not null,
            RefusedFor = refused ? response.Headers.RetryAfter?.Delta ?? TimeSpan.MaxValue : null,
        };
    }

    private static string? Header(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? values.First() : null;

    private static JsonObject? ParseObject(string? text) => text is null ? null : EvaluationJson.Parse(text) as JsonObject;
}
