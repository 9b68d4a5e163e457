using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Portal.Kubernetes.Objects;

namespace Portal.Kubernetes.Client;

/// <summary>An open watch: one JSON event a line.</summary>
internal sealed class WatchStream<T>(Resource<T> resource, HttpResponseMessage response) : IDisposable where T : KubeObject
{
    private static readonly JsonDocumentOptions s_documentOptions = new() { MaxDepth = 256 };

    /// <summary>Events until the server ends the stream.</summary>
    /// <exception cref="KubernetesException">An ERROR event, or a line that is no event.</exception>
    /// <exception cref="KubeUnreachableException">The connection broke.</exception>
    public async IAsyncEnumerable<WatchEvent<T>> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var reader = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 16 * 1024, leaveOpen: true));
        while (true)
        {
            var result = await FillAsync(reader, cancellationToken);
            var buffer = result.Buffer;
            while (buffer.PositionOf((byte)'\n') is { } end)
            {
                var line = buffer.Slice(0, end);
                buffer = buffer.Slice(buffer.GetPosition(1, end));
                if (Parse(line) is { } change)
                {
                    yield return change;
                }
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted)
            {
                // Half an event is no event: whoever resumes from the last version gets it again.
                yield break;
            }
        }
    }

    public void Dispose() => response.Dispose();

    private async ValueTask<ReadResult> FillAsync(PipeReader reader, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadAsync(cancellationToken);
        }
        catch (Exception exception) when (KubeClient.IsTransport(exception))
        {
            throw new KubeUnreachableException(resource.Client.Connection.Server, exception);
        }
    }

    private WatchEvent<T>? Parse(ReadOnlySequence<byte> line)
    {
        if (line.IsEmpty)
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(line, s_documentOptions);
            var type = document.RootElement.GetProperty("type").GetString();
            var json = JsonObject.Create(document.RootElement.GetProperty("object").Clone())!;
            return type switch
            {
                "ADDED" => new(WatchEventType.Added, resource.WrapItem(json)),
                "MODIFIED" => new(WatchEventType.Modified, resource.WrapItem(json)),
                "DELETED" => new(WatchEventType.Deleted, resource.WrapItem(json)),
                "BOOKMARK" => new(WatchEventType.Bookmark, resource.WrapItem(json)),
                "ERROR" => throw StatusReader.FromWatch(json),
                _ => throw Malformed($"has the unknown type '{type}'"),
            };
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw Malformed($"cannot be read ({exception.Message})");
        }
    }

    private KubernetesException Malformed(string what) => new(
        response.StatusCode,
        new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["status"] = "Failure",
            ["reason"] = "InternalError",
            ["message"] = $"an event in the watch of {resource.Definition.Plural} {what}",
        });
}
