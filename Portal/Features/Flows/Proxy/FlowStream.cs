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
internal sealed class FlowStream(FlowCaller caller, FlowDirectory directory)
{
    private const int LongestError = 2000;

    public async IAsyncEnumerable<FlowPiece> CallAsync(CurrentUser user, Flow flow, string prompt, JsonObject input, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        user.Demand(Permission.Run, flow.Namespace);
        var body = Encoding.UTF8.GetBytes(input.ToJsonString());
        using var response = await caller.SendAsync(flow, Uri.EscapeDataString(prompt), body, Prepare, cancellationToken);
        if (response is null)
        {
            yield return new FlowPiece.Error($"The flow is not ready: {FlowVerdict.Of(flow, directory.PodsOf(flow)).Sentence}");
            yield break;
        }

        if (!response.IsSuccessStatusCode)
        {
            yield return new FlowPiece.Error(await ReadErrorAsync(response, cancellationToken));
            yield break;
        }

        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        await foreach (var frame in SseParser.Create(stream).EnumerateAsync(cancellationToken))
        {
            if (Read(frame.Data) is { } piece)
            {
                yield return piece;
            }
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

    private static async Task<string> ReadErrorAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
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
