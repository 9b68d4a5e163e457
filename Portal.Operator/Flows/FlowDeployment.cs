using System.Security.Cryptography;
using System.Text;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Serialization;
using Portal.Operator.Api;
using Portal.Runner.Contract;

namespace Portal.Operator.Flows;

/// <summary>Renders the Deployment: one container that reads its files from ConfigMaps and its credentials from the environment.
/// The pod meets the restricted Pod Security Standard.</summary>
internal static class FlowDeployment
{
    public const string PortName = "http";

    private static readonly (string Volume, string Kind, string MountPath)[] s_volumes =
    [
        ("genkit-prompts", "prompts", $"{RuntimeLayout.DefaultRoot}/{RuntimeLayout.PromptsDirectory}"),
        ("genkit-tools", "tools", $"{RuntimeLayout.DefaultRoot}/{RuntimeLayout.ToolsDirectory}"),
        ("genkit-config", "config", RuntimeLayout.DefaultRoot),
    ];

    /// <param name="flow">The Flow.</param>
    /// <param name="secretName">Secret with the model's credentials, which become variables.</param>
    /// <param name="headerSecrets">Secrets with the headers of tools, which become files.</param>
    /// <param name="contentHash">What the pods read.</param>
    public static FlowChild Render(Flow flow, string? secretName, IReadOnlyList<string> headerSecrets, string contentHash) =>
        FlowRenderer.Child(flow, BuiltIn.Deployment, flow.Name, "spec", new JsonObject
        {
            ["replicas"] = flow.Spec.Replicas ?? 1,
            ["selector"] = new JsonObject { ["matchLabels"] = FlowRenderer.Labels(flow) },
            ["template"] = new JsonObject
            {
                ["metadata"] = new JsonObject
                {
                    ["labels"] = FlowRenderer.Labels(flow),
                    ["annotations"] = new JsonObject { [GenkitApi.ContentHashAnnotation] = contentHash },
                },
                ["spec"] = new JsonObject
                {
                    ["automountServiceAccountToken"] = false,
                    ["securityContext"] = new JsonObject
                    {
                        ["runAsNonRoot"] = true,
                        ["seccompProfile"] = new JsonObject { ["type"] = "RuntimeDefault" },
                    },
                    ["containers"] = new JsonArray(Container(flow, secretName, headerSecrets)),
                    ["volumes"] = new JsonArray([.. s_volumes.Select(volume => new JsonObject
                    {
                        ["name"] = volume.Volume,
                        ["configMap"] = new JsonObject { ["name"] = FlowRenderer.ConfigMapName(flow.Name, volume.Kind) },
                    }),
                    .. headerSecrets.Select(secret => new JsonObject
                    {
                        ["name"] = VolumeName(secret),
                        ["secret"] = new JsonObject { ["secretName"] = secret },
                    })]),
                },
            },
        });

    /// <summary>A Secret's name may be longer than a volume's, and holds dots.</summary>
    private static string VolumeName(string secret) => $"s-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)).AsSpan(0, 5))}";

    private static JsonObject Container(Flow flow, string? secretName, IReadOnlyList<string> headerSecrets)
    {
        var container = new JsonObject
        {
            ["name"] = "flow",
            ["image"] = flow.Spec.Image,
            ["imagePullPolicy"] = flow.Spec.ImagePullPolicy ?? "IfNotPresent",
            ["ports"] = new JsonArray(new JsonObject
            {
                ["name"] = PortName,
                ["containerPort"] = flow.Spec.Port ?? FlowSpec.DefaultPort,
                ["protocol"] = "TCP",
            }),
            ["env"] = Environment(flow),
            // The start-up probe allows two minutes for a slow image; after it, liveness alone decides about restarts.
            ["startupProbe"] = Probe("/healthz", periodSeconds: 1, failureThreshold: 120),
            ["readinessProbe"] = Probe("/readyz", periodSeconds: 2, failureThreshold: 3),
            ["livenessProbe"] = Probe("/healthz", periodSeconds: 10, failureThreshold: 3),
            ["securityContext"] = new JsonObject
            {
                ["allowPrivilegeEscalation"] = false,
                ["capabilities"] = new JsonObject { ["drop"] = new JsonArray("ALL") },
            },
            ["volumeMounts"] = new JsonArray([.. s_volumes.Select(volume => new JsonObject
            {
                ["name"] = volume.Volume,
                ["mountPath"] = volume.MountPath,
                ["readOnly"] = true,
            }),
            .. headerSecrets.Select(secret => new JsonObject
            {
                ["name"] = VolumeName(secret),
                ["mountPath"] = ToolDescriptor.HeadersDirectory(secret),
                ["readOnly"] = true,
            })]),
        };
        if (secretName is not null)
        {
            container["envFrom"] = new JsonArray(new JsonObject { ["secretRef"] = new JsonObject { ["name"] = secretName } });
        }

        if (flow.Spec.Resources is { } resources)
        {
            container["resources"] = JsonSerializer.SerializeToNode(resources, KubernetesJson.Options);
        }

        return container;
    }

    /// <summary>Our variables first, so that the Flow's own can refer to them, or replace them.</summary>
    private static JsonArray Environment(Flow flow)
    {
        var port = (flow.Spec.Port ?? FlowSpec.DefaultPort).ToString(System.Globalization.CultureInfo.InvariantCulture);
        var own = flow.Spec.Env ?? [];
        EnvVar[] given =
        [
            new() { Name = RuntimeLayout.PortVariable, Value = port },
            new() { Name = RuntimeLayout.FlowNameVariable, Value = flow.Name },
        ];
        var all = given.Where(variable => own.All(item => item.Name != variable.Name)).Concat(own);
        return new JsonArray([.. all.Select(variable => JsonSerializer.SerializeToNode(variable, KubernetesJson.Options))]);
    }

    private static JsonObject Probe(string path, int periodSeconds, int failureThreshold) => new()
    {
        ["httpGet"] = new JsonObject { ["path"] = path, ["port"] = PortName },
        ["periodSeconds"] = periodSeconds,
        ["failureThreshold"] = failureThreshold,
    };
}
