using System.Buffers;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text;
using Portal.Runner.Engine;

namespace Portal.Runner.Providers.Http;

/// <summary>Reads a value from its JSON text.</summary>
/// <exception cref="JsonException">The text is not JSON.</exception>
internal delegate T JsonParser<out T>(ReadOnlySpan<byte> json);

/// <summary>A provider's successful answer, not yet read. Disposing closes the connection.</summary>
internal sealed class ProviderAnswer(HttpResponseMessage response, Stream body, IdleTimeout idle, ProviderFailures failures) : IDisposable
{
    private const int FirstBuffer = 8 * 1024;
    private static readonly JsonDocumentOptions s_strict = new() { AllowDuplicateProperties = false };

    public ProviderFailures Failures { get; } = failures;

    /// <summary>The bytes as they come.</summary>
    public Stream Body { get; } = body;

    public string? MediaType => response.Content.Headers.ContentType?.MediaType;

    public bool IsEventStream => MediaType == "text/event-stream";

    public bool IsLineStream => MediaType == "application/x-ndjson";

    /// <summary>The events of a stream, each read from its bytes.</summary>
    public IAsyncEnumerable<T> ReadEventsAsync<T>(JsonParser<T> parse, CancellationToken cancellationToken) =>
        ItemsOf(SseParser.Create(Body, (_, data) => Parse(data, parse)), cancellationToken);

    /// <summary>The events of a stream, each a JSON value.</summary>
    public IAsyncEnumerable<JsonNode?> ReadEventsAsync(CancellationToken cancellationToken) => ReadEventsAsync(ParseNode, cancellationToken);

    /// <summary>The lines of a stream, each a JSON value.</summary>
    public async IAsyncEnumerable<JsonNode?> ReadLinesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(Body, Encoding.UTF8);
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
                value = Parse(Encoding.UTF8.GetBytes(line), ParseNode);
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

    public Task<JsonNode?> ReadJsonAsync(CancellationToken cancellationToken) => ReadAsync(ParseNode, cancellationToken);

    /// <summary>The whole answer, read from its bytes.</summary>
    public async Task<T> ReadAsync<T>(JsonParser<T> parse, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(FirstBuffer);
        try
        {
            var count = 0;
            while (await Body.ReadAsync(buffer.AsMemory(count), cancellationToken) is > 0 and var read)
            {
                count += read;
                if (count == buffer.Length)
                {
                    var larger = ArrayPool<byte>.Shared.Rent(count * 2);
                    buffer.AsSpan(0, count).CopyTo(larger);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                }
            }

            var json = buffer.AsSpan(0, count);
            return Parse(json.StartsWith(Encoding.UTF8.Preamble) ? json[Encoding.UTF8.Preamble.Length..] : json, parse);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <exception cref="GenkitException">The text is not JSON.</exception>
    public T Parse<T>(ReadOnlySpan<byte> json, JsonParser<T> parse)
    {
        try
        {
            return parse(json);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException) // the latter for bytes that are no UTF-8
        {
            throw Failures.Garbage("JSON", exception);
        }
    }

    /// <summary>Refuses duplicate names, which would else be found only when an object is looked into.</summary>
    public static JsonNode? ParseNode(ReadOnlySpan<byte> json) => JsonNode.Parse(json, documentOptions: s_strict);

    public void Dispose()
    {
        Body.Dispose();
        response.Dispose();
        idle.Dispose();
    }

    private static async IAsyncEnumerable<T> ItemsOf<T>(SseParser<T> events, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var item in events.EnumerateAsync(cancellationToken))
        {
            yield return item.Data;
        }
    }
}
