using System.Net;
using Portal.Features.Flows.Logs;
using Portal.Kubernetes.Client;
using Portal.Tests.Runner;

namespace Portal.Tests.Portal.Flows.Logs;

public sealed class PodLogReaderTests : IDisposable
{
    private readonly InstantTimeProvider _clock = new();
    private readonly Logs _server = new();
    private readonly PodLogReader _reader;

    public PodLogReaderTests() => _reader = new PodLogReader(new KubeClient(new KubeConnection(new Uri("http://cluster"), _server, "default", "test")), _clock);

    public void Dispose() => _reader.Dispose();

    [Fact]
    public async Task ReadAsync_PodThatPrintsWithoutEnd_StopsAfterASecondsWorth()
    {
        var flood = new Flood();
        var (bytes, skipped) = (0L, 0);
        await foreach (var piece in _reader.ReadAsync(flood, CancellationToken.None))
        {
            bytes += piece is LogPiece.Line line ? line.Text.Length + 1 : 0;
            skipped += piece is LogPiece.Skipped ? 1 : 0;
        }

        Assert.Equal(1, skipped);
        Assert.InRange(flood.Given, PodLogReader.BytesASecond, PodLogReader.BytesASecond + 32 * 1024);
        Assert.InRange(bytes, 1, flood.Given);
    }

    [Fact]
    public async Task FollowAsync_ContainerStartedAgain_GoesOnWithoutRepeating()
    {
        _server.Answers.Enqueue("2026-01-01T00:00:01Z one\n2026-01-01T00:00:02Z two\n");
        _server.Answers.Enqueue("2026-01-01T00:00:02Z two\n2026-01-01T00:00:03Z three\n");
        var lines = new List<string>();
        await foreach (var piece in _reader.FollowAsync(new LogRequest("shop", "p", 10) { GoesOn = true }, CancellationToken.None))
        {
            lines.Add(piece is LogPiece.Line line ? line.Text : $"{piece}");
        }

        Assert.Equal(["one", "two", "three", "Ended { Why =  }"], lines);
        Assert.Equal("/api/v1/namespaces/shop/pods/p/log?timestamps=true&tailLines=10&follow=true", _server.Asked[0]);
    }

    [Fact]
    public async Task FollowAsync_Refused_SaysWhy()
    {
        _server.Refusal = (HttpStatusCode.BadRequest, """{"kind":"Status","message":"container \"runner\" in pod \"p\" is waiting to start"}""");
        var pieces = new List<LogPiece>();
        await foreach (var piece in _reader.FollowAsync(new LogRequest("shop", "p", 10) { Previous = true }, CancellationToken.None))
        {
            pieces.Add(piece);
        }

        Assert.Equal([new LogPiece.Ended("container \"runner\" in pod \"p\" is waiting to start")], pieces);
        Assert.Equal("/api/v1/namespaces/shop/pods/p/log?timestamps=true&tailLines=10&previous=true", Assert.Single(_server.Asked));
    }

    /// <summary>Lines for ever, as fast as they are read.</summary>
    private sealed class Flood : MemoryStream
    {
        public long Given { get; private set; }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            buffer.Span.Fill((byte)'x');
            buffer.Span[^1] = (byte)'\n';
            Given += buffer.Length;
            return ValueTask.FromResult(buffer.Length);
        }
    }

    private sealed class Logs : HttpMessageHandler
    {
        public Queue<string> Answers { get; } = new();

        public List<string> Asked { get; } = [];

        public (HttpStatusCode Status, string Body) Refusal { get; set; } = (HttpStatusCode.NotFound, "{}");

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Asked.Add(request.RequestUri!.PathAndQuery);
            return Task.FromResult(Answers.TryDequeue(out var text)
                ? new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(text) }
                : new HttpResponseMessage(Refusal.Status) { Content = new StringContent(Refusal.Body) });
        }
    }
}
