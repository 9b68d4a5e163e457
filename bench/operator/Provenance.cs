namespace Portal.Operator.Bench;

/// <summary>What the Go operator needs for the same kind of work. It cannot be run here.</summary>
internal static class Provenance
{
    /// <summary>Seconds from 300 Flows to all their Deployments.</summary>
    public const double Cold = 7.0;

    /// <summary>Seconds from the edit of a Prompt that 300 Flows share to the last rolled Deployment.</summary>
    public const double Edit = 5.7;

    public const string Text =
        "The budgets of the first two rows are a third of what genkit-operator v0.5.0 (Go) takes, 7 s and 5.7 s with 64 MB: measured on a real API server on this class of machine, "
        + "not run here. The operator is the published portal with `Portal:Role=operator`; the API server, unless `--kubeconfig` names another, is the embedded one with its "
        + "database on disk, over TLS, in a process of its own, and a third process plays the Deployment controller and the user. All share the cores.";
}
