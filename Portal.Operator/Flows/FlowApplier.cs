using Portal.Kubernetes.Objects;
using Portal.Operator.Api;
using Portal.Operator.Reconciliation;

namespace Portal.Operator.Flows;

/// <summary>What became of an attempt to apply.</summary>
internal sealed record Applied
{
    /// <summary>The Deployment as it is now, when the owner has one.</summary>
    public KubeObject? Deployment { get; init; }

    /// <summary>Why nothing, or not all, was applied.</summary>
    public Problem? Problem { get; init; }

    /// <summary>When to try or to look again although nothing may change here until then; null when there is no need.</summary>
    public TimeSpan? Again { get; init; }

    /// <summary>What is the matter with the pods of a roll-out that has stopped, or gets nowhere; null when that is not known.</summary>
    public string? Trouble { get; init; }

    /// <summary>What pods say that they serve; null when they need not be asked.</summary>
    public ServedContent? Served { get; init; }

    /// <summary>Whether the spec forbids changes, and whether there would have been any.</summary>
    public (bool IsPaused, bool IsBehind) Pause { get; init; }
}

/// <summary>Brings the children of a Flow or FlowSet to what was rendered, unless the spec is paused or a name is taken.</summary>
internal sealed class FlowApplier(GenkitInformers informers, FlowChildren children, FlowContent content, StatusWriter writer)
{
    /// <summary>How long a refused write waits: nothing wakes us when a quota is lifted.</summary>
    public static readonly TimeSpan RefusalDelay = TimeSpan.FromSeconds(15);

    /// <summary>Kubelets take up to a minute or two to bring a change to a pod's files.</summary>
    private static readonly TimeSpan s_reloadPoll = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_brokenPoll = TimeSpan.FromSeconds(30);

    /// <summary>Most pods are up by then; those that are not may have something to say.</summary>
    private static readonly TimeSpan s_firstLook = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_rareLook = TimeSpan.FromMinutes(2);

    /// <summary>How many replicas to ask for; null when they are an autoscaler's.</summary>
    public int? ReplicasOf(KubeObject owner, RunnerSpec spec) =>
        spec.Autoscaling is not null || informers.IsAutoscaled(owner.Namespace, owner.Name) ? null : spec.Replicas ?? 1;

    /// <summary>What the spec asks for and the cluster does not have.</summary>
    public IEnumerable<Problem> FaultsOf(RunnerSpec spec) => spec.HttpRoute is null || informers.Routes is not null
        ? []
        : [new(ConditionReasons.GatewayApiMissing, "spec.httpRoute: the cluster does not serve HTTPRoute; install the Gateway API and restart the operator, or use spec.ingress")];

    /// <summary>The Deployment as last seen; null when there is none of the owner's.</summary>
    public KubeObject? FindDeployment(KubeObject owner) =>
        informers.FindChild(BuiltIn.Deployment, owner.Namespace, owner.Name) is { } found && found.ControllerOwner?.Uid == owner.Uid ? found : null;

