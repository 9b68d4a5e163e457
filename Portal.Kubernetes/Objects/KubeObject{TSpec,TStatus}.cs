using Portal.Kubernetes.Serialization;

namespace Portal.Kubernetes.Objects;

/// <summary>An object whose spec and status have types. Both are read once, on first use, from the JSON.</summary>
/// <exception cref="JsonException">Thrown on reading <see cref="Spec"/> or <see cref="Status"/> when the JSON does not fit.</exception>
public abstract class KubeObject<TSpec, TStatus>(JsonObject json) : KubeObject(json)
    where TSpec : class, new()
    where TStatus : class, new()
{
    private TSpec? _spec;
    private TStatus? _status;

    public TSpec Spec => _spec ??= Json["spec"]?.Deserialize<TSpec>(KubernetesJson.Options) ?? new TSpec();

    public TStatus Status => _status ??= Json["status"]?.Deserialize<TStatus>(KubernetesJson.Options) ?? new TStatus();
}
