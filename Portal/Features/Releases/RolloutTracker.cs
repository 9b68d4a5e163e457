using Microsoft.EntityFrameworkCore;
using Portal.Auth;
using Portal.Components;
using Portal.Data;
using Portal.Features.Releases.Reviewing;
using Portal.Features.Releases.States;
using Portal.Kubernetes.Runtime;
using Portal.Operator.Api;
using Portal.Operator.Flows;

namespace Portal.Features.Releases;

/// <summary>Follows the flows a release reached until they serve the new content, or cannot.</summary>
public sealed class RolloutTracker(InformerFactory informers, PortalDatabase database, ReleaseLedger ledger, TimeProvider clock)
{
    /// <summary>A flow that is ready and shows no new content after this has none: nothing of it was different for its pods.</summary>
    private static readonly TimeSpan s_unchanged = TimeSpan.FromSeconds(20);

    /// <summary>A flow that is not ready after this is told as failed, although it may still recover.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(10);

    private readonly Informer<Flow> _flows = informers.Get<Flow>();

    /// <summary>The flows that use an object, with the hash of what their pods read now: to be asked before it is applied.</summary>
    public IReadOnlyList<(string Namespace, string Flow, string? Hash)> Look(string kind, string @namespace, string name) =>
        [.. _flows.Store.List(@namespace).Where(flow => BlastRadius.Uses(flow, kind, name)).Select(flow => (@namespace, flow.Name, HashOf(flow)))];

    /// <summary>Begins to follow, within the caller's transaction.</summary>
    internal async Task BeginAsync(PortalDbContext context, long release, IEnumerable<(string Namespace, string Flow, string? Hash)> flows)
    {
        foreach (var (@namespace, flow, hash) in flows.DistinctBy(item => (item.Namespace, item.Flow)))
        {
            if (await context.Rollouts.FindAsync(release, @namespace, flow) is { } older)
            {
                context.Rollouts.Remove(older);
                await context.SaveChangesAsync();
            }

            context.Rollouts.Add(new Rollout
            {
                ReleaseId = release,
                Namespace = @namespace,
                Flow = flow,
                HashBefore = hash,
                State = RolloutState.Waiting,
                StartedAt = clock.GetUtcNow().UtcDateTime,
            });
        }
    }

    /// <summary>Looks at every flow that is waited for. Returns how many still are.</summary>
    public async Task<int> CheckAsync(CancellationToken cancellationToken)
    {
        var waiting = await database.ReadAsync(context => context.Rollouts.Where(item => item.State == RolloutState.Waiting).ToListAsync(cancellationToken));
        var left = waiting.Count;
        foreach (var rollout in waiting)
        {
            if (Judge(rollout) is { } verdict)
            {
                await FinishAsync(rollout, verdict.State, verdict.Message);
                left--;
            }
        }

        return left;
    }

    public Task<List<Rollout>> ListAsync(long release, CancellationToken cancellationToken) => database.ReadAsync(context =>
        context.Rollouts.Where(item => item.ReleaseId == release).OrderBy(item => item.Namespace).ThenBy(item => item.Flow).ToListAsync(cancellationToken));

    private (RolloutState State, string Message)? Judge(Rollout rollout)
    {
        var age = clock.GetUtcNow().UtcDateTime - rollout.StartedAt;
        if (_flows.Store.Find(rollout.Namespace, rollout.Flow) is not { } flow)
        {
            return age > s_unchanged ? (RolloutState.Failed, "The flow is not there any more.") : null;
        }

        var isNew = HashOf(flow) != rollout.HashBefore || age > s_unchanged;
        var ready = flow.FindCondition(ConditionTypes.Ready);
        var message = ready?.Message ?? "";
        return ObjectStatus.Of(ready) switch
        {
            // Pods that do not start yet may: an image is late, a node is being added.
            _ when (flow.DeletionTimestamp is not null || ready?.Reason == ConditionReasons.PodsFailing) && age <= s_patience => null,
            Status.Ready when isNew => (RolloutState.Ready, message),
            Status.Failed or Status.Degraded when isNew => (RolloutState.Failed, message),
            _ when age > s_patience => (RolloutState.Failed, $"Not ready after {s_patience.TotalMinutes:0} minutes: {message}"),
            _ => null,
        };
    }

    private Task FinishAsync(Rollout rollout, RolloutState state, string message) => database.WriteAsync(
        async context =>
        {
            var row = await context.Rollouts.FindAsync(rollout.ReleaseId, rollout.Namespace, rollout.Flow);
            if (row is not { State: RolloutState.Waiting } || await context.Releases.FindAsync(rollout.ReleaseId) is not { } release)
            {
                return;
            }

            (row.State, row.Message, row.FinishedAt) = (state, message, clock.GetUtcNow().UtcDateTime);
            var items = await ReleaseLedger.ItemsOfAsync(context, release.Id, CancellationToken.None);
            var words = state == RolloutState.Ready ? ReleaseSteps.RolledOut : ReleaseSteps.RolloutFailed;
            var decision = new ReleaseDecision
            {
                State = ReleaseLedger.StateOf(release),
                Steps = [new ReleaseStep(words, $"{rollout.Namespace}/{rollout.Flow}: {message}")],
            };
            await ledger.RecordAsync(context, release, items, decision, Actor.System, null);
        },
        CancellationToken.None);

    private static string? HashOf(Flow flow) => flow.Json["status"]?["contentHash"] is JsonValue value && value.TryGetValue(out string? hash) ? hash : null;
}
