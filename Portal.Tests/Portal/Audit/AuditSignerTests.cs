
namespace Portal.Tests.Portal.Audit;

public sealed class AuditSignerTests : IDisposable
{
    private readonly AuditTrailFixture _trail = new();
    private readonly SemaphoreSlim _signed = new(0);

    public AuditSignerTests() => _trail.Signer.Signed += () => _signed.Release();

    public void Dispose()
    {
        _trail.Dispose();
        _signed.Dispose();
    }

    [Fact]
    public async Task Signer_RowsWhileItGathers_GetOneHeadAndThoseAfterItAnother()
    {
        await _trail.WriteAsync(1, sign: false);
        await _trail.Signer.StartAsync(default);
        await _trail.Clock.TimerWithinAsync(TimeSpan.FromSeconds(2));
        await _trail.WriteAsync(2, sign: false);
        _trail.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(3, await SignedAsync());

        await _trail.WriteAsync(4, sign: false);
        await _trail.Clock.AdvanceToTimerAsync(TimeSpan.FromSeconds(2));

        Assert.Equal(7, await SignedAsync());
        await _trail.Signer.StopAsync(default);
    }

    [Fact]
    public async Task Signer_RowsWrittenWhileItSigns_AreSignedAfterwards()
    {
        var written = 0;
        _trail.Signer.Signed += () =>
        {
            if (Interlocked.Increment(ref written) == 1)
            {
                _ = _trail.WriteAsync(1, sign: false);
            }
        };
        await _trail.WriteAsync(1, sign: false);
        await _trail.Signer.StartAsync(default);
        await _trail.Clock.AdvanceToTimerAsync(TimeSpan.FromSeconds(2));
        Assert.Equal(1, await SignedAsync());

        await _trail.Clock.AdvanceToTimerAsync(TimeSpan.FromSeconds(2));

        Assert.Equal(2, await SignedAsync());
        await _trail.Signer.StopAsync(default);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Signer_FailsOnce_SignsLaterWithoutAnotherRow(bool isDatabase)
    {
        await _trail.WriteAsync(3, sign: false);
        Break(isDatabase, true);
        await _trail.Signer.StartAsync(default);
        await _trail.Clock.AdvanceToTimerAsync(TimeSpan.FromSeconds(2));
        await _trail.Clock.TimerWithinAsync(TimeSpan.FromSeconds(30));
        Break(isDatabase, false);

        _trail.Clock.Advance(TimeSpan.FromSeconds(30));
        await _trail.Clock.AdvanceToTimerAsync(TimeSpan.FromSeconds(2));

        Assert.Equal(3, await SignedAsync());
        Assert.Equal(3, (await _trail.VerifyAsync()).SignedUpTo);
        await _trail.Signer.StopAsync(default);
    }

    [Fact]
    public async Task Signer_Stops_SignsWhatIsLeft()
    {
        await _trail.Signer.StartAsync(default);
        await _trail.WriteAsync(2, sign: false);

        await _trail.Signer.StopAsync(default);

        Assert.Equal(2, await SignedAsync());
    }

    [Fact]
    public async Task Signer_RowChangedBeforeItSigns_NeverGetsASignature()
    {
        await _trail.WriteAsync(2);
        await _trail.WriteAsync(2, sign: false);
        _trail.Tamper("UPDATE audit SET ActorName = 'Eve' WHERE Sequence = 3");

        Assert.True(await _trail.Signer.SignAsync());

        Assert.Equal(2, _trail.File.Newest!.Sequence);
    }

    private async Task<long> SignedAsync()
    {
        Assert.True(await _signed.WaitAsync(RunningPortal.Patience));
        return _trail.File.Newest!.Sequence;
    }

    /// <summary>Takes away where heads are written to, or puts it back.</summary>
    private void Break(bool isDatabase, bool isBroken)
    {
        var file = Path.Combine(_trail.AuditDirectory, "head.json");
        if (isDatabase)
        {
            _trail.Tamper(isBroken ? "ALTER TABLE audit_heads RENAME TO away" : "ALTER TABLE away RENAME TO audit_heads");
        }
        else if (isBroken)
        {
            Directory.CreateDirectory(file);
        }
        else
        {
            Directory.Delete(file);
        }
    }
}
