namespace Portal.Auth.Sessions;

/// <summary>Ends sessions whose time is over, also of browsers that ask for nothing any more, so that their pages close; and beside that, so that no provider can delay it, renews what is known of the others' people.</summary>
internal sealed partial class SessionSweep(SessionStore sessions, SessionRenewal renewal, TimeProvider clock, ILogger<SessionSweep> logger) : BackgroundService
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_interval, clock);
        var renewing = Task.CompletedTask;
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await TryAsync(sessions.SweepAsync, stoppingToken);

                // One at a time: a refresh token may be used once.
                renewing = renewing.IsCompleted ? TryAsync(renewal.RunAsync, stoppingToken) : renewing;
            }
        }
        finally
        {
            await renewing;
        }
    }

    private async Task TryAsync(Func<CancellationToken, Task> work, CancellationToken stoppingToken)
    {
        try
        {
            await work(stoppingToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
        {
            // Whatever it was: a failure of this service would end the portal.
            Log.Failed(logger, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Sign-ins could not be ended or renewed; it is tried again.")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
