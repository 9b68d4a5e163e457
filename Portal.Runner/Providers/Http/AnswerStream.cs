namespace Portal.Runner.Providers.Http;

/// <summary>A provider's answer as it is read: ends with a clear error when it stalls, breaks off or never ends.</summary>
internal sealed class AnswerStream(Stream inner, IdleTimeout idle, ProviderFailures failures) : ForwardStream(inner)
{
    private const long MaxBytes = 64L * 1024 * 1024;
    private long _read;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        idle.Restart();
        int count;
        try
        {
            count = await Inner.ReadAsync(buffer, idle.Token);
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
}
