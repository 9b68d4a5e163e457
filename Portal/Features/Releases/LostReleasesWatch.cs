namespace Portal.Features.Releases;

/// <summary>Looks once after the start, as soon as cluster and database answer.</summary>
internal sealed partial class LostReleasesWatch(LostReleases lost, TimeProvider clock, ILogger<LostReleasesWatch> logger) : BackgroundService
{
    private static readonly TimeSpan s_afterFailure = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await lost.LookAsync(stoppingToken);
                if (lost.Objects is { Count: > 0 } objects)
                {
                    Log.Behind(logger, objects.Count);
                }

                return;
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // Whatever it was: a failure of this service would end the portal.
                Log.Failed(logger, exception);
                await Task.Delay(s_afterFailure, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The database is older than the cluster: {Count} objects were published by releases it does not know. It was restored from a backup, or replaced; the audit log says more.")]
        public static partial void Behind(ILogger logger, int count);

        [LoggerMessage(2, LogLevel.Warning, "Whether the database is older than the cluster could not be found out; it is tried again.")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
