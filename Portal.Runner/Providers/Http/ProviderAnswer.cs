using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text;
using Portal.Runner.Engine;

namespace Portal.Runner.Providers.Http;

/// <summary>A provider's successful answer, not yet read. Disposing closes the connection.</summary>
internal sealed class ProviderAnswer(HttpResponseMessage response, Stream body, IdleTimeout idle, ProviderFailures failures) : IDisposable
{
    public ProviderFailures Failures { get; } = failures;

    public bool IsEventStream => response.Content.Headers.ContentType?.MediaType == "text/event-stream";

    public bool IsLineStream => response.Content.Headers.ContentType?.MediaType == "application/x-ndjson";

    /// <summary>The events of a stream; the text of each is still JSON.</summary>
    public async IAsyncEnumerable<SseItem<string>> ReadEventsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var item in SseParser.Create(body).EnumerateAsync(cancellationToken))
        {
            yield return item;
        }
    }

    /// <summary>The lines of a stream, each a JSON value.</summary>
    public async IAsyncEnumerable<JsonNode?> ReadLinesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(body, Encoding.UTF8);
        var first = true;
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            JsonNode? value;
            try
            {
                value = Parse(line);
            }
            catch (GenkitException exception) when (!first)
            {
                // Half a line at the end is not nonsense: the rest of it never came.
                if (await reader.ReadLineAsync(cancellationToken) is null)
                {
                    throw Failures.CutOff(exception);
                }

                throw;
            }

            first = false;
            yield return value;
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