    public async Task<Applied> ApplyAsync(ChildOwner owner, RunnerSpec spec, RenderedFlow rendered, CancellationToken cancellationToken)
    {
        var before = FindDeployment(owner.Object);
        IReadOnlyList<FlowChild> wanted = [.. rendered.Children.Where(child => informers.Routes is not null || child.Definition != BuiltIn.HttpRoute)];
        if (await children.FindConflictAsync(owner, wanted, cancellationToken).ConfigureAwait(false) is { } conflict)
        {
            return new() { Deployment = before, Problem = conflict };
        }

        if (spec.Paused == true)
        {
            return new() { Deployment = before, Pause = (true, !wanted.All(children.IsSettled)) };
        }

        if (before is not null)
        {
            await LeaveReplicasAsync(owner, spec, before, rendered.Deployment, cancellationToken).ConfigureAwait(false);
            await TellOfScalingAsync(owner, before, rendered.Deployment, cancellationToken).ConfigureAwait(false);
        }

        var (deployment, refused) = await children.ApplyAllAsync(wanted, cancellationToken).ConfigureAwait(false);
        if (refused is not null)
        {
            return new() { Deployment = before, Problem = refused, Again = RefusalDelay };
        }

        await children.RemoveAsync(owner, FlowExposure.Kinds.Except(wanted.Select(child => child.Definition)), cancellationToken).ConfigureAwait(false);
        return await WithServedAsync(owner, spec, rendered, deployment, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Asks the pods what they serve where the roll-out alone does not tell: after a change they are to read, and whether each flow of
    /// several works. Once they have answered well they are not asked again until something changes.</summary>
    private async Task<Applied> WithServedAsync(ChildOwner owner, RunnerSpec spec, RenderedFlow rendered, KubeObject? deployment, CancellationToken cancellationToken)
    {
        var applied = new Applied { Deployment = deployment };
        var isKnown = owner.Object.Json["status"]?["servedContentHash"]?.ToString() == rendered.ContentHash
            && owner.Object.FindCondition(ConditionTypes.Ready)?.Reason != ConditionReasons.FlowBroken;
        var rollout = FlowRollout.Of(deployment);
        if (rollout.Problem is not null)
        {
            var trouble = await children.FindTroubleAsync(owner, cancellationToken).ConfigureAwait(false);
            return applied with { Trouble = trouble, Again = trouble is null ? s_brokenPoll : null };
        }

        if (deployment is not null && rollout.Phase != FlowPhase.Running)
        {
            return await WithTroubleAsync(applied, owner, rendered, cancellationToken).ConfigureAwait(false);
        }

        if (isKnown || !(spec.IsHot || owner.HasSeveralFlows) || rollout is not { Phase: FlowPhase.Running, Available: > 0 })
        {
            return applied;
        }

        var served = await content.AskAsync(owner.Object, spec, rendered.Digest, cancellationToken).ConfigureAwait(false);
        return applied with
        {
            Served = served,
            Again = served switch
            {
                { Problems.Count: > 0 } => s_brokenPoll,
                { Answered: > 0, IsCurrent: false } => s_reloadPoll,
                { Answered: 0, IsFresh: true } => s_reloadPoll,
                _ => null,
            },
        };
    }

    /// <summary>Pods that cannot start are told of long before the roll-out's deadline. They are not watched but looked at, the longer it takes the more rarely.</summary>
    private async Task<Applied> WithTroubleAsync(Applied applied, ChildOwner owner, RenderedFlow rendered, CancellationToken cancellationToken)
    {
        var since = children.SinceWritten(rendered.Children.First(child => child.Definition == BuiltIn.Deployment)) ?? s_rareLook;
        if (since < s_firstLook)
        {
            return applied with { Again = s_firstLook - since };
        }

        var trouble = await children.FindTroubleAsync(owner, cancellationToken).ConfigureAwait(false);
        return applied with { Trouble = trouble, Again = trouble is not null ? s_brokenPoll : since < s_rareLook ? since : s_rareLook };
    }

    /// <summary>A field that its only owner no longer applies goes back to its default, which would be one replica. So it gets another owner first,
    /// from whom the autoscaler takes it.</summary>
    private async Task LeaveReplicasAsync(ChildOwner owner, RunnerSpec spec, KubeObject before, KubeObject desired, CancellationToken cancellationToken)
    {
        if (FlowDeployment.IsAutoscaled(desired) && !FlowDeployment.IsAutoscaled(before))
        {
            var now = FlowDeployment.ReplicasOf(before) ?? 1;
            var replicas = spec.Autoscaling is { } range ? Math.Max(range.MinReplicas ?? 1, Math.Min(now, range.MaxReplicas)) : now;
            await children.LeaveReplicasAsync(owner, replicas, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Whoever scales the Deployment should learn why that does not last.</summary>
    private async Task TellOfScalingAsync(ChildOwner owner, KubeObject before, KubeObject desired, CancellationToken cancellationToken)
    {
        var (found, wanted) = (FlowDeployment.ReplicasOf(before), FlowDeployment.ReplicasOf(desired));
        if (found is null || wanted is null || found == wanted || FlowDeployment.IsAutoscaled(before))
        {
            return;
        }

        if (await children.FindScalerAsync(owner, cancellationToken).ConfigureAwait(false) is { } scaler)
        {
            writer.Tell(owner.Object, "Warning", ConditionReasons.ReplicasRestored,
                $"{scaler} scaled the Deployment to {found}, which goes back to {wanted}; set spec.replicas here (kubectl scale works), or spec.autoscaling");
        }
    }
}
