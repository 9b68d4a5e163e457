using Portal.Components;
using Portal.Features.Flows.Chain;
using Portal.Kubernetes.Objects;

namespace Portal.Features.Flows;

/// <summary>Why an object works or not, in one sentence that names the deepest cause known, and what to do about it.</summary>
public sealed record FlowVerdict(Status Status, string Sentence)
{
    /// <summary>The one thing to do; null when nothing has to be done, or nothing is known.</summary>
    public Fix? Fix { get; init; }

    /// <summary>The verdict that every page and the REST API give of an object.</summary>
    public static FlowVerdict Of(KubeObject item, FlowDirectory directory) => Of(item, directory.PodsOf(item), ReferenceChain.Of(item, directory));

    /// <summary>With what the chain knows: the first broken link is named in place of what follows from it.</summary>
    public static FlowVerdict Of(KubeObject item, IReadOnlyList<KubeObject> pods, IReadOnlyList<ChainLink> chain)
    {
        var verdict = OfConditions(item, pods);
        if (item.DeletionTimestamp is not null || chain.FirstOrDefault(link => link.IsFirstBroken) is not { } first)
        {
            return verdict;
        }

        var isOther = first.Kind != ChainLink.Pods && !first.IsOf(item);
        return (first.IsBroken, isOther, verdict.Status) switch
        {
            (true, true, Status.Degraded or Status.Failed or Status.Progressing) => new FlowVerdict(Worse(verdict.Status), $"{Name(item, first)}.") { Fix = first.Fix },
            (true, true, _) => verdict with { Sentence = $"{verdict.Sentence.TrimEnd('.')}. But {Name(item, first)}.", Fix = first.Fix },
            _ => verdict with { Fix = first.Fix },
        };
    }

    private static FlowVerdict OfConditions(KubeObject item, IReadOnlyList<KubeObject> pods)
    {
        var kind = item.Kind.Length == 0 ? "flow" : item.Kind.ToLowerInvariant();
        if (item.DeletionTimestamp is not null)
        {
            return new FlowVerdict(Status.Progressing, $"The {kind} is being deleted.");
        }

        var ready = item.FindCondition("Ready");
        if (ready is null)
        {
            return new FlowVerdict(Status.Pending, $"The operator has not looked at this {kind} yet.");
        }

        // A condition about an older spec says nothing about this one.
        if (ready.ObservedGeneration is { } observed && observed < item.Generation)
        {
            return new FlowVerdict(Status.Progressing, "The operator is working on the newest change.");
        }

        var status = ObjectStatus.Of(item);
        if (item.FindCondition("Degraded") is { IsTrue: true } degraded)
        {
            return new FlowVerdict(status, ready.IsTrue ? $"It answers, but something is broken: {degraded.Message}" : degraded.Message);
        }

        var stuck = ready.IsTrue ? null : pods.Select(PodSummary.Of).FirstOrDefault(pod => !pod.Ready && pod.Message is not null);
        return stuck is null
            ? new FlowVerdict(status, ready.Message)
            : new FlowVerdict(status == Status.Progressing ? Status.Degraded : status, $"{ready.Message}: pod {stuck.Name} is in {stuck.State}: {stuck.Message}");
    }

    // What waits for something broken waits in vain.
    private static Status Worse(Status status) => status == Status.Progressing ? Status.Degraded : status;

    private static string Name(KubeObject item, ChainLink link) => $"{link.Kind} \"{link.Name}\" in \"{item.Namespace}\" {link.Message?.TrimEnd('.')}";
}
