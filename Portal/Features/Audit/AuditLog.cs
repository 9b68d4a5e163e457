using System.Diagnostics;
using Portal.Data;
using Portal.Runner.Content;

namespace Portal.Features.Audit;

/// <summary>
/// The record of every decision and change. Rows are numbered without gaps, each holds the hash of the one before it, and none is ever changed.
/// </summary>
public sealed class AuditLog(PortalDatabase database, AuditKey key, TimeProvider clock)
{
    private const int LongestName = 256;
    private const int LongestReason = 2000;

    /// <summary>Raised after rows are on disk, on any thread; handlers must be quick.</summary>
    public event Action? Changed;

    /// <summary>
    /// Writes a row within the caller's <see cref="PortalDatabase.WriteAsync{T}"/>, so that what is recorded and the record are one: both are on disk, or
    /// neither. Returns the row's number.
    /// </summary>
    public long Append(PortalDbContext context, AuditEntry entry)
    {
        var (last, previous) = AuditTable.Last(context);
        var fields = AuditTable.FieldsOf(RowOf(entry));
        var hash = new AuditChain().HashOf(previous, last + 1, fields);
        AuditTable.Insert(context, new StoredRow(last + 1, fields, hash, key.Seal(hash)));
        context.AfterCommit(() => Changed?.Invoke());
        context.Tell(PortalTopics.Audit);
        return last + 1;
    }

    /// <summary>Another portal wrote rows.</summary>
    internal void Hear() => Changed?.Invoke();

    /// <summary>Writes a row in a transaction of its own, for what has no other. Returns its number once it is on disk.</summary>
    public Task<long> RecordAsync(AuditEntry entry, CancellationToken cancellationToken) =>
        database.WriteAsync(context => Task.FromResult(Append(context, entry)), cancellationToken);

    private AuditRow RowOf(AuditEntry entry) => new()
    {
        At = clock.GetUtcNow().UtcDateTime,
        ActorId = Shorten(entry.Actor.Id, LongestName)!,
        ActorName = Shorten(entry.Actor.Name, LongestName)!,
        ActorKind = entry.Actor.Kind.ToString(),
        Source = entry.Source.ToString().ToLowerInvariant(),
        Action = Shorten(entry.Action, LongestName)!,
        Kind = Shorten(entry.Kind, LongestName)!,
        Namespace = Shorten(entry.Namespace, LongestName),
        Name = Shorten(entry.Name, LongestName),
        Result = entry.Result.ToString(),
        Changes = FieldDifference.Write(FieldDifference.Between(entry.Before, entry.After, entry.Kind)),
        Reason = Shorten(entry.Reason is null ? null : SecretFilter.Clean(entry.Reason), LongestReason),
        CorrelationId = Shorten(entry.CorrelationId ?? Activity.Current?.TraceId.ToString(), LongestName),
        Address = Shorten(entry.Address, LongestName),
        Hash = "",
        Seal = "",
    };

    /// <summary>At most so many characters, and no NUL, which not every file and program can hold.</summary>
    private static string? Shorten(string? text, int longest) =>
        (text?.Length > longest ? $"{text.AsSpan(0, longest - 1)}…" : text)?.Replace('\0', '\u2400');
}
