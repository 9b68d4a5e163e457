namespace Portal.Auth.Sessions;

/// <summary>Ends sessions whose time is over, also of browsers that ask for nothing any more, so that their pages close; and renews what is known of the others' people.</summary>
internal sealed partial class SessionSweep(SessionStore sessions, SessionRenewal renewal, TimeProvider clock, ILogger<SessionSweep> logger) : BackgroundService
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await sessions.SweepAsync(stoppingToken);
                await renewal.RunAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // Whatever it was: a failure of this service would end the portal.
                Log.Failed(logger, exception);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Sign-ins whose time is over could not be ended; it is tried again.")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
