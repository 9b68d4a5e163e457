using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Portal.Auth;
using Portal.Data;
using Portal.Features.Releases.States;

namespace Portal.Features.Releases;

/// <summary>
/// Carries out what was promised, each release by itself: its publications in their order, and then the answer into the row and the request in one
/// transaction. A crash or an outage in between leaves the row pending, and it is tried again; asking twice is harmless.
/// </summary>
public sealed partial class Publisher(
    PortalDatabase database, ClusterWriter cluster, ReleaseLedger ledger, RolloutTracker rollouts, IEnumerable<IReleaseListener> listeners, TimeProvider clock,
    ILogger<Publisher> logger) : IDisposable
{
    private const int MostAtOnce = 4;
    private readonly ConcurrentDictionary<long, Lazy<Task<IReadOnlyList<PublishResult>>>> _running = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly IReleaseListener[] _listeners = [.. listeners];

    /// <summary>Tries what is pending of one release. Asked again while that is being done, it is the same attempt.</summary>
    /// <returns>What the cluster answered about each, in their order; <see cref="PublishOutcome.Pending"/> where it did not.</returns>
    public async Task<IReadOnlyList<PublishResult>> PublishAsync(long release)
    {
        // Not on the caller's thread: they may stop waiting before the first answer.
        var attempt = _running.GetOrAdd(release, id => new(() => Task.Run(() => TryAsync(id))));
        try
        {
            return await attempt.Value;
        }
        finally
        {
            _running.TryRemove(KeyValuePair.Create(release, attempt));
        }
    }

    /// <summary>Tries every release that has something pending, once and some at a time, so that one the cluster is slow to answer keeps no other back.</summary>
    public async Task<IReadOnlyList<PublishResult>> PublishPendingAsync(CancellationToken cancellationToken)
    {
        var pending = await database.ReadAsync(context => context.Publications.Where(item => item.State == PublicationState.Pending && item.ReleaseId != null)
            .GroupBy(item => item.ReleaseId!.Value).Select(group => new { Id = group.Key, At = group.Min(item => item.RequestedAt) }).ToListAsync(cancellationToken));
        var answers = new ConcurrentBag<PublishResult>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = MostAtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(pending.OrderBy(release => release.At).ThenBy(release => release.Id), options, async (release, cancellation) =>
        {
            foreach (var answer in await PublishAsync(release.Id).WaitAsync(cancellation))
            {
                answers.Add(answer);
            }
        });
        return [.. answers];
    }

    public void Dispose()
    {
        _stopping.Cancel();
        _stopping.Dispose();
    }

    private async Task<IReadOnlyList<PublishResult>> TryAsync(long release)
    {
        var pending = await database.ReadAsync(context => context.Publications.Where(item => item.ReleaseId == release && item.State == PublicationState.Pending)
            .OrderBy(item => item.RequestedAt).ToListAsync(_stopping.Token));
        var results = new List<PublishResult>();
        var broken = false;
        foreach (var publication in pending)
        {
            var flows = rollouts.Look(publication.Kind, publication.Namespace, publication.Name);
            var result = broken ? new PublishResult(PublishOutcome.Refused, "Not tried: another object of the same release was refused.")
                : await WhyNotAsync(publication) ?? await cluster.TryAsync(publication, _stopping.Token);
            results.Add(result);
            if (result.Outcome == PublishOutcome.Pending)
            {
                // What comes after it refers to it.
                break;
            }

            broken |= result.Outcome != PublishOutcome.Published;
            await FinishAsync(publication, result, flows);
        }

        return results;
    }

    /// <summary>Of two publishes of an object the later one is the one that stays.</summary>
    private Task<PublishResult?> WhyNotAsync(Publication publication) => database.ReadAsync(async context =>
    {
        var others = context.Publications.Where(other => other.Kind == publication.Kind && other.Namespace == publication.Namespace && other.Name == publication.Name);
        return await others.AnyAsync(other => other.RequestedAt > publication.RequestedAt && other.State == PublicationState.Published, _stopping.Token)
            ? new PublishResult(PublishOutcome.Refused, "A later publish of the same object came first.")
            : await others.AnyAsync(other => other.RequestedAt < publication.RequestedAt && other.State == PublicationState.Pending, _stopping.Token)
            ? new PublishResult(PublishOutcome.Pending, "It waits for an earlier publish of the same object, which the cluster has not answered yet.")
            : null;
    });

    // Not cancellable: the cluster has answered, and the record must say so.
    private async Task FinishAsync(Publication publication, PublishResult result, IReadOnlyList<(string Namespace, string Flow, string? Hash)> flows)
    {
        var published = result.Outcome == PublishOutcome.Published;
        publication.State = published ? PublicationState.Published : PublicationState.Refused;
        (publication.Message, publication.FinishedAt) = (published ? null : result.Message, clock.GetUtcNow().UtcDateTime);
        await database.WriteAsync(
            async context =>
            {
                if (!await context.Publications.AnyAsync(item => item.Id == publication.Id && item.State == PublicationState.Pending))
                {
                    // Another portal asked at the same time, and has written the answer.
                    return;
                }

                context.Publications.Update(publication);
                if (publication.ReleaseId is { } id)
                {
                    if (published && publication.Deletes)
                    {
                        ledger.NoteDeletion(context, publication, id);
                    }

                    await context.SaveChangesAsync(CancellationToken.None);
                    await rollouts.BeginAsync(context, id, published && !publication.Deletes ? flows : []);
                    await FinishReleaseAsync(context, id);
                }
            },
            CancellationToken.None);
        if (published)
        {
            foreach (var listener in _listeners)
            {
                await TellAsync(listener, publication);
            }
        }
    }

    private async Task FinishReleaseAsync(PortalDbContext context, long id)
    {
        var release = await context.Releases.FindAsync(id);
        var of = context.Publications.Where(item => item.ReleaseId == id);
        if (release is not { Status: ReleaseStatus.Publishing } || await of.AnyAsync(item => item.State == PublicationState.Pending))
        {
            return;
        }

        var items = await ReleaseLedger.ItemsOfAsync(context, id, CancellationToken.None);

        // A release that was tried again has older rows: the newest of each object counts.
        var newest = (await of.ToListAsync()).GroupBy(item => (item.Kind, item.Namespace, item.Name)).Select(rows => rows.MaxBy(item => item.RequestedAt)!);
        var problems = newest.Where(item => item.State == PublicationState.Refused).OrderBy(item => item.RequestedAt)
            .Select(item => $"{item.Kind} {item.Namespace}/{item.Name}: {item.Message}").ToList();
        var decision = ReleaseMachine.Finish(ReleaseLedger.StateOf(release), problems.Count == 0 ? null : string.Join(" ", problems));
        await ledger.RecordAsync(context, release, items, decision, Actor.System, null);
    }

    // It is published and recorded: what somebody makes of that cannot undo it.
    private async Task TellAsync(IReleaseListener listener, Publication publication)
    {
        try
        {
            await listener.PublishedAsync(publication);
        }
        catch (Exception exception)
        {
            Log.NotTold(logger, publication.Kind, publication.Namespace, publication.Name, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "{Kind} {Namespace}/{Name} was published, but what follows from that was not done; a draft of it may be left.")]
        public static partial void NotTold(ILogger logger, string kind, string @namespace, string name, Exception exception);
    }
}
