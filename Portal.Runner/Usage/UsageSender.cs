using Portal.Runner.Contract;
using Portal.Runner.Telemetry;

namespace Portal.Runner.Usage;

/// <summary>Empties the spool to the portal: batches by size and time, one at a time, and when it is away again and again, each time later.</summary>
internal sealed partial class UsageSender(UsageSpool spool, UsageDelivery delivery, TimeProvider timeProvider, ILogger logger) : IDisposable
{
    private const int BatchRecords = 500;
    private const int BatchBytes = 256 * 1024;

    // How long records gather; a full batch does not wait.
    private static readonly TimeSpan s_gather = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_firstWait = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_longestWait = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_longestAsked = TimeSpan.FromMinutes(5);

    // How often it looks for what runners left that were killed.
    private static readonly TimeSpan s_adopt = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_lastAttempt = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _work = new(1, 1); // the spool may hold what an earlier process left
    private long _adopted = timeProvider.GetTimestamp();
    private int _failures;
    private int _most = BatchRecords;

    /// <summary>There is something to deliver.</summary>
    public void Wake()
    {
        if (_work.CurrentCount == 0)
        {
            try
            {
                _work.Release();
            }
            catch (SemaphoreFullException)
            {
                // Woken twice at once: once is enough.
            }
        }
    }

    /// <summary>Works until stopped; never fails.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                if (await HasWorkAsync(stopping))
                {
                    await GatherAsync(stopping);
                }

                AdoptNowAndThen();
                await EmptyAsync(wait => Task.Delay(wait, timeProvider, stopping), stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                // Such as a spool that somebody deleted: what was in it is gone, but not what comes.
                Log.Failed(logger, exception);
                await Task.Delay(s_longestWait, timeProvider, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Delivers what waits, as long as the portal takes it and time allows.</summary>
    public async Task FlushAsync()
    {
        using var limit = new CancellationTokenSource(s_lastAttempt, timeProvider);
        try
        {
            await EmptyAsync(static _ => throw new OperationCanceledException(), limit.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            // The spool keeps it.
        }
    }

    public void Dispose() => _work.Dispose();

    /// <summary>False when nothing came for a while.</summary>
    private async Task<bool> HasWorkAsync(CancellationToken stopping)
    {
        using var idle = new CancellationTokenSource(s_adopt, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(idle.Token, stopping);
        try
        {
            await _work.WaitAsync(either.Token);
            return true;
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            return false;
        }
    }

    private void AdoptNowAndThen()
    {
        if (timeProvider.GetElapsedTime(_adopted) >= s_adopt)
        {
            spool.Adopt();
            _adopted = timeProvider.GetTimestamp();
        }
    }

    private async Task GatherAsync(CancellationToken stopping)
    {
        if (spool.Pending < BatchBytes)
        {
            await Task.Delay(s_gather, timeProvider, stopping);
        }
    }

    private async Task EmptyAsync(Func<TimeSpan, Task> waitAsync, CancellationToken cancellationToken)
    {
        while (spool.Peek(_most, BatchBytes) is { } batch)
        {
            var answer = await delivery.SendAsync(batch, cancellationToken);
            switch (answer.Result)
            {
                case DeliveryResult.Taken:
                    Take(batch, answer.Receipt!);
                    break;
                case DeliveryResult.Refused when batch.Count > 1:
                    _most = Math.Max(1, batch.Count / 2); // to find the one that does not fit
                    break;
                case DeliveryResult.Refused:
                    Log.RecordRefused(logger, answer.Problem);
                    RunnerTelemetry.UsageRecords.Add(1, new KeyValuePair<string, object?>("result", "rejected"));
                    spool.Delivered(batch);
                    break;
                default:
                    spool.Sync(); // it may take a while
                    if (_failures++ == 0)
                    {
                        Log.Away(logger, answer.Problem);
                    }

                    await waitAsync(WaitAfter(answer.RetryAfter));
                    break;
            }
        }
    }

    private void Take(SpoolBatch batch, UsageReceipt receipt)
    {
        spool.Delivered(batch);
        _most = Math.Min(BatchRecords, _most * 2);
        if (_failures > 0)
        {
            Log.Back(logger);
        }

        _failures = 0;
        RunnerTelemetry.UsageRecords.Add(receipt.Accepted, new KeyValuePair<string, object?>("result", "delivered"));
        RunnerTelemetry.UsageRecords.Add(receipt.Rejected.Count, new KeyValuePair<string, object?>("result", "rejected"));
        RunnerTelemetry.UsageSpool.Record(spool.Pending);
        foreach (var rejected in receipt.Rejected)
        {
            Log.Rejected(logger, rejected.CallId, rejected.Field, rejected.Reason);
        }
    }

    /// <summary>Spread, so that runners that lost the portal together do not come back together.</summary>
    private TimeSpan WaitAfter(TimeSpan? asked)
    {
        var wait = s_firstWait * Math.Pow(2, Math.Min(_failures - 1, 10));
        wait = (wait < s_longestWait ? wait : s_longestWait) * (0.75 + (Random.Shared.NextDouble() / 2));
        return asked > wait ? (asked < s_longestAsked ? asked.Value : s_longestAsked) : wait;
    }

    private static partial class Log
    {
        [LoggerMessage(33, LogLevel.Warning, "The portal does not take usage records, which wait on disk: {Reason}")]
        public static partial void Away(ILogger logger, string? reason);

        [LoggerMessage(34, LogLevel.Information, "The portal takes usage records again")]
        public static partial void Back(ILogger logger);

        [LoggerMessage(35, LogLevel.Error, "The portal rejected the usage record of call {CallId}: {Field} {Reason}")]
        public static partial void Rejected(ILogger logger, string? callId, string? field, string reason);

        [LoggerMessage(36, LogLevel.Error, "The portal cannot take a usage record: {Reason}")]
        public static partial void RecordRefused(ILogger logger, string? reason);

        [LoggerMessage(37, LogLevel.Error, "Usage records are not delivered for a while")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
