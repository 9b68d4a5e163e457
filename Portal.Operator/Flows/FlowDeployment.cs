using System.Globalization;
using Portal.Kubernetes.Objects;
using Portal.Operator.Api;
using Portal.Operator.Reconciliation;
using Portal.Runner.Contract;

namespace Portal.Operator.Flows;

/// <summary>Renders the Deployment: one container that reads its files from ConfigMaps and Secrets.
/// Unless the spec says otherwise, the pod meets the restricted Pod Security Standard and can write to /tmp only.</summary>
internal static class FlowDeployment
{
    public const string PortName = "http";

    /// <summary>Seconds between the end of routing and the order to stop: how long others may take to learn of it.</summary>
    public const int StopDelay = 3;

    private const string Scratch = "tmp";
    private const string Autoscaler = "autoscaler";

    public static FlowChild Render(FlowWorkload workload)
    {
        var spec = new JsonObject
        {
            ["selector"] = new JsonObject { ["matchLabels"] = workload.Owner.Labels() },
            ["template"] = new JsonObject
            {
                ["metadata"] = new JsonObject
                {
                    ["labels"] = workload.Owner.Labels(),
                    ["annotations"] = new JsonObject { [GenkitApi.ContentHashAnnotation] = workload.TemplateHash },
                },
                ["spec"] = Pod(workload),
            },
        };
        spec.SetAll(("replicas", workload.Replicas), ("progressDeadlineSeconds", workload.Spec.ProgressDeadlineSeconds));
        var annotations = workload.Replicas is null ? new JsonObject { [GenkitApi.ScaledByAnnotation] = Autoscaler } : null;
        return workload.Owner.Child(BuiltIn.Deployment, workload.Owner.Object.Name, new JsonObject { ["spec"] = spec }, annotations);
    }

    /// <summary>Whether a Deployment was rendered without a number of replicas.</summary>
    public static bool IsAutoscaled(KubeObject deployment) => deployment.Annotations.ContainsKey(GenkitApi.ScaledByAnnotation);

    public static int? ReplicasOf(KubeObject deployment) => deployment.Json["spec"]?["replicas"] is JsonValue value && value.TryGetValue(out int count) ? count : null;

    /// <summary>Name of the Secret that the container sees at a path; null when there is none.</summary>
    public static string? SecretMountedAt(KubeObject? deployment, string path)
    {
        var pod = deployment?.Json["spec"]?["template"]?["spec"];
        var volume = (pod?["containers"]?[0]?["volumeMounts"] as JsonArray)?.FirstOrDefault(mount => mount?["mountPath"]?.ToString() == path)?["name"]?.ToString();
        return (pod?["volumes"] as JsonArray)?.FirstOrDefault(item => item?["name"]?.ToString() == volume)?["secret"]?["secretName"]?.ToString();
    }

    private static JsonObject Pod(FlowWorkload workload)
    {
        var spec = workload.Spec;
        var pod = new JsonObject
        {
            ["automountServiceAccountToken"] = false,
            ["securityContext"] = Json.Overridden(
                new JsonObject
                {
                    ["runAsNonRoot"] = true,
                    ["seccompProfile"] = new JsonObject { ["type"] = "RuntimeDefault" },
                },
                spec.PodSecurityContext),
            ["containers"] = new JsonArray(Container(workload)),
            ["volumes"] = new JsonArray([.. workload.Volumes.Select(Volume), new JsonObject { ["name"] = Scratch, ["emptyDir"] = new JsonObject() }]),
        };
        pod.SetAll(
            ("serviceAccountName", spec.ServiceAccountName),
            ("imagePullSecrets", spec.ImagePullSecrets),
            ("nodeSelector", spec.NodeSelector),
            ("tolerations", spec.Tolerations),
            ("affinity", spec.Affinity),
            ("topologySpreadConstraints", spec.TopologySpreadConstraints),
            ("terminationGracePeriodSeconds", spec.TerminationGracePeriodSeconds));

        // Without a selector a constraint would count no pods at all.
        var own = new JsonObject { ["matchLabels"] = workload.Owner.Labels() };
        var terms = (pod["topologySpreadConstraints"] as JsonArray ?? []).Concat(
            FlowAffinity.TermsOf(pod["affinity"]?["podAffinity"]).Concat(FlowAffinity.TermsOf(pod["affinity"]?["podAntiAffinity"])));
        foreach (var term in terms.OfType<JsonObject>().Where(term => term["labelSelector"] is null))
        {
            term["labelSelector"] = own.DeepClone();
        }

        return pod;
    }

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
            ["startupProbe"] = Probe("/healthz", periodSeconds: 1, failureThreshold: 120, spec.StartupProbe),
            ["readinessProbe"] = Probe("/readyz", periodSeconds: 2, failureThreshold: 3, spec.ReadinessProbe),
            ["livenessProbe"] = Probe("/healthz", periodSeconds: 10, failureThreshold: 3, spec.LivenessProbe),
            ["lifecycle"] = spec.Lifecycle is null
                ? new JsonObject { ["preStop"] = new JsonObject { ["sleep"] = new JsonObject { ["seconds"] = StopDelay } } }
                : Json.Of(spec.Lifecycle),
            ["securityContext"] = Json.Overridden(
                new JsonObject
                {
                    ["allowPrivilegeEscalation"] = false,
                    ["readOnlyRootFilesystem"] = true,
                    ["capabilities"] = new JsonObject { ["drop"] = new JsonArray("ALL") },
                },
                spec.SecurityContext),
            ["volumeMounts"] = new JsonArray(
            [
                .. workload.Volumes.SelectMany(volume => volume.Mounts.Select(mount => Mount(volume.Name, mount.Path, mount.SubPath))),
                new JsonObject { ["name"] = Scratch, ["mountPath"] = "/tmp" },
            ]),
        };
        if (workload.EnvironmentSecret is not null)
        {
            container["envFrom"] = new JsonArray(new JsonObject { ["secretRef"] = new JsonObject { ["name"] = workload.EnvironmentSecret } });
        }

        container.SetAll(("resources", spec.Resources));
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
        var spec = workload.Spec;
        List<EnvVar> ours = [.. workload.Environment];
        if (!spec.IsHot)
        {
            // Files change below running pods too. Old pods of a roll-out, which may fail, must go on with what they have.
            ours.Add(new() { Name = RuntimeLayout.ReloadVariable, Value = "0" });
        }

        if (spec.TerminationGracePeriodSeconds is { } grace)
        {
            ours.Add(new() { Name = RuntimeLayout.DrainVariable, Value = Math.Max(0, grace - StopDelay - 2).ToString(CultureInfo.InvariantCulture) });
        }

        var own = spec.Env ?? [];
        return new JsonArray([.. ours.Where(variable => own.All(item => item.Name != variable.Name)).Concat(own).Select(Json.Of)]);
    }

    /// <summary>A probe of another kind replaces ours; times and counts are taken one by one.</summary>
    private static JsonObject Probe(string path, int periodSeconds, int failureThreshold, Probe? given)
    {
        var probe = new JsonObject { ["periodSeconds"] = periodSeconds, ["failureThreshold"] = failureThreshold };
        if (given is null or { Exec: null, Grpc: null, HttpGet: null, TcpSocket: null })
        {
            probe["httpGet"] = new JsonObject { ["path"] = path, ["port"] = PortName };
        }

        return Json.Overridden(probe, given);
    }
}
