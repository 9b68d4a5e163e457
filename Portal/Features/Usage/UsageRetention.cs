namespace Portal.Features.Usage;

/// <summary>Forgets calls that are older than records are kept, and later the sums of their hours; those of the days stay. At start and every hour.</summary>
internal sealed partial class UsageRetention(UsageLog log, PortalOptions options, TimeProvider clock, ILogger<UsageRetention> logger) : BackgroundService
{
    private static readonly TimeSpan s_interval = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        using var timer = new PeriodicTimer(s_interval, clock);
        do
        {
            try
            {
                await log.PruneAsync(clock.GetUtcNow() - options.Usage.Retention, stoppingToken);
                await log.PruneHoursAsync(clock.GetUtcNow() - options.Usage.HourlyRetention, stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // Whatever it was: a failure of this service would end the portal.
                Log.NotPruned(logger, exception);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Old usage could not be removed")]
        public static partial void NotPruned(ILogger logger, Exception exception);
    }
}
