namespace Portal.Kubernetes.Client;

/// <summary>How to reach an API server: base address, the handler that carries credentials and TLS, and the default namespace.</summary>
/// <param name="Server">Base address.</param>
/// <param name="Handler">Sends requests; owns connections, certificates and credentials.</param>
/// <param name="DefaultNamespace">Namespace of the kubeconfig context or service account.</param>
/// <param name="Description">For people: context name, or "in-cluster", or "embedded".</param>
public sealed record KubeConnection(Uri Server, HttpMessageHandler Handler, string DefaultNamespace, string Description);
