using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text;
using Portal.Auth;
using Portal.Operator.Flows;

namespace Portal.Features.Flows.Proxy;

/// <summary>What comes back from a call, piece by piece: text as it arrives, at last the result or an error.</summary>
internal abstract record FlowPiece
{
    public sealed record Text(string Value) : FlowPiece;

    /// <summary>The whole answer: a string, or JSON when the prompt asks for it.</summary>
    public sealed record Result(JsonNode? Value) : FlowPiece;

    public sealed record Error(string Message) : FlowPiece;
}

/// <summary>Calls a flow from a page, streaming.</summary>
/// <param name="caller">Sends the call.</param>
/// <param name="directory">Knows why a flow is not ready.</param>
/// <param name="clock">Time.</param>
/// <param name="listener">Told of calls that were answered to the end; null where nobody keeps them.</param>
internal sealed class FlowStream(FlowCaller caller, FlowDirectory directory, TimeProvider clock, IFlowCallListener? listener = null)
{
    private const int LongestError = 2000;

    public async IAsyncEnumerable<FlowPiece> CallAsync(CurrentUser user, Flow flow, string prompt, JsonObject input, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        user.Demand(Permission.Run, flow.Namespace);
        var body = Encoding.UTF8.GetBytes(input.ToJsonString());
        var (begun, started) = (clock.GetUtcNow(), clock.GetTimestamp());
        using var response = await caller.SendAsync(flow, Uri.EscapeDataString(prompt), body, Prepare, cancellationToken);
        if (response is null)
        {
            yield return new FlowPiece.Error($"The flow is not ready: {FlowVerdict.Of(flow, directory).Sentence}");
            yield break;
        }

        string answer;
        if (!response.IsSuccessStatusCode)
        {
            answer = await response.Content.ReadAsStringAsync(cancellationToken);
            yield return new FlowPiece.Error(ErrorOf(response, answer));
        }
        else
        {
            answer = "";
            await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
            await foreach (var frame in SseParser.Create(stream).EnumerateAsync(cancellationToken))
            {
                if (Read(frame.Data) is { } piece)
                {
                    answer = piece is FlowPiece.Text ? answer : $"data: {frame.Data}\n\n"; // the last frame says all that those before it said
                    yield return piece;
                }
            }
        }

        if (listener is not null && await listener.WantsAsync(flow.Namespace!))
        {
            await listener.KeepAsync(new FlowCall(
                FlowProxy.IdOf(response), flow.Namespace!, flow.Name, prompt, user.Actor.Name, user.Actor.Id, begun, clock.GetElapsedTime(started),
                (int)response.StatusCode, response.Content.Headers.ContentType?.MediaType, body, Encoding.UTF8.GetBytes(answer)));
        }
    }

    private static void Prepare(HttpRequestMessage request)
    {
        request.Content!.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
    }

    private static FlowPiece? Read(string data)
    {
        var frame = JsonNode.Parse(data) as JsonObject;
        if (frame?["error"] is { } error)
        {
            return new FlowPiece.Error(error["message"]?.ToString() ?? error.ToJsonString());
        }

        if (frame is not null && frame.TryGetPropertyValue("result", out var result))
        {
            return new FlowPiece.Result(result);
        }

        var parts = frame?["message"]?["content"] as JsonArray ?? [];
        var text = string.Concat(parts.Select(part => part?["text"]?.ToString()));
        return text.Length > 0 ? new FlowPiece.Text(text) : null;
    }

    private static string ErrorOf(HttpResponseMessage response, string text)
    {
        var prefix = $"{(int)response.StatusCode}: ";
        try
        {
            var json = JsonNode.Parse(text);
            return prefix + (json?["message"] ?? json?["detail"] ?? json)?.ToString();
        }
        catch (JsonException)
        {
            return prefix + (text.Length > LongestError ? text[..LongestError] : text);
        }
    }
}
