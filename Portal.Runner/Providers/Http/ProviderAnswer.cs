using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text;

namespace Portal.Runner.Providers.Http;

/// <summary>A provider's successful answer, not yet read. Disposing closes the connection.</summary>
internal sealed class ProviderAnswer(HttpResponseMessage response, Stream body, IdleTimeout idle, ProviderFailures failures) : IDisposable
{
    public ProviderFailures Failures { get; } = failures;

    public bool IsEventStream => response.Content.Headers.ContentType?.MediaType == "text/event-stream";

    /// <summary>The events of a stream; the text of each is still JSON.</summary>
    public async IAsyncEnumerable<SseItem<string>> ReadEventsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var item in SseParser.Create(body).EnumerateAsync(cancellationToken))
        {
            yield return item;
        }
    }

    public async Task<JsonNode?> ReadJsonAsync(CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(body, Encoding.UTF8);
        return Parse(await reader.ReadToEndAsync(cancellationToken));
    }

    public JsonNode? Parse(string json)
    {
        try
        {
            return JsonNode.Parse(json);
        }
        catch (JsonException exception)
        {
            throw Failures.Garbage("JSON", exception);
        }
    }

    public void Dispose()
    {
        body.Dispose();
        response.Dispose();
        idle.Dispose();
    }
}
