namespace Portal.Features.Releases;

/// <summary>Finishes what a crash or an outage left pending, and does what the time has come for.</summary>
internal sealed partial class ReleaseWorker(ReleaseDesk desk, Publisher publisher, RolloutTracker rollouts, TimeProvider clock, ILogger<ReleaseWorker> logger) : BackgroundService
{
    private static readonly TimeSpan s_afterWork = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_whileWaiting = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var wait = s_whileWaiting;
            try
            {
                await desk.TickAsync(stoppingToken);
                var answers = await publisher.PublishPendingAsync(stoppingToken);
                var waiting = await rollouts.CheckAsync(stoppingToken);
                wait = waiting > 0 || answers.Any(answer => answer.Outcome == PublishOutcome.Pending) ? s_whileWaiting : s_afterWork;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                // Whatever it was: a failure of this service would end the portal.
                Log.Failed(logger, exception);
            }

            await Task.Delay(wait, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Releases that wait could not be looked after; it is tried again.")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
