using System.Data.Common;
using Portal.Features.Usage;

namespace Portal.Features.Budgets;

/// <summary>
/// Counts what budgets have spent: soon after calls were told, when windows turn, and every few seconds for what other portals on the same database were told;
/// that takes at most a tenth of the time, however much there is to count. A budget that changed counts at once, over what is known to be spent.
/// </summary>
internal sealed partial class BudgetMonitor(
    BudgetStore store, SpendReader spending, BudgetAlerts alerts, BudgetBoard board, UsageLog usage, TimeProvider clock, ILogger<BudgetMonitor> logger) : BackgroundService
{
    private const int Share = 10;
    private static readonly TimeSpan s_least = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_most = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_prune = TimeSpan.FromHours(12);

    private readonly SemaphoreSlim _work = new(0);
    private readonly SemaphoreSlim _changes = new(0);
    private readonly SemaphoreSlim _oneAtATime = new(1);
    private long? _pruned;

    public override void Dispose()
    {
        usage.Changed -= Wake;
        store.Changed -= Change;
        _work.Dispose();
        _changes.Dispose();
        _oneAtATime.Dispose();
        base.Dispose();
    }

    /// <summary>Counts all budgets now, tells of thresholds, and shows the result on the board.</summary>
    public Task CountAsync(CancellationToken cancellationToken) => CountAsync(anew: true, cancellationToken);

    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        usage.Changed += Wake;
        store.Changed += Change;
        return Task.WhenAll(CountSteadilyAsync(stoppingToken), FollowChangesAsync(stoppingToken));
    }

    /// <param name="anew">Whether also those are counted that were counted before.</param>
    private async Task CountAsync(bool anew, CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            var now = clock.GetUtcNow();
            var (all, open) = (new List<BudgetStatus>(), new List<Budget>());
            foreach (var budget in await store.AllAsync(cancellationToken))
            {
                if (!anew && board.Find(budget) is { } known && known.Window == budget.WindowAt(now))
                {
                    all.Add(known);
                }
                else
                {
                    open.Add(budget);
                }
            }

            foreach (var window in open.GroupBy(budget => budget.WindowAt(now).From))
            {
                List<Budget> budgets = [.. window];
                all.AddRange(budgets.Zip(await spending.ReadAsync(window.Key, budgets, cancellationToken), (budget, spend) => new BudgetStatus(budget, budget.WindowAt(now), spend)));
            }

            board.Replace(all);
            await alerts.RecordAsync(all, cancellationToken);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    private async Task CountSteadilyAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var begun = clock.GetTimestamp();
            await TryAsync(anew: true, stoppingToken);
            var rest = clock.GetElapsedTime(begun) * Share;
            await Task.Delay(rest < s_least ? s_least : rest > s_longest ? s_longest : rest, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            using var idle = new CancellationTokenSource(s_most, clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(idle.Token, stoppingToken);
            await _work.WaitAsync(either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task FollowChangesAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await _changes.WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await TryAsync(anew: false, stoppingToken);
        }
    }

    private async Task TryAsync(bool anew, CancellationToken stoppingToken)
    {
        try
        {
            await CountAsync(anew, stoppingToken);
            if (anew)
            {
                await PruneAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The portal stops.
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

    private void Wake() => Release(_work);

    private void Change() => Release(_changes);

    private static void Release(SemaphoreSlim semaphore)
    {
        if (semaphore.CurrentCount == 0)
        {
            semaphore.Release();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Budgets could not be counted: {Reason}")]
        public static partial void NotCounted(ILogger logger, string reason);

        [LoggerMessage(2, LogLevel.Error, "Budgets could not be counted")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
