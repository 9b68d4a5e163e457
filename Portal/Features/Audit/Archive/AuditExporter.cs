using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Portal.Data;

namespace Portal.Features.Audit.Archive;

/// <summary>
/// Copies what was signed to the archives on a schedule: rows as JSON Lines, then the head that vouches for them. Rows are copied once; an archive that
/// is away gets them later.
/// </summary>
internal sealed partial class AuditExporter(
    PortalDatabase database, AuditKey key, AuditSigner signer, IReadOnlyList<IAuditArchive> archives, ArchiveState state, PortalOptions options, TimeProvider clock,
    ILogger<AuditExporter> logger) : BackgroundService
{
    private const int RowsInAFile = 5000;

    /// <summary>The last row every archive has; null when there are no archives.</summary>
    public long? LastEverywhere => archives.Count == 0 ? null : archives.Min(archive => state.LastAt(archive.Place));

    /// <summary>When something was last copied; null when nothing ever was.</summary>
    public DateTimeOffset? LastTime => state.LastTime;

    /// <summary>Where copies go, for people.</summary>
    public IReadOnlyList<string> Places => [.. archives.Select(archive => archive.Place)];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (archives.Count == 0)
        {
            return;
        }

        await Task.Yield();
        using var timer = new PeriodicTimer(TimeSpan.FromMinutes(options.Audit.Export.IntervalMinutes), clock);
        do
        {
            await ExportAsync(stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>Exports now. One archive's failure is logged and keeps no other from its copy.</summary>
    internal async Task ExportAsync(CancellationToken cancellationToken)
    {
        await signer.SignAsync();
        foreach (var archive in archives)
        {
            try
            {
                await ExportAsync(archive, cancellationToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // Whatever it was: a failure of this service would end the portal.
                Log.NotExported(logger, archive.Place, exception);
            }
        }
    }

    private async Task ExportAsync(IAuditArchive archive, CancellationToken cancellationToken)
    {
        var heads = await database.ReadAsync(context => context.AuditHeads.OrderByDescending(head => head.Sequence).Take(10).ToListAsync(cancellationToken));
        if (heads.Find(key.IsSigned) is not { } head)
        {
            return;
        }

        var last = state.LastAt(archive.Place);
        if (last > head.Sequence)
        {
            // The database is older than the copy: its next rows are others of the same numbers, and go beside those.
            last = 0;
        }

        while (last < head.Sequence)
        {
            var after = last;
            var rows = await database.ReadAsync(context => RowsAsync(context, after, head.Sequence));
            if (rows.Count == 0)
            {
                break;
            }

            var name = string.Create(CultureInfo.InvariantCulture, $"audit-{rows[0].Sequence:D12}-{rows[^1].Sequence:D12}-{rows[^1].Hash[..8]}.jsonl");
            await archive.PutAsync(name, AuditLines.Write(rows), "application/x-ndjson", cancellationToken);
            last = rows[^1].Sequence;
            await archive.PutAsync(NameOf(head), System.Text.Encoding.UTF8.GetBytes(AuditJson.Write(head)), "application/json", cancellationToken);
            state.Set(archive.Place, last);
        }
    }

    private static string NameOf(AuditHead head) => string.Create(CultureInfo.InvariantCulture, $"head-{head.Sequence:D12}-{head.Hash[..8]}.json");

    private static async Task<List<StoredRow>> RowsAsync(PortalDbContext context, long after, long upTo)
    {
        await context.Database.OpenConnectionAsync();
        return [.. AuditTable.ReadAfter(context, after).TakeWhile(row => row.Sequence <= upTo).Take(RowsInAFile)];
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The audit log could not be copied to {Place}; it is tried again")]
        public static partial void NotExported(ILogger logger, string place, Exception exception);
    }
}
