using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;
using Portal.Operator.Datasets;
using Portal.Operator.Evals;
using Portal.Operator.Flows;
using Portal.Operator.FlowSets;
using Portal.Operator.Models;
using Portal.Operator.PluginConfigs;
using Portal.Operator.Prompts;
using Portal.Operator.Tools;

namespace Portal.Operator.Reconciliation;

/// <summary>The informers the controllers share.</summary>
/// <param name="informers">Makes them.</param>
/// <param name="servesRoutes">Whether the cluster has the Gateway API.</param>
internal sealed class GenkitInformers(InformerFactory informers, bool servesRoutes = false) : IGenkitObjects
{
    public Informer<Flow> Flows { get; } = informers.Get<Flow>();
    public Informer<FlowSet> FlowSets { get; } = informers.Get<FlowSet>();
    public Informer<Dataset> Datasets { get; } = informers.Get<Dataset>();
    public Informer<Eval> Evals { get; } = informers.Get<Eval>();
    public Informer<Model> Models { get; } = informers.Get<Model>();
    public Informer<PluginConfig> PluginConfigs { get; } = informers.Get<PluginConfig>();
    public Informer<Prompt> Prompts { get; } = informers.Get<Prompt>();
    public Informer<Tool> Tools { get; } = informers.Get<Tool>();
    public Informer<KubeObject> Secrets { get; } = informers.Get(BuiltIn.Secret);
    public Informer<KubeObject> ConfigMaps { get; } = informers.Get(BuiltIn.ConfigMap);
    public Informer<KubeObject> Services { get; } = informers.Get(BuiltIn.Service);
    public Informer<KubeObject> Deployments { get; } = informers.Get(BuiltIn.Deployment);
    public Informer<KubeObject> Jobs { get; } = informers.Get(BuiltIn.Job);
    public Informer<KubeObject> CronJobs { get; } = informers.Get(BuiltIn.CronJob);
    public Informer<KubeObject> DisruptionBudgets { get; } = informers.Get(BuiltIn.PodDisruptionBudget);
    public Informer<KubeObject> Autoscalers { get; } = informers.Get(BuiltIn.HorizontalPodAutoscaler);
    public Informer<KubeObject> Ingresses { get; } = informers.Get(BuiltIn.Ingress);

    /// <summary>Null when the cluster has no Gateway API.</summary>
    public Informer<KubeObject>? Routes { get; } = servesRoutes ? informers.Get(BuiltIn.HttpRoute) : null;

    /// <summary>Whether all that objects refer to has been listed once: only then does a name that is not found mean something.</summary>
    public bool KnowsReferences => Flows.IsSynced && FlowSets.IsSynced && Datasets.IsSynced && Models.IsSynced && PluginConfigs.IsSynced && Prompts.IsSynced
        && Tools.IsSynced && Secrets.IsSynced && ConfigMaps.IsSynced;

    public Task WaitForSyncAsync(CancellationToken cancellationToken) => Task.WhenAll(
        Flows.WaitForSyncAsync(cancellationToken),
        FlowSets.WaitForSyncAsync(cancellationToken),
        Datasets.WaitForSyncAsync(cancellationToken),
        Evals.WaitForSyncAsync(cancellationToken),
        Models.WaitForSyncAsync(cancellationToken),
        PluginConfigs.WaitForSyncAsync(cancellationToken),
        Prompts.WaitForSyncAsync(cancellationToken),
        Tools.WaitForSyncAsync(cancellationToken),
        Secrets.WaitForSyncAsync(cancellationToken),
        ConfigMaps.WaitForSyncAsync(cancellationToken),
        Services.WaitForSyncAsync(cancellationToken),
        Deployments.WaitForSyncAsync(cancellationToken),
        Jobs.WaitForSyncAsync(cancellationToken),
        CronJobs.WaitForSyncAsync(cancellationToken),
        DisruptionBudgets.WaitForSyncAsync(cancellationToken),
        Autoscalers.WaitForSyncAsync(cancellationToken),
        Ingresses.WaitForSyncAsync(cancellationToken),
        Routes?.WaitForSyncAsync(cancellationToken) ?? Task.CompletedTask);

    public Prompt? FindPrompt(string? @namespace, string name) => Prompts.Store.Find(@namespace, name);

    public Tool? FindTool(string? @namespace, string name) => Tools.Store.Find(@namespace, name);

    public Model? FindModel(string? @namespace, string name) => Models.Store.Find(@namespace, name);

    public PluginConfig? FindPluginConfig(string? @namespace, string name) => PluginConfigs.Store.Find(@namespace, name);

    public Flow? FindFlow(string? @namespace, string name) => Flows.Store.Find(@namespace, name);

    public FlowSet? FindFlowSet(string? @namespace, string name) => FlowSets.Store.Find(@namespace, name);

    public Dataset? FindDataset(string? @namespace, string name) => Datasets.Store.Find(@namespace, name);

    public KubeObject? FindSecret(string? @namespace, string name) => Secrets.Store.Find(@namespace, name);

    public KubeObject? FindConfigMap(string? @namespace, string name) => ConfigMaps.Store.Find(@namespace, name);

    /// <summary>Whether an autoscaler, whoever made it, says how many replicas a Deployment has.</summary>
    public bool IsAutoscaled(string? @namespace, string deployment) => Autoscalers.Store.List(@namespace).Any(autoscaler =>
        autoscaler.Json["spec"]?["scaleTargetRef"] is JsonObject target && (string?)target["kind"] == BuiltIn.Deployment.Kind && (string?)target["name"] == deployment);

    /// <summary>The last seen state of a child; null also for kinds that are not watched.</summary>
    public KubeObject? FindChild(ResourceDefinition definition, string? @namespace, string name) => definition.Kind switch
    {
        "ConfigMap" => ConfigMaps.Store.Find(@namespace, name),
        "Service" => Services.Store.Find(@namespace, name),
        "Deployment" => Deployments.Store.Find(@namespace, name),
        "Job" => Jobs.Store.Find(@namespace, name),
        "CronJob" => CronJobs.Store.Find(@namespace, name),
        "PodDisruptionBudget" => DisruptionBudgets.Store.Find(@namespace, name),
        "HorizontalPodAutoscaler" => Autoscalers.Store.Find(@namespace, name),
        "Ingress" => Ingresses.Store.Find(@namespace, name),
        "HTTPRoute" => Routes?.Store.Find(@namespace, name),
        _ => null,
    };
}
