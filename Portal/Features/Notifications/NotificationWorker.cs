using Microsoft.EntityFrameworkCore;
using Portal.Data;

namespace Portal.Features.Notifications;

/// <summary>
/// Sends what the outbox holds. Each row is claimed before it is sent, so that of several portals one sends it; what a crash cuts off is sent again after
/// the claim has lapsed, under the same id.
/// </summary>
internal sealed partial class NotificationWorker(
    PortalDatabase database, NotificationOutbox outbox, NotificationSender sender, TimeProvider clock, ILogger<NotificationWorker> logger) : BackgroundService
{
    private const int AtOnce = 4;
    private const int MostTaken = 50;
    private static readonly TimeSpan s_claim = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_keep = TimeSpan.FromDays(400);

    // About a day in all.
    private static readonly TimeSpan[] s_waits =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(30), TimeSpan.FromHours(1),
        TimeSpan.FromHours(2), TimeSpan.FromHours(4), TimeSpan.FromHours(8), TimeSpan.FromHours(8),
    ];

    private readonly SemaphoreSlim _work = new(0);
    private DateTimeOffset _pruned = DateTimeOffset.MinValue;

    public override void Dispose()
    {
        outbox.Changed -= Wake;
        _work.Dispose();
        base.Dispose();
    }

    /// <summary>Sends what is due. Returns how many were tried.</summary>
    internal async Task<int> SendDueAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        var due = await database.ReadAsync(context => context.Notifications
            .Where(row => row.State == NotificationState.Pending && row.NextAttempt <= now)
            .OrderBy(row => row.NextAttempt).Take(MostTaken).ToListAsync(cancellationToken));
        await Parallel.ForEachAsync(due, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, async (row, stopping) =>
        {
            if (await ClaimAsync(row, stopping))
            {
                await FinishAsync(row, await SendAsync(row, stopping));
            }
        });
        if (due.Count > 0)
        {
            outbox.Tell();
        }

        return due.Count;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        outbox.Changed += Wake;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await PruneAsync(stoppingToken);
                if (await SendDueAsync(stoppingToken) == MostTaken)
                {
                    continue;
                }
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // Whatever it was: a failure of this service would end the portal.
                Log.Failed(logger, exception);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await WaitAsync(stoppingToken);
        }
    }

    // One that cannot even be tried counts as tried: it must not come back for ever, nor keep the others from being sent.
    private async Task<DeliveryResult> SendAsync(NotificationRow row, CancellationToken cancellationToken)
    {
        try
        {
            return await sender.SendAsync(row, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            Log.Broken(logger, row.Id, row.Channel, exception);
            return new DeliveryResult("It could not be sent; the portal's log says why.");
        }
    }

    private Task<bool> ClaimAsync(NotificationRow row, CancellationToken cancellationToken)
    {
        var until = (clock.GetUtcNow() + s_claim).ToUnixTimeSeconds();
        return database.WriteAsync(
            async context => await context.Notifications.Where(other => other.Id == row.Id && other.State == NotificationState.Pending && other.NextAttempt == row.NextAttempt)
                .ExecuteUpdateAsync(
                    set => set.SetProperty(other => other.NextAttempt, until).SetProperty(other => other.Attempts, other => other.Attempts + 1), cancellationToken) == 1,
            cancellationToken);
    }

    // Not cancelled: what was taken must not be sent again.
    private async Task FinishAsync(NotificationRow row, DeliveryResult result)
    {
        var now = clock.GetUtcNow();
        var attempt = row.Attempts + 1;
        var state = result.Problem is null ? NotificationState.Sent : result.IsFinal || attempt > s_waits.Length ? NotificationState.Failed : NotificationState.Pending;
        var next = state == NotificationState.Pending ? (now + s_waits[attempt - 1]).ToUnixTimeSeconds() : 0;
        DateTime? sent = state == NotificationState.Sent ? now.UtcDateTime : null;
        await database.WriteAsync(
            context => context.Notifications.Where(other => other.Id == row.Id).ExecuteUpdateAsync(
                set => set.SetProperty(other => other.State, state).SetProperty(other => other.NextAttempt, next)
                    .SetProperty(other => other.SentAt, sent).SetProperty(other => other.Problem, result.Problem),
                CancellationToken.None),
            CancellationToken.None);
        if (state == NotificationState.Failed)
        {
            Log.GivenUp(logger, row.Id, row.Channel, attempt, result.Problem!);
        }
        else if (result.Problem is not null && attempt == 1)
        {
            Log.NotTaken(logger, row.Id, row.Channel, result.Problem);
        }
    }

    private async Task PruneAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (now - _pruned < TimeSpan.FromHours(6))
        {
            return;
        }

        var before = (now - s_keep).UtcDateTime;
        await database.WriteAsync(context => context.Notifications.Where(row => row.CreatedAt < before).ExecuteDeleteAsync(cancellationToken), cancellationToken);
        _pruned = now;
    }

    private void Wake()
    {
        if (_work.CurrentCount == 0)
        {
            _work.Release();
        }
    }

    private async Task WaitAsync(CancellationToken stoppingToken)
    {
        using var idle = new CancellationTokenSource(s_idle, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(idle.Token, stoppingToken);
        await _work.WaitAsync(either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Notifications could not be sent")]
        public static partial void Failed(ILogger logger, Exception exception);

        [LoggerMessage(4, LogLevel.Error, "Notification {Id} by {Channel} could not be sent")]
        public static partial void Broken(ILogger logger, string id, NotificationChannel channel, Exception exception);

        [LoggerMessage(2, LogLevel.Warning, "Notification {Id} by {Channel} was not taken and is tried again: {Problem}")]
        public static partial void NotTaken(ILogger logger, string id, NotificationChannel channel, string problem);

        [LoggerMessage(3, LogLevel.Error, "Notification {Id} by {Channel} was given up after {Attempts} attempts: {Problem}")]
        public static partial void GivenUp(ILogger logger, string id, NotificationChannel channel, int attempts, string problem);
    }
}
