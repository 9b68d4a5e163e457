using System.ComponentModel;
using Portal.Operator.Api;

namespace Portal.Operator.Flows;

/// <summary>What the statuses of Flow and FlowSet have in common.</summary>
public abstract record RunnerStatus : GenkitStatus
{
    [Description("Pods that answer calls, of any revision.")]
    public int? AvailableReplicas { get; init; }

    [Description("Hash of all files and credentials the pods read; a change rolls them.")]
    public string? ContentHash { get; init; }

    [Description("Where the object is in its life.")]
    public FlowPhase? Phase { get; init; }

    [Description("Pods there are, of any revision.")]
    public int? Replicas { get; init; }

    [Description("The contentHash that every pod is known to serve: after a roll-out, or, with reload hot, once the pods say that they have read it.")]
    public string? ServedContentHash { get; init; }

    [Description("Labels of the pods, as a selector: for autoscalers.")]
    public string? Selector { get; init; }
}
