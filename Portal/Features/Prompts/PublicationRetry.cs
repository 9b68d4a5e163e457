namespace Portal.Features.Prompts;

/// <summary>Finishes what a crash or an outage left pending: at the start, and again while anything is left.</summary>
internal sealed partial class PublicationRetry(Publisher publisher, TimeProvider clock, ILogger<PublicationRetry> logger) : BackgroundService
{
    private static readonly TimeSpan s_afterWork = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_afterFailure = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var wait = s_afterWork;
            try
            {
                if (await publisher.RetryPendingAsync(stoppingToken) > 0)
                {
                    wait = s_afterFailure;
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                // Whatever it was: a failure of this service would end the portal.
                Log.RetryFailed(logger, exception);
            }

            await Task.Delay(wait, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Pending publications could not be tried again.")]
        public static partial void RetryFailed(ILogger logger, Exception exception);
    }
}
