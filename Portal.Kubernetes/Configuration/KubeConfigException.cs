namespace Portal.Kubernetes.Configuration;

/// <summary>A cluster configuration cannot be used. The message is one line that names the file (or variable) and the field, and holds no secret.</summary>
public sealed class KubeConfigException(string message, Exception? inner = null) : Exception(message, inner);
