namespace Portal.Operator;

/// <summary>How the operator runs in this process.</summary>
public sealed record OperatorOptions
{
    /// <summary>Create and update the CustomResourceDefinitions at start. Off: they must be there already.</summary>
    public bool InstallDefinitions { get; init; } = true;

    /// <summary>Run the shared informers once the kinds exist. Off: someone else runs the <c>InformerFactory</c>.</summary>
    public bool RunInformers { get; init; } = true;
}
