using Portal.Features.Flows.Proxy;
using Portal.Features.Playground;
using Portal.Features.Prompts;

namespace Portal.Features.Home;

/// <summary>Ticks the steps of the tour off when they really happen, whoever does it: a page or a program.</summary>
internal sealed partial class TourTracker(Tour tour, RunStore runs, PromptActivity prompts, FlowCaller flows, ILogger<TourTracker> logger)
    : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        runs.Changed += OnRun;
        prompts.Mended += OnMended;
        prompts.Published += OnPublished;
        flows.Answered += OnAnswered;
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        runs.Changed -= OnRun;
        prompts.Mended -= OnMended;
        prompts.Published -= OnPublished;
        flows.Answered -= OnAnswered;
        return Task.CompletedTask;
    }

    private void OnRun(RunSnapshot run)
    {
        if (run.State == RunState.Completed)
        {
            Reach(Tour.Run);
        }
    }

    private void OnMended() => Reach(Tour.Fix);

    private void OnPublished() => Reach(Tour.Publish);

    private void OnAnswered() => Reach(Tour.Call);

    private void Reach(string step) => _ = ReachAsync(step);

    private async Task ReachAsync(string step)
    {
        try
        {
            await tour.ReachAsync(step);
        }
        catch (Exception exception) when (exception is System.Data.Common.DbException or Microsoft.EntityFrameworkCore.DbUpdateException)
        {
            Log.NotNoted(logger, step, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Step {Step} of the tour could not be noted.")]
        public static partial void NotNoted(ILogger logger, string step, Exception exception);
    }
}
