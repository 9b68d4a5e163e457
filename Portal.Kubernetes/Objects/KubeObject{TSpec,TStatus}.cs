namespace Portal.Kubernetes.Objects;

/// <summary>An object whose spec and status have types. Both are read once, on first use, from the JSON.</summary>
/// <exception cref="JsonException">Thrown on reading <see cref="Spec"/> or <see cref="Status"/> when the JSON does not fit.</exception>
public abstract class KubeObject<TSpec, TStatus>(JsonObject json) : KubeObject(json)
    where TSpec : class, new()
    where TStatus : class, new()
{
    private object? _spec;
    private object? _status;

    public TSpec Spec => Read<TSpec>(ref _spec, "spec");

    public TStatus Status => Read<TStatus>(ref _status, "status");
}
