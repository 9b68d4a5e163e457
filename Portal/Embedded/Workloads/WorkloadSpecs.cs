using System.Globalization;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Serialization;
using Portal.Operator.Api;

namespace Portal.Embedded.Workloads;

/// <summary>The part of <c>apps/v1 DeploymentSpec</c> that matters on one machine.</summary>
internal sealed record DeploymentSpec
{
    public int? Replicas { get; init; }
    public LabelSelector Selector { get; init; } = new();
    public JsonObject Template { get; init; } = [];
    public DeploymentStrategy Strategy { get; init; } = new();
    public int? ProgressDeadlineSeconds { get; init; }
    public bool Paused { get; init; }

    public int Desired => Replicas ?? 1;

    public static DeploymentSpec Of(KubeObject deployment) => deployment.Json["spec"]?.Deserialize<DeploymentSpec>(KubernetesJson.Options) ?? new();
}

internal sealed record LabelSelector
{
    public Dictionary<string, string> MatchLabels { get; init; } = [];
}

internal sealed record DeploymentStrategy
{
    public string Type { get; init; } = "RollingUpdate";
    public RollingUpdate? RollingUpdate { get; init; }
}

internal sealed record RollingUpdate
{
    public JsonNode? MaxSurge { get; init; }
    public JsonNode? MaxUnavailable { get; init; }
}

/// <summary>The part of <c>core/v1 PodSpec</c> that matters for a local process.</summary>
internal sealed record PodSpec
{
    public string? NodeName { get; init; }
    public string? ServiceAccountName { get; init; }
    public bool? AutomountServiceAccountToken { get; init; }
    public string? RestartPolicy { get; init; }
    public long? TerminationGracePeriodSeconds { get; init; }
    public IReadOnlyList<Container> Containers { get; init; } = [];
    public IReadOnlyList<Volume> Volumes { get; init; } = [];

    /// <summary>Whether the process runs to its end, once; otherwise it serves, and is started again.</summary>
    public bool RunsToItsEnd => RestartPolicy == "Never";

    /// <summary>The one that runs here, wherever it stands among others; an empty one when there is none.</summary>
    public Container Runner => Containers.FirstOrDefault(container => GenkitApi.IsOwnContainer(container.Name)) ?? (Containers.Count > 0 ? Containers[0] : new Container());

    /// <summary>Whether a volume shows files of this object.</summary>
    public bool Mounts(KubeObject source) => Volumes.Any(volume => volume.Shows(source));

    public static PodSpec Of(KubeObject pod) => pod.Json["spec"]?.Deserialize<PodSpec>(KubernetesJson.Options) ?? new();
}

internal sealed record Container
{
    public string Name { get; init; } = "";
    public string Image { get; init; } = "";
    public IReadOnlyList<EnvVar> Env { get; init; } = [];
    public IReadOnlyList<EnvFrom> EnvFrom { get; init; } = [];
    public IReadOnlyList<VolumeMount> VolumeMounts { get; init; } = [];
}

internal sealed record EnvVar
{
    public string Name { get; init; } = "";
    public string? Value { get; init; }
    public EnvSource? ValueFrom { get; init; }
}

internal sealed record EnvSource
{
    public KeyRef? SecretKeyRef { get; init; }
    public KeyRef? ConfigMapKeyRef { get; init; }
    public FieldRef? FieldRef { get; init; }
}

internal sealed record KeyRef
{
    public string Name { get; init; } = "";
    public string Key { get; init; } = "";
    public bool Optional { get; init; }
}

internal sealed record FieldRef
{
    public string FieldPath { get; init; } = "";
}

internal sealed record EnvFrom
{
    public string Prefix { get; init; } = "";
    public ObjectRef? SecretRef { get; init; }
    public ObjectRef? ConfigMapRef { get; init; }
}

internal sealed record ObjectRef
{
    public string Name { get; init; } = "";
    public bool Optional { get; init; }
}

internal sealed record VolumeMount
{
    public string Name { get; init; } = "";
    public string MountPath { get; init; } = "";
    public string? SubPath { get; init; }
}

internal sealed record Volume
{
    public string Name { get; init; } = "";
    public ConfigMapVolume? ConfigMap { get; init; }
    public SecretVolume? Secret { get; init; }
    public JsonObject? EmptyDir { get; init; }
    public ProjectedVolume? Projected { get; init; }

    public bool Shows(KubeObject source) => source.Kind == "ConfigMap"
        ? ConfigMap?.Name == source.Name || Projected?.Sources.Any(part => part.Shows(source)) == true
        : (Secret?.SecretName ?? Secret?.Name) == source.Name || Projected?.Sources.Any(part => part.Shows(source)) == true;
}

internal sealed record ConfigMapVolume
{
    public string Name { get; init; } = "";
    public IReadOnlyList<KeyToPath> Items { get; init; } = [];
    public bool Optional { get; init; }
}

internal sealed record SecretVolume
{
    public string? SecretName { get; init; }

    /// <summary>What a projected source calls <see cref="SecretName"/>.</summary>
    public string? Name { get; init; }
    public IReadOnlyList<KeyToPath> Items { get; init; } = [];
    public bool Optional { get; init; }
}

internal sealed record ProjectedVolume
{
    public IReadOnlyList<Volume> Sources { get; init; } = [];
}

internal sealed record KeyToPath
{
    public string Key { get; init; } = "";
    public string Path { get; init; } = "";
}

/// <summary>How far a roll-out may go above and below the desired number of pods.</summary>
internal readonly record struct RolloutLimits(int Surge, int Unavailable)
{
    public static RolloutLimits Of(DeploymentSpec spec)
    {
        if (spec.Strategy.Type == "Recreate")
        {
            return new RolloutLimits(0, spec.Desired);
        }

        var surge = Count(spec.Strategy.RollingUpdate?.MaxSurge, spec.Desired, roundUp: true);
        var unavailable = Count(spec.Strategy.RollingUpdate?.MaxUnavailable, spec.Desired, roundUp: false);
        return new RolloutLimits(surge, surge == 0 && unavailable == 0 ? 1 : unavailable);
    }

    private static int Count(JsonNode? value, int desired, bool roundUp)
    {
        var text = value?.ToString() ?? "25%";
        if (!text.EndsWith('%'))
        {
            return int.TryParse(text, CultureInfo.InvariantCulture, out var count) && count >= 0 ? count : 0;
        }

        var share = int.TryParse(text[..^1], CultureInfo.InvariantCulture, out var percent) ? percent / 100.0 * desired : 0;
        return (int)(roundUp ? Math.Ceiling(share) : Math.Floor(share));
    }
}
