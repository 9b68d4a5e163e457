using System.IO.Pipelines;
using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Portal.Kubernetes.Client.Auth;

namespace Portal.ApiServer.Transport;

/// <summary>
/// HTTP between two ends in one process, over pipes: Kestrel accepts from <see cref="BindAsync"/>, clients connect with <see cref="Connect"/>.
/// There is no port and no address, so nothing outside this process can reach it.
/// </summary>
internal sealed class InMemoryTransport : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    // Backpressure at a few hundred kilobytes: a reader that stops must not make the server buffer without end.
    private static readonly PipeOptions s_pipe = new(
        pauseWriterThreshold: 512 * 1024, resumeWriterThreshold: 256 * 1024, useSynchronizationContext: false);

    private readonly Channel<ConnectionContext> _accepts = Channel.CreateUnbounded<ConnectionContext>();

    public EndPoint EndPoint { get; } = new InProcessEndPoint();

    public bool CanBind(EndPoint endpoint) => endpoint is InProcessEndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IConnectionListener>(new Listener(endpoint, _accepts));

    /// <summary>Opens a connection and returns the client's end.</summary>
    /// <exception cref="IOException">The server has stopped.</exception>
    public Stream Connect()
    {
        var toServer = new Pipe(s_pipe);
        var toClient = new Pipe(s_pipe);
        var connection = new InMemoryConnection(new Duplex(toServer.Reader, toClient.Writer));
        return _accepts.Writer.TryWrite(connection)
            ? new DuplexStream(toClient.Reader, toServer.Writer, connection.ClosedByClient)
            : throw new IOException("The embedded API server has stopped.");
    }

    /// <summary>A handler whose every connection goes to this transport.</summary>
    public SocketsHttpHandler CreateHandler() => new()
    {
        RequestHeaderEncodingSelector = HeaderLines.Of,
        ConnectCallback = (_, _) => ValueTask.FromResult(Connect()),
        PooledConnectionLifetime = Timeout.InfiniteTimeSpan,
        PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        ActivityHeadersPropagator = null,
    };

    private sealed class InProcessEndPoint : EndPoint
    {
        public override string ToString() => "in-process";
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    private sealed class Listener(EndPoint endpoint, Channel<ConnectionContext> accepts) : IConnectionListener
    {
        public EndPoint EndPoint { get; } = endpoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            while (await accepts.Reader.WaitToReadAsync(cancellationToken))
            {
                if (accepts.Reader.TryRead(out var connection))
                {
                    return connection;
                }
            }

            return null;
        }

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            accepts.Writer.TryComplete();
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync() => UnbindAsync(CancellationToken.None);
    }
}
