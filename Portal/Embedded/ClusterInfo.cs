namespace Portal.Embedded;

/// <summary>What people may know about the cluster.</summary>
/// <param name="Mode">How it is reached.</param>
/// <param name="Description">Name of the context, <c>in-cluster</c> or <c>embedded</c>.</param>
/// <param name="Kubeconfig">Path of the kubeconfig for kubectl; null when the cluster is not the portal's own.</param>
public sealed record ClusterInfo(ClusterMode Mode, string Description, string? Kubeconfig);
