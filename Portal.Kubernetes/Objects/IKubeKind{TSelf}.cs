namespace Portal.Kubernetes.Objects;

/// <summary>A typed kind: knows its definition and how to wrap a JSON object.</summary>
public interface IKubeKind<TSelf> where TSelf : KubeObject, IKubeKind<TSelf>
{
    static abstract ResourceDefinition Definition { get; }

    static abstract TSelf FromJson(JsonObject json);
}
