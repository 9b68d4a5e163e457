using System.Security.Cryptography;
using System.Text;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Serialization;
using Portal.Operator.Api;

namespace Portal.Operator.Flows;

/// <summary>Renders the Deployment: one container that reads its files from ConfigMaps and Secrets.
/// The pod meets the restricted Pod Security Standard.</summary>
internal static class FlowDeployment
{
    public const string PortName = "http";

    public static FlowChild Render(FlowWorkload workload) => workload.Owner.Child(BuiltIn.Deployment, workload.Owner.Object.Name, new JsonObject
    {
        ["spec"] = new JsonObject
        {
            ["replicas"] = workload.Spec.Replicas ?? 1,
            ["selector"] = new JsonObject { ["matchLabels"] = workload.Owner.Labels() },
            ["template"] = new JsonObject
            {
                ["metadata"] = new JsonObject
                {
                    ["labels"] = workload.Owner.Labels(),
                    ["annotations"] = new JsonObject { [GenkitApi.ContentHashAnnotation] = workload.ContentHash },
                },
                ["spec"] = new JsonObject
                {
                    ["automountServiceAccountToken"] = false,
                    ["securityContext"] = new JsonObject
                    {
                        ["runAsNonRoot"] = true,
                        ["seccompProfile"] = new JsonObject { ["type"] = "RuntimeDefault" },
                    },
                    ["containers"] = new JsonArray(Container(workload)),
                    ["volumes"] = new JsonArray([.. workload.Volumes.Select(Volume)]),
                },
            },
        },
    });

    /// <summary>The volume of a Secret, mounted as a whole. Its name may be longer than a volume's, and holds dots.</summary>
    public static PodVolume SecretVolume(string secret, IEnumerable<string> paths) => new(
        $"s-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)).AsSpan(0, 5))}",
        BuiltIn.Secret, secret, [.. paths.Select(path => (path, (string?)null))]);

    private static JsonObject Volume(PodVolume volume) => volume.Source == BuiltIn.Secret
        ? new() { ["name"] = volume.Name, ["secret"] = new JsonObject { ["secretName"] = volume.SourceName } }
        : new() { ["name"] = volume.Name, ["configMap"] = new JsonObject { ["name"] = volume.SourceName } };

    private static JsonObject Container(FlowWorkload workload)
    {
        var spec = workload.Spec;
        var container = new JsonObject
        {
            ["name"] = workload.Container,
            ["image"] = spec.Image,
            ["imagePullPolicy"] = spec.ImagePullPolicy ?? "IfNotPresent",
            ["ports"] = new JsonArray(new JsonObject
            {
                ["name"] = PortName,
                ["containerPort"] = workload.Port,
                ["protocol"] = "TCP",
            }),
            ["env"] = Environment(workload),
            // The start-up probe allows two minutes for a slow image; after it, liveness alone decides about restarts.
            ["startupProbe"] = Probe("/healthz", periodSeconds: 1, failureThreshold: 120),
            ["readinessProbe"] = Probe("/readyz", periodSeconds: 2, failureThreshold: 3),
            ["livenessProbe"] = Probe("/healthz", periodSeconds: 10, failureThreshold: 3),
            ["securityContext"] = new JsonObject
            {
                ["allowPrivilegeEscalation"] = false,
                ["capabilities"] = new JsonObject { ["drop"] = new JsonArray("ALL") },
            },
            ["volumeMounts"] = new JsonArray([.. workload.Volumes.SelectMany(volume => volume.Mounts.Select(mount => Mount(volume.Name, mount.Path, mount.SubPath)))]),
        };
        if (workload.EnvironmentSecret is not null)
        {
            container["envFrom"] = new JsonArray(new JsonObject { ["secretRef"] = new JsonObject { ["name"] = workload.EnvironmentSecret } });
        }

        if (spec.Resources is { } resources)
        {
            container["resources"] = JsonSerializer.SerializeToNode(resources, KubernetesJson.Options);
        }

        return container;
    }

    private static JsonObject Mount(string volume, string path, string? subPath)
    {
        var mount = new JsonObject { ["name"] = volume, ["mountPath"] = path, ["readOnly"] = true };
        if (subPath is not null)
        {
            mount["subPath"] = subPath;
        }

        return mount;
    }

    /// <summary>Our variables first, so that the spec's own can refer to them, or replace them.</summary>
    private static JsonArray Environment(FlowWorkload workload)
    {
        var own = workload.Spec.Env ?? [];
        var all = workload.Environment.Where(variable => own.All(item => item.Name != variable.Name)).Concat(own);
        return new JsonArray([.. all.Select(variable => JsonSerializer.SerializeToNode(variable, KubernetesJson.Options))]);
    }

    private static JsonObject Probe(string path, int periodSeconds, int failureThreshold) => new()
    {
        ["httpGet"] = new JsonObject { ["path"] = path, ["port"] = PortName },
        ["periodSeconds"] = periodSeconds,
        ["failureThreshold"] = failureThreshold,
    };
}
