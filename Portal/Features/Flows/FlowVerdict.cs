using Portal.Components;
using Portal.Kubernetes.Objects;
using Portal.Operator.Flows;

namespace Portal.Features.Flows;

/// <summary>Why a flow is ready or not, in one sentence that names the deepest cause known.</summary>
public sealed record FlowVerdict(Status Status, string Sentence)
{
    public static FlowVerdict Of(Flow flow, IReadOnlyList<KubeObject> pods)
    {
        if (flow.DeletionTimestamp is not null)
        {
            return new FlowVerdict(Status.Progressing, "The flow is being deleted.");
        }

        var ready = flow.FindCondition("Ready");
        if (ready is null)
        {
            return new FlowVerdict(Status.Pending, "The operator has not looked at this flow yet.");
        }

        // A condition about an older spec says nothing about this one.
        if (ready.ObservedGeneration is { } observed && observed < flow.Generation)
        {
            return new FlowVerdict(Status.Progressing, "The operator is working on the newest change.");
        }

        var status = ObjectStatus.Of(ready);
        var stuck = ready.IsTrue ? null : pods.Select(PodSummary.Of).FirstOrDefault(pod => !pod.Ready && pod.Message is not null);
        return stuck is null
            ? new FlowVerdict(status, ready.Message)
            : new FlowVerdict(status == Status.Progressing ? Status.Degraded : status, $"{ready.Message}: pod {stuck.Name} is in {stuck.State}: {stuck.Message}");
    }
}
