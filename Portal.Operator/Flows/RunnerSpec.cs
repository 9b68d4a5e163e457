using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Portal.Operator.Api;

namespace Portal.Operator.Flows;

/// <summary>How a runner is run: what the specs of Flow and FlowSet have in common.</summary>
public abstract record RunnerSpec
{
    public const int DefaultPort = 8080;
    public const string ReloadHot = "hot";
    public const string ReloadRestart = "restart";

    [Description("Where the pods should or must run.")]
    public Affinity? Affinity { get; init; }

    [Description("A HorizontalPodAutoscaler for the pods; replicas are then left to it.")]
    public AutoscalingSpec? Autoscaling { get; init; }

    [Description("Variables of the container.")]
    public IReadOnlyList<EnvVar>? Env { get; init; }

    [Description("An HTTPRoute that leads to the Service, where the cluster serves the Gateway API.")]
    public HttpRouteSpec? HttpRoute { get; init; }

    [Description("Container image of the runner. Required.")]
    public virtual string? Image { get; init; }

    [Description("When the image is pulled.")]
    [AllowedValues("Always", "IfNotPresent", "Never")]
    [DefaultValue("IfNotPresent")]
    public string? ImagePullPolicy { get; init; }

    [Description("Secrets with credentials of image registries.")]
    public IReadOnlyList<LocalReference>? ImagePullSecrets { get; init; }

    [Description("An Ingress that leads to the Service.")]
    public IngressSpec? Ingress { get; init; }

    [Description("What the container does after its start and before its stop. When absent it waits 3 seconds before the stop, so that no call is sent to it any more; {} turns that off.")]
    public Lifecycle? Lifecycle { get; init; }

    [Description("Asks whether the container must be restarted; GET /healthz when absent.")]
    public Probe? LivenessProbe { get; init; }

    [Description("Labels that nodes must have.")]
    public IReadOnlyDictionary<string, string>? NodeSelector { get; init; }

    [Description("While true nothing is changed in the cluster; changes are made when it is false again.")]
    public bool? Paused { get; init; }

    [Description("A PodDisruptionBudget for the pods.")]
    public DisruptionBudgetSpec? PodDisruptionBudget { get; init; }

    [Description("Rights of the pod; what is given replaces the operator's own value.")]
    public PodSecurityContext? PodSecurityContext { get; init; }

    [Description("Port the runner and the Service listen on.")]
    [Range(1, 65535)]
    [DefaultValue(DefaultPort)]
    public int? Port { get; init; }

    [Description("Seconds without progress after which a roll-out counts as failed; 600 when absent.")]
    [Range(1, int.MaxValue)]
    public int? ProgressDeadlineSeconds { get; init; }

    [Description("Asks whether calls may be sent to the container; GET /readyz when absent.")]
    public Probe? ReadinessProbe { get; init; }

    [Description("What a change of prompts, tools or settings does to running pods: restart replaces them one by one, hot lets them read it. restart when absent.")]
    [AllowedValues(ReloadHot, ReloadRestart)]
    public string? Reload { get; init; }

    [Description("Number of pods.")]
    [Range(0, int.MaxValue)]
    [DefaultValue(1)]
    public int? Replicas { get; init; }

    [Description("Compute resources of the container.")]
    public ResourceRequirements? Resources { get; init; }

    [Description("Rights of the container; what is given replaces the operator's own value.")]
    public SecurityContext? SecurityContext { get; init; }

    [Description("Service account of the pods; the namespace's default when absent. Its token is not mounted.")]
    public string? ServiceAccountName { get; init; }

    [Description("Type of the Service.")]
    [AllowedValues("ClusterIP", "NodePort", "LoadBalancer")]
    [DefaultValue("ClusterIP")]
    public string? ServiceType { get; init; }

    [Description("Asks whether the container has started; GET /healthz, for two minutes, when absent.")]
    public Probe? StartupProbe { get; init; }

    [Description("Seconds a pod has to end running calls; 30 when absent.")]
    [Range(0, int.MaxValue)]
    public int? TerminationGracePeriodSeconds { get; init; }

    [Description("Taints of nodes the pods may run on.")]
    public IReadOnlyList<Toleration>? Tolerations { get; init; }

    [Description("How the pods spread over nodes or zones.")]
    public IReadOnlyList<TopologySpreadConstraint>? TopologySpreadConstraints { get; init; }

    internal bool IsHot => Reload == ReloadHot;
}
