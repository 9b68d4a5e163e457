using System.Threading.Channels;
using Microsoft.EntityFrameworkCore;
using Portal.Data;

namespace Portal.Features.Audit;

/// <summary>
/// Signs a head soon after rows were written, at the start and at the end, into the database and beside it. It signs only rows that are as they were
/// written, so that a change made behind its back never gets a signature.
/// </summary>
internal sealed partial class AuditSigner(
    PortalDatabase database, AuditLog log, AuditKey key, AuditHeadFile file, TimeProvider clock, ILogger<AuditSigner> logger) : BackgroundService
{
    private const int RecentHeads = 50;
    private static readonly TimeSpan s_gather = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(30);

    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private long _reported;

    /// <summary>Raised after a head was signed; handlers must be quick.</summary>
    public event Action? Signed;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await SignAsync();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        log.Changed += Wake;
        try
        {
            Wake();
            while (await _wake.Reader.WaitToReadAsync(stoppingToken))
            {
                await Task.Delay(s_gather, clock, stoppingToken);
                _wake.Reader.TryRead(out _);
                if (!await SignAsync())
                {
                    // There may be no next row for long.
                    await Task.Delay(s_again, clock, stoppingToken);
                    Wake();
                }
            }
        }
        finally
        {
            log.Changed -= Wake;
        }
    }

    /// <summary>Signs what is new; nothing when the rows since the last head are not in order. False when that failed.</summary>
    internal async Task<bool> SignAsync()
    {
        try
        {
            await database.WriteAsync(SignAsync, CancellationToken.None);
            return true;
        }
        catch (Exception exception)
        {
            // Whatever it was: a failure of this service would end the portal.
            Log.NotSigned(logger, exception);
            return false;
        }
    }

    private async Task SignAsync(PortalDbContext context)
    {
        var last = (await context.AuditHeads.OrderByDescending(head => head.Sequence).Take(RecentHeads).ToListAsync()).Find(key.IsSigned);
        var start = last is null ? (Sequence: 0L, Hash: AuditChain.Genesis) : (last.Sequence, last.Hash);
        var scan = new AuditScan(key, [], start);
        if (scan.Run(AuditTable.ReadAfter(context, start.Sequence), static () => { }) is { } problem)
        {
            Report(problem);
            return;
        }

        if (scan.Position.Sequence == start.Sequence)
        {
            return;
        }

        var head = key.Sign(AuditHead.Head, scan.Position.Sequence, scan.Position.Hash, clock.GetUtcNow().UtcDateTime);
        context.AuditHeads.Add(head);

        // One a day is enough to tell when something went wrong.
        var today = head.At.Date;
        await context.SaveChangesAsync();
        await context.AuditHeads.Where(other => other.Kind == AuditHead.Head && other.At >= today && other.Sequence < head.Sequence).ExecuteDeleteAsync();
        var outside = file.Newest;
        var isTrue = outside is null || outside.Sequence <= start.Sequence
            || await context.Audit.AnyAsync(row => row.Sequence == outside.Sequence && row.Hash == outside.Hash);

        // Before the commit: one that did not get into the file would stay out of it until there are new rows. One that is in the file alone is as true.
        file.Write(head, isTrue ? null : outside);
        context.AfterCommit(() => Signed?.Invoke());
    }

    private void Report(AuditProblem problem)
    {
        if (Interlocked.Exchange(ref _reported, problem.Sequence) != problem.Sequence)
        {
            Log.NotInOrder(logger, problem.Message);
        }
    }

    private void Wake() => _wake.Writer.TryWrite(true);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The audit log is not signed any more: {Problem}")]
        public static partial void NotInOrder(ILogger logger, string problem);

        [LoggerMessage(2, LogLevel.Error, "The audit log could not be signed; it is tried again")]
        public static partial void NotSigned(ILogger logger, Exception exception);
    }
}
