namespace Portal.Tests.Operator;

/// <summary>The way to the server, which can be cut: then requests fail and watches break off.</summary>
internal sealed class OutageHandler(HttpMessageHandler inner) : HttpMessageHandler
{
    private readonly HttpMessageInvoker _inner = new(inner, disposeHandler: false);
    private CancellationTokenSource _cut = new();

    /// <summary>Requests that were let through, as <c>METHOD path</c>.</summary>
    public System.Collections.Concurrent.ConcurrentQueue<string> Requests { get; } = [];

    public bool IsCut => _cut.IsCancellationRequested;

    public Task CutAsync() => _cut.CancelAsync();

    public void Mend() => _cut = new CancellationTokenSource();

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var cut = _cut.Token;
        if (cut.IsCancellationRequested)
        {
            throw new HttpRequestException("Connection refused");
        }

        Requests.Enqueue($"{request.Method} {request.RequestUri!.AbsolutePath}");
        var response = await _inner.SendAsync(request, cancellationToken);
        response.Content = new StreamContent(new CutStream(await response.Content.ReadAsStreamAsync(cancellationToken), cut));
        return response;
    }

    protected override void Dispose(bool disposing)
    {
        _inner.Dispose();
        _cut.Dispose();
        base.Dispose(disposing);
    }

    private sealed class CutStream(Stream stream, CancellationToken cut) : Stream
    {
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, cut);
            try
            {
                return await stream.ReadAsync(buffer, either.Token);
            }
            catch (OperationCanceledException) when (cut.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                throw new IOException("connection reset");
            }
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            stream.Dispose();
            base.Dispose(disposing);
        }
    }
}
