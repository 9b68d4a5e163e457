using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Portal.Auth;
using Portal.Data;
using Portal.Features.Audit;
using Portal.Features.Ownership;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;

namespace Portal.Features.Releases;

/// <summary>An object in the cluster that says it was published by a release this database does not know.</summary>
public sealed record LostPublication(string Kind, string Namespace, string Name, long Release);

/// <summary>
/// Notices at the start that the cluster is ahead of the database, because that was restored from a backup or replaced: what was released since is not in it.
/// Numbers of releases then go on after the highest the cluster has seen, so that none means two things.
/// </summary>
public sealed class LostReleases(PortalDatabase database, InformerFactory informers, AuditLog audit)
{
    public const string Action = "database.behind";

    /// <summary>A number further ahead than this was not given by a portal.</summary>
    private const long MostAhead = 1_000_000;

    private long _known;
    private long _floor;

    /// <summary>Objects whose release is lost and that were not published since, as they are now.</summary>
    public IReadOnlyList<LostPublication> Objects => _floor == 0 ? [] : [.. Published().Where(item => item.Release > _known && item.Release <= _floor)];

    /// <summary>The release an object says published it; null when it says none, or somebody else than a portal wrote that.</summary>
    public static long? ReleaseOf(KubeObject item) =>
        item.Annotations.TryGetValue(ReleaseAnnotations.Release, out var text) && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var release)
            && FieldsEntry.Of(item).Any(entry => entry.Manager == FieldManager.Portal.Name
                && entry.Fields["f:metadata"]?["f:annotations"] is JsonObject annotations && annotations.ContainsKey($"f:{ReleaseAnnotations.Release}"))
            ? release : null;

    /// <summary>Compares what the cluster says with what is known, and records it once when the cluster is ahead.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        foreach (var kind in WatchedKinds.Of(informers))
        {
            await kind.WaitForSync(cancellationToken);
        }

        _known = await database.ReadAsync(async context => await context.Releases.MaxAsync(release => (long?)release.Id, cancellationToken)) ?? 0;
        var lost = Published().Where(item => item.Release > _known && item.Release - _known <= MostAhead).ToList();
        if (lost.Count > 0)
        {
            _floor = lost.Max(item => item.Release);
            await RecordAsync(lost, cancellationToken);
        }
    }

    /// <summary>The number of the next request, within the caller's transaction.</summary>
    internal async Task<long> NextAsync(PortalDbContext context) => Math.Max(await context.Releases.MaxAsync(release => (long?)release.Id) ?? 0, _floor) + 1;

    private IEnumerable<LostPublication> Published() => WatchedKinds.Of(informers).SelectMany(kind => kind.List())
        .Select(item => (Item: item, Release: ReleaseOf(item))).Where(found => found.Release is not null)
        .Select(found => new LostPublication(found.Item.Kind, found.Item.Namespace ?? "", found.Item.Name, found.Release!.Value));

    private Task RecordAsync(List<LostPublication> lost, CancellationToken cancellationToken) => database.WriteAsync(
        async context =>
        {
            var mark = string.Create(CultureInfo.InvariantCulture, $"releases-{_known}-{_floor}");
            if (!await context.Audit.AnyAsync(row => row.Action == Action && row.CorrelationId == mark, cancellationToken))
            {
                audit.Append(context, new AuditEntry(Actor.System, Action, "Database", null, null, AuditResult.Failed,
                    After: new JsonObject { ["objects"] = new JsonArray([.. lost.Take(50).Select(item => (JsonNode)$"{item.Kind} {item.Namespace}/{item.Name} release {item.Release}")]) },
                    Reason: $"The cluster has objects of releases up to {_floor}, and this database knows releases up to {_known}: it was restored from a backup, or replaced. "
                        + $"Who asked for those and agreed is only in copies of the audit log. New releases begin at {_floor + 1}.",
                    CorrelationId: mark)
                { Source = AuditSource.System });
            }
        },
        cancellationToken);
}
