namespace Portal.Operator;

/// <summary>How the operator runs in this process.</summary>
public sealed record OperatorOptions
{
    /// <summary>Create and update the CustomResourceDefinitions at start. Off: they must be there already.</summary>
    public bool InstallDefinitions { get; init; } = true;

    /// <summary>Run the shared informers once the kinds exist. Off: someone else runs the <c>InformerFactory</c>.</summary>
    public bool RunInformers { get; init; } = true;

    /// <summary>Let only one of several operators on a cluster work: its controllers run while it holds the Lease <c>genkit-operator</c>.</summary>
    public bool LeaderElection { get; init; }

    /// <summary>Namespace of the Lease; the connection's default namespace when null.</summary>
    public string? LeaderElectionNamespace { get; init; }
}
