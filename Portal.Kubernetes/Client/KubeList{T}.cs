namespace Portal.Kubernetes.Client;

/// <summary>One page of a list.</summary>
/// <param name="Items">Objects in the server's order.</param>
/// <param name="ResourceVersion">Version to start a watch from.</param>
/// <param name="Continue">Token of the next page, or null at the end.</param>
public sealed record KubeList<T>(IReadOnlyList<T> Items, string ResourceVersion, string? Continue);
