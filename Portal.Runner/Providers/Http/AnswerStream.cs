namespace Portal.Runner.Providers.Http;

/// <summary>A provider's answer as it is read: ends with a clear error when it stalls, breaks off or never ends.</summary>
internal sealed class AnswerStream(Stream inner, IdleTimeout idle, ProviderFailures failures) : Stream
{
    private const long MaxBytes = 64L * 1024 * 1024;
    private long _read;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        idle.Restart();
        int count;
        try
        {
            count = await inner.ReadAsync(buffer, idle.Token);
        }
        catch (OperationCanceledException) when (idle.HasExpired)
        {
            throw failures.Hung(idle.Limit);
        }
        catch (IOException exception)
        {
            throw failures.CutOff(exception);
        }

        _read += count;
        return _read <= MaxBytes ? count : throw failures.TooLarge(MaxBytes);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
