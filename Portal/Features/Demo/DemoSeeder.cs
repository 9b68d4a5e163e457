using Portal.Operator;

namespace Portal.Features.Demo;

/// <summary>Seeds the demo data as soon as the kinds are served; the start does not wait for it.</summary>
internal sealed partial class DemoSeeder(DemoData demo, OperatorHost operatorHost, ILogger<DemoSeeder> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await operatorHost.WaitUntilRunningAsync(stoppingToken);
            await demo.SeedOnceAsync(stoppingToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // Whatever it was: a failure of this service would end the portal.
            Log.NotSeeded(logger, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The demo data could not be created; it is tried again at the next start")]
        public static partial void NotSeeded(ILogger logger, Exception exception);
    }
}
