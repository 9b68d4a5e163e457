using Portal.Operator.Api;
using LabelSelector = Portal.Kubernetes.Selectors.LabelSelector;

namespace Portal.Operator;

/// <summary>How the operator runs in this process.</summary>
public sealed record OperatorOptions
{
    /// <summary>Create and update the CustomResourceDefinitions at start. Off, or not allowed: they must be there already.</summary>
    public bool InstallDefinitions { get; init; } = true;

    /// <summary>Run the shared informers once the kinds exist. Off: someone else runs the <c>InformerFactory</c>.</summary>
    public bool RunInformers { get; init; } = true;

    /// <summary>Reconcile. Off: the informers run for others in this process, and another process is the operator.</summary>
    public bool RunControllers { get; init; } = true;

    /// <summary>Let only one of several operators with the same share work: its controllers run while it holds the Lease.</summary>
    public bool LeaderElection { get; init; }

    /// <summary>Namespace of the Lease; the connection's default namespace when null.</summary>
    public string? LeaderElectionNamespace { get; init; }

    /// <summary>How long after its last sign of life the leader is followed by another. A leader that stops gives the Lease back at once.</summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The objects this operator reconciles, by their labels; the others are read but left to other operators.</summary>
    public LabelSelector Shard { get; init; } = LabelSelector.Everything;

    /// <summary>Tells apart operators that share a namespace for their Leases but not their work: a part of the Lease's name; null for none.</summary>
    public string? Share { get; init; }

    /// <summary>How many Flows are reconciled at the same time.</summary>
    public int Workers { get; init; } = 8;

    /// <summary>Writes a second that all controllers together send at most, after a burst of twice that; 0 for no limit.</summary>
    public int WritesPerSecond { get; init; } = 1000;

    /// <summary>Variables of every runner, unless the spec of its Flow or FlowSet has others of these names.</summary>
    public IReadOnlyList<EnvVar> RunnerVariables { get; init; } = [];

    /// <summary>How often everything is looked at without a cause.</summary>
    public TimeSpan Resync { get; init; } = TimeSpan.FromHours(10);
}
