using System.Data.Common;
using Portal.Features.Usage;

namespace Portal.Features.Budgets;

/// <summary>
/// Counts what budgets have spent: soon after calls were told, after budgets changed, when windows turn, and every few seconds for what other portals on the
/// same database were told. It takes at most a twentieth of the time, however much there is to count.
/// </summary>
internal sealed partial class BudgetMonitor(
    BudgetStore store, SpendReader spending, BudgetAlerts alerts, BudgetBoard board, UsageLog usage, TimeProvider clock, ILogger<BudgetMonitor> logger) : BackgroundService
{
    private const int Share = 20;
    private static readonly TimeSpan s_least = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_most = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_prune = TimeSpan.FromHours(12);

    private readonly SemaphoreSlim _work = new(0);
    private readonly SemaphoreSlim _oneAtATime = new(1);
    private long? _pruned;

    public override void Dispose()
    {
        usage.Changed -= Wake;
        store.Changed -= Wake;
        _work.Dispose();
        _oneAtATime.Dispose();
        base.Dispose();
    }

    /// <summary>Counts all budgets now, tells of thresholds, and shows the result on the board.</summary>
    public async Task CountAsync(CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            var now = clock.GetUtcNow();
            var windows = (await store.AllAsync(cancellationToken)).GroupBy(budget => budget.WindowAt(now).From);
            var all = new List<BudgetStatus>();
            foreach (var window in windows)
            {
                List<Budget> budgets = [.. window];
                all.AddRange(budgets.Zip(await spending.ReadAsync(window.Key, budgets, cancellationToken), (budget, spend) => new BudgetStatus(budget, budget.WindowAt(now), spend)));
            }

            board.Replace(all);
            foreach (var status in all)
            {
                await alerts.RecordAsync(status, cancellationToken);
            }
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        usage.Changed += Wake;
        store.Changed += Wake;
        while (!stoppingToken.IsCancellationRequested)
        {
            var begun = clock.GetTimestamp();
            try
            {
                await CountAsync(stoppingToken);
                await PruneAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (DbException exception)
            {
                Log.NotCounted(logger, exception.Message);
            }
            catch (Exception exception)
            {
                // Whatever it was: a failure of this service would end the portal.
                Log.Failed(logger, exception);
            }

            var took = clock.GetElapsedTime(begun) * Share;
            await PauseAsync(took < s_least ? s_least : took, stoppingToken);
            await AwaitWorkAsync(stoppingToken);
        }
    }

    private async Task PruneAsync(CancellationToken cancellationToken)
    {
        if (_pruned is { } last && clock.GetElapsedTime(last) < s_prune)
        {
            return;
        }

        await alerts.PruneAsync(cancellationToken);
        _pruned = clock.GetTimestamp();
    }

    private void Wake()
    {
        if (_work.CurrentCount == 0)
        {
            _work.Release();
        }
    }

    private Task PauseAsync(TimeSpan time, CancellationToken stoppingToken) => Task.Delay(time, clock, stoppingToken).ContinueWith(
        static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    private async Task AwaitWorkAsync(CancellationToken stoppingToken)
    {
        using var idle = new CancellationTokenSource(s_most, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(idle.Token, stoppingToken);
        await _work.WaitAsync(either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Budgets could not be counted: {Reason}")]
        public static partial void NotCounted(ILogger logger, string reason);

        [LoggerMessage(2, LogLevel.Error, "Budgets could not be counted")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
