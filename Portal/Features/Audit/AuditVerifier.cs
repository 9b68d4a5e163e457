using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Portal.Data;

namespace Portal.Features.Audit;

/// <summary>Checks the whole log against itself and against every signed head: those in the database, beside it, and in the directory it is exported to.</summary>
public sealed class AuditVerifier(PortalDatabase database, AuditKey key, AuditHeadFile file, PortalOptions options, TimeProvider clock) : IDisposable
{
    private const int ProgressEvery = 2000;
    private static readonly string[] s_triggers = ["audit_no_update", "audit_no_delete", "audit_heads_no_update", "audit_heads_no_delete"];

    private readonly SemaphoreSlim _oneAtATime = new(1);

    /// <summary>Reads one snapshot of the log, which goes on being written meanwhile.</summary>
    /// <param name="progress">Called now and then, on any thread.</param>
    /// <param name="kept">A head that was kept elsewhere; null when there is none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<AuditVerdict> VerifyAsync(Action<AuditProgress>? progress, AuditHead? kept, CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(() => database.SnapshotAsync(context => VerifyAsync(context, progress, kept, cancellationToken), cancellationToken), cancellationToken);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    public void Dispose() => _oneAtATime.Dispose();

    private async Task<AuditVerdict> VerifyAsync(PortalDbContext context, Action<AuditProgress>? progress, AuditHead? kept, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();

        List<string> notes = [];
        var (heads, badHead) = await HeadsAsync(context, kept, notes, cancellationToken);
        var checkpoint = heads.Where(head => head.Kind == AuditHead.Checkpoint).MaxBy(head => head.Sequence);
        var start = checkpoint is null ? (Sequence: 0L, Hash: AuditChain.Genesis) : (checkpoint.Sequence, checkpoint.Hash);
        var scan = new AuditScan(key, [.. heads.Where(head => head.Sequence > start.Sequence)], start);
        var total = await context.Audit.LongCountAsync(row => row.Sequence > start.Sequence, cancellationToken);
        var count = 0L;
        var problem = Scan(context, scan, start.Sequence, () =>
        {
            if (++count % ProgressEvery == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                progress?.Invoke(new AuditProgress(count, total));
            }
        });
        progress?.Invoke(new AuditProgress(count, total));
        AddTriggers(await database.TriggersAsync(context, cancellationToken), notes);
        return new AuditVerdict
        {
            Problem = problem ?? badHead,
            Rows = count,
            First = count == 0 ? 0 : start.Sequence + 1,
            Last = count == 0 ? 0 : scan.Position.Sequence,
            SignedUpTo = heads.Select(head => head.Sequence).DefaultIfEmpty().Max(),
            Notes = notes,
            Duration = clock.GetElapsedTime(began),
        };
    }

    private static AuditProblem? Scan(PortalDbContext context, AuditScan scan, long after, Action taken)
    {
        try
        {
            return scan.Run(AuditTable.ReadAfter(context, after), taken);
        }
        catch (DbException exception)
        {
            var next = scan.Position.Sequence + 1;
            return new AuditProblem(AuditProblemKind.Missing, next, $"The database cannot be read from row {next} on: {exception.Message}");
        }
    }

    /// <summary>The heads whose signatures are right, and the first whose signature is wrong.</summary>
    private async Task<(List<AuditHead> Heads, AuditProblem? Bad)> HeadsAsync(
        PortalDbContext context, AuditHead? kept, List<string> notes, CancellationToken cancellationToken)
    {
        List<string> unreadable = [];
        List<AuditHead> all =
        [
            .. await context.AuditHeads.AsNoTracking().OrderBy(head => head.Id).ToListAsync(cancellationToken),
            .. file.Read(unreadable),
            .. options.Audit.Export.Directory is { } exported ? AuditHeadFile.Read(exported, unreadable, "head-*.json") : [],
        ];
        notes.AddRange(unreadable.Select(path => $"{path} holds no head of the audit log."));
        var unknown = all.Where(head => !key.Knows(head.KeyId)).Select(head => head.KeyId).Distinct().ToList();
        notes.AddRange(unknown.Select(id => $"Heads signed with the key {id} cannot be checked: its public key is not in the data directory (audit/keys)."));
        if (kept is not null)
        {
            all.Add(kept);
        }

        // A head of a key nobody knows proves nothing; one that was handed in must prove something.
        var wrong = all.Find(head => (key.Knows(head.KeyId) || head == kept || head.Kind == AuditHead.Checkpoint) && !key.IsSigned(head));
        var problem = wrong is null
            ? null
            : new AuditProblem(AuditProblemKind.Head, wrong.Sequence, $"The {wrong.Kind} of row {wrong.Sequence} of {wrong.At:u} is not what the portal signed.");
        return ([.. all.Where(key.IsSigned)], problem);
    }

    private static void AddTriggers(IReadOnlySet<string> there, List<string> notes) =>
        notes.AddRange(s_triggers.Where(name => !there.Contains(name)).Select(name => $"The trigger {name} was removed from the database: other programs can change rows now."));
}
