using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Features.Notifications;

namespace Portal.Features.Digests;

/// <summary>
/// Tells of weeks that are over, each once: that a week was told of is written in the transaction that puts the messages into the outbox. A portal that was away on
/// Monday morning tells when it is back.
/// </summary>
internal sealed partial class DigestWorker(
    PortalDatabase database, DigestReports reports, DigestMessages messages, NotificationOutbox outbox, TimeProvider clock, ILogger<DigestWorker> logger) : BackgroundService
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMinutes(1);

    /// <summary>Tells of what is due. Returns of how many namespaces.</summary>
    public async Task<int> TellAsync(CancellationToken cancellationToken)
    {
        var told = 0;
        foreach (var row in await database.ReadAsync(context => context.Digests.Where(row => row.IsOn).ToListAsync(cancellationToken)))
        {
            var digest = DigestStore.Read(row);
            var week = DigestWeek.At(digest.Zone, clock.GetUtcNow());
            if (week.Number > row.LastWeek)
            {
                try
                {
                    var message = messages.Of(await reports.ReadAsync(digest.Namespace, week, digest.Zone, cancellationToken));
                    told += await database.WriteAsync(context => WriteAsync(context, digest.Namespace, week.Number, message, cancellationToken), cancellationToken) ? 1 : 0;
                }
                catch (Exception exception) when (exception is not OperationCanceledException)
                {
                    // One that cannot be told must not keep the others from being told.
                    Log.NotTold(logger, digest.Namespace, exception);
                }
            }
        }

        return told;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_interval, clock);

        // Not at once: what a digest warns of is counted and watched first.
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await TellAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // Whatever it was: a failure of this service would end the portal.
                Log.Failed(logger, exception);
            }
        }
    }

    /// <summary>Who is told is read again: it may have been turned off meanwhile.</summary>
    private async Task<bool> WriteAsync(PortalDbContext context, string @namespace, int week, Message message, CancellationToken cancellationToken)
    {
        if (await context.Digests.FindAsync([@namespace], cancellationToken) is not { IsOn: true } row || row.LastWeek >= week)
        {
            return false;
        }

        row.LastWeek = week;
        var digest = DigestStore.Read(row);
        outbox.Add(context, message, new Receivers(digest.Emails, digest.Webhook));
        return true;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Weekly digests could not be told")]
        public static partial void Failed(ILogger logger, Exception exception);

        [LoggerMessage(2, LogLevel.Error, "The weekly digest of {Namespace} could not be told")]
        public static partial void NotTold(ILogger logger, string @namespace, Exception exception);
    }
}
