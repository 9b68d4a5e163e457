using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Portal.Auth;
using Portal.Data;
using Portal.Features.Ownership;
using Portal.Features.Releases.States;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;

namespace Portal.Features.Releases;

/// <summary>
/// Carries out what was promised: server-side apply of each pending publication, oldest first, and then the answer into the row and the request in one
/// transaction. A crash or an outage in between leaves the row pending, and it is tried again; applying twice is harmless.
/// </summary>
public sealed class Publisher(PortalDatabase database, KubeClient client, ReleaseLedger ledger, RolloutTracker rollouts, IEnumerable<IReleaseListener> listeners, TimeProvider clock) : IDisposable
{
    private const int MostCollisions = 5;
    private readonly SemaphoreSlim _oneAtATime = new(1);
    private readonly IReleaseListener[] _listeners = [.. listeners];

    /// <summary>Tries every pending publication once.</summary>
    /// <returns>What the cluster answered, by id of the publication; <see cref="PublishOutcome.Pending"/> where it did not.</returns>
    public async Task<IReadOnlyDictionary<string, PublishResult>> PublishPendingAsync(CancellationToken cancellationToken)
    {
        // In order, so that of two publishes the later one is the one that stays.
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            var pending = await database.ReadAsync(context => context.Publications.Where(item => item.State == PublicationState.Pending)
                .OrderBy(item => item.RequestedAt).ToListAsync(cancellationToken));
            var results = new Dictionary<string, PublishResult>(StringComparer.Ordinal);
            var broken = new HashSet<long>();
            foreach (var publication in pending)
            {
                var flows = rollouts.Look(publication.Kind, publication.Namespace, publication.Name);
                var result = publication.ReleaseId is { } release && broken.Contains(release)
                    ? new PublishResult(PublishOutcome.Refused, "Not tried: another object of the same release was refused.")
                    : await TryAsync(publication, cancellationToken);
                results[publication.Id] = result;
                if (result.Outcome == PublishOutcome.Pending)
                {
                    continue;
                }

                if (result.Outcome != PublishOutcome.Published && publication.ReleaseId is { } failed)
                {
                    broken.Add(failed);
                }

                await FinishAsync(publication, result, flows);
            }

            return results;
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    public void Dispose() => _oneAtATime.Dispose();

    private async Task<PublishResult> TryAsync(Publication publication, CancellationToken cancellationToken)
    {
        if (await IsSupersededAsync(publication, cancellationToken))
        {
            return new PublishResult(PublishOutcome.Refused, "A later publish of the same object came first.");
        }

        try
        {
            for (var attempt = 1; ; attempt++)
            {
                try
                {
                    return await ApplyAsync(publication, cancellationToken);
                }
                catch (KubernetesException exception) when (exception.IsConflict && OwnersIn(exception).Count == 0 && attempt < MostCollisions)
                {
                    // It was written between our look and our apply: look again.
                }
            }
        }
        catch (Exception exception) when (IsOutage(exception))
        {
            return new PublishResult(PublishOutcome.Pending, $"The cluster cannot be reached: {exception.Message} It is tried again until it answers.");
        }
        catch (KubernetesException exception)
        {
            var owners = OwnersIn(exception);
            return owners.Count == 0
                ? new PublishResult(exception.IsConflict ? PublishOutcome.Pending : PublishOutcome.Refused, exception.Message)
                : new PublishResult(PublishOutcome.Conflict,
                    $"{string.Join(", ", owners.Select(owner => $"“{owner.Manager}” owns {owner.Field}"))}. Publish anyway to take over, or change it there.")
                { Owners = owners };
        }
        catch (JsonException exception)
        {
            return new PublishResult(PublishOutcome.Refused, $"The content is not a spec: {exception.Message}");
        }
    }

    private async Task<PublishResult> ApplyAsync(Publication publication, CancellationToken cancellationToken)
    {
        var resource = client.Resource(ReleaseKinds.Find(publication.Kind)!);
        var live = await resource.FindAsync(publication.Namespace, publication.Name, cancellationToken);
        if (live is not null && ObjectOwner.Of(live).Refusal is { } refusal)
        {
            // Somebody took it over since it was submitted.
            return new PublishResult(PublishOutcome.Refused, refusal);
        }

        var liveHash = live is null ? null : ReleaseKinds.HashOf(ReleaseKinds.ContentOf(live));
        if (publication.ReleaseId is not null && liveHash != publication.LiveHash && liveHash != ReleaseKinds.HashOf(publication.Content))
        {
            return live is not null && IsOurs(live, publication)
                // Applied before a crash, and edited by somebody before this start.
                ? new PublishResult(PublishOutcome.Published, "Published, and changed in the cluster since.") { Generation = live.Generation, ResourceVersion = live.ResourceVersion }
                : new PublishResult(PublishOutcome.Stale, live is null
                ? "The object was deleted since this was submitted. Submit it again to create it anew."
                : "The object in the cluster is not the one the reviewers saw. Submit it again, so that they see the difference.");
        }

        var annotations = publication.Annotations is null ? [] : JsonNode.Parse(publication.Annotations)!.AsObject();
        var description = publication.Description ?? (publication.Kind == "Prompt" ? DescriptionOf(live) : null);
        var desired = ReleaseKinds.Desired(publication.Kind, publication.Namespace, publication.Name, publication.Content, description, annotations);
        if (live is not null)
        {
            // What was looked at is what is replaced.
            desired.Metadata["resourceVersion"] = live.ResourceVersion;
        }

        var applied = await resource.ApplyAsync(desired, new WriteOptions { Manager = FieldManager.Portal, Force = publication.Force }, cancellationToken);
        (publication.Uid, publication.Generation, publication.ResourceVersion) = (applied.Uid, applied.Generation, applied.ResourceVersion);
        return new PublishResult(PublishOutcome.Published, $"Published as generation {applied.Generation}.")
        {
            Generation = applied.Generation,
            ResourceVersion = applied.ResourceVersion,
        };
    }

    // Not cancellable: the cluster has answered, and the record must say so.
    private async Task FinishAsync(Publication publication, PublishResult result, IReadOnlyList<(string Namespace, string Flow, string? Hash)> flows)
    {
        var published = result.Outcome == PublishOutcome.Published;
        publication.State = published ? PublicationState.Published : PublicationState.Refused;
        (publication.Message, publication.FinishedAt) = (published ? null : result.Message, clock.GetUtcNow().UtcDateTime);
        await database.WriteAsync(
            async context =>
            {
                context.Publications.Update(publication);
                if (publication.ReleaseId is { } id)
                {
                    await context.SaveChangesAsync(CancellationToken.None);
                    await rollouts.BeginAsync(context, id, published ? flows : []);
                    await FinishReleaseAsync(context, id);
                }
            },
            CancellationToken.None);
        if (published)
        {
            foreach (var listener in _listeners)
            {
                await listener.PublishedAsync(publication);
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

    private Task<bool> IsSupersededAsync(Publication publication, CancellationToken cancellationToken) =>
        database.ReadAsync(context => context.Publications.AnyAsync(
            other => other.Kind == publication.Kind && other.Namespace == publication.Namespace && other.Name == publication.Name
                && other.RequestedAt > publication.RequestedAt && other.State == PublicationState.Published,
            cancellationToken));

    private static bool IsOurs(KubeObject live, Publication publication) =>
        live.Annotations.TryGetValue(ReleaseAnnotations.Release, out var release) && live.Annotations.TryGetValue(ReleaseAnnotations.Revision, out var revision)
        && release == publication.ReleaseId?.ToString(CultureInfo.InvariantCulture) && revision == publication.Revision?.ToString(CultureInfo.InvariantCulture);

    private static string? DescriptionOf(KubeObject? live) =>
        live?.Json["spec"]?["description"] is JsonValue value && value.TryGetValue(out string? description) ? description : null;

    private static bool IsOutage(Exception exception) => exception switch
    {
        KubernetesException refused => (int)refused.StatusCode is >= 500 or 429,
        _ => exception is HttpRequestException or IOException or TimeoutException,
    };

    private static List<FieldOwner> OwnersIn(KubernetesException exception) => exception.Status["details"]?["causes"] is not JsonArray causes
        ? []
        : [.. causes.OfType<JsonObject>()
            .Where(cause => cause["reason"]?.ToString() == "FieldManagerConflict")
            .Select(cause => new FieldOwner(ManagerIn(cause["message"]?.ToString() ?? ""), cause["field"]?.ToString() ?? ""))];

    /// <summary>The name in <c>conflict with "kubectl-edit" using genkit.dev/v1alpha1</c>.</summary>
    private static string ManagerIn(string message) => message.Split('"') is [_, var name, ..] ? name : "another manager";
}
