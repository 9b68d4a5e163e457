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
internal sealed class GenkitInformers(InformerFactory informers) : IGenkitObjects
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
        CronJobs.WaitForSyncAsync(cancellationToken));

    public Prompt? FindPrompt(string? @namespace, string name) => Prompts.Store.Find(@namespace, name);

    public Tool? FindTool(string? @namespace, string name) => Tools.Store.Find(@namespace, name);

    public Model? FindModel(string? @namespace, string name) => Models.Store.Find(@namespace, name);

    public PluginConfig? FindPluginConfig(string? @namespace, string name) => PluginConfigs.Store.Find(@namespace, name);

    public Flow? FindFlow(string? @namespace, string name) => Flows.Store.Find(@namespace, name);

    public FlowSet? FindFlowSet(string? @namespace, string name) => FlowSets.Store.Find(@namespace, name);

    public Dataset? FindDataset(string? @namespace, string name) => Datasets.Store.Find(@namespace, name);

    public KubeObject? FindSecret(string? @namespace, string name) => Secrets.Store.Find(@namespace, name);

    public KubeObject? FindConfigMap(string? @namespace, string name) => ConfigMaps.Store.Find(@namespace, name);

    /// <summary>The last seen state of a child; null also for kinds that are not watched.</summary>
    public KubeObject? FindChild(ResourceDefinition definition, string? @namespace, string name) => definition.Kind switch
    {
        "ConfigMap" => ConfigMaps.Store.Find(@namespace, name),
        "Service" => Services.Store.Find(@namespace, name),
        "Deployment" => Deployments.Store.Find(@namespace, name),
        "Job" => Jobs.Store.Find(@namespace, name),
        "CronJob" => CronJobs.Store.Find(@namespace, name),
        _ => null,
    };
}
