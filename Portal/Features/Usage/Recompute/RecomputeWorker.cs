namespace Portal.Features.Usage.Recompute;

/// <summary>Does the recomputations, also those that a stop of the portal has left.</summary>
internal sealed partial class RecomputeWorker(Recomputations recomputations, TimeProvider clock, ILogger<RecomputeWorker> logger) : BackgroundService
{
    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                while (await recomputations.StepAsync(stoppingToken))
                {
                }

                await recomputations.WaitAsync(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // A full disk or a database that is away: the next part is done when it is back. Whatever else it was must not end the portal, at each start anew.
                Log.Held(logger, exception);
                await Task.Delay(s_again, clock, stoppingToken);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The recomputation of costs waits")]
        public static partial void Held(ILogger logger, Exception exception);
    }
}
