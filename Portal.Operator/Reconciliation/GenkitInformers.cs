using Portal.Kubernetes.Client;
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

/// <summary>The informers the controllers share, and who refers to whom among their objects.</summary>
internal sealed class GenkitInformers : IGenkitObjects
{
    private const string OwnerIndex = "owner";

    /// <param name="informers">Makes them.</param>
    /// <param name="servesRoutes">Whether the cluster has the Gateway API.</param>
    public GenkitInformers(InformerFactory informers, bool servesRoutes = false)
    {
        Factory = informers;
        Flows = informers.Get<Flow>().Indexed(flow => FlowReferences.Of([flow.Spec], flow.Spec.Env));
        FlowSets = informers.Get<FlowSet>().Indexed(set => FlowReferences.Of(set.Spec.Flows, set.Spec.Env));
        Datasets = informers.Get<Dataset>().Indexed(dataset => [References.To(BuiltIn.ConfigMap, dataset.Spec.Source.ConfigMapRef?.Name)]);
        Evals = informers.Get<Eval>().Indexed(eval =>
        [
            References.To(Flow.Definition, eval.Spec.FlowRef.Name),
            References.To(FlowSet.Definition, eval.Spec.FlowRef.Name),
            References.To(Dataset.Definition, eval.Spec.DatasetRef.Name),
            References.To(BuiltIn.ConfigMap, eval.Spec.OutputSink.ConfigMap?.Name),
        ]);
        Models = informers.Get<Model>().Indexed(model => [References.To(PluginConfig.Definition, model.Spec.PluginConfigRef.Name)]);
        PluginConfigs = informers.Get<PluginConfig>().Indexed(plugin => [References.To(BuiltIn.Secret, plugin.Spec.CredentialsRef.Name)]);
        Prompts = informers.Get<Prompt>();
        Tools = informers.Get<Tool>().Indexed(tool =>
        [
            References.To(Flow.Definition, tool.Spec.Implementation.FlowRef?.Name),
            References.To(BuiltIn.Secret, ToolDescriptor.HeadersSecret(tool)),
        ]);
        Secrets = informers.Get<SecretKeys>();
        Informer<Child> Watched(ResourceDefinition kind) => informers.Get(new Resource<Child>(informers.Client, kind, Child.FromJson));
        ConfigMaps = Watched(BuiltIn.ConfigMap);
        ConfigMaps.Store.AddIndex(OwnerIndex, map => map.ControllerOwner is { } owner ? [owner.Uid] : []);
        Services = Watched(BuiltIn.Service);
        Deployments = Watched(BuiltIn.Deployment);
        Jobs = Watched(BuiltIn.Job);
        CronJobs = Watched(BuiltIn.CronJob);
        DisruptionBudgets = Watched(BuiltIn.PodDisruptionBudget);
        Autoscalers = Watched(BuiltIn.HorizontalPodAutoscaler);
        Ingresses = Watched(BuiltIn.Ingress);
        Routes = servesRoutes ? Watched(BuiltIn.HttpRoute) : null;
        Children = [.. new[] { ConfigMaps, Services, Deployments, Jobs, CronJobs, DisruptionBudgets, Autoscalers, Ingresses, Routes }.OfType<Informer<Child>>()];
        Between = [Models.Store.ByIndex, PluginConfigs.Store.ByIndex, Tools.Store.ByIndex, Datasets.Store.ByIndex];
    }

    public InformerFactory Factory { get; }
    public Informer<Flow> Flows { get; }
    public Informer<FlowSet> FlowSets { get; }
    public Informer<Dataset> Datasets { get; }
    public Informer<Eval> Evals { get; }
    public Informer<Model> Models { get; }
    public Informer<PluginConfig> PluginConfigs { get; }
    public Informer<Prompt> Prompts { get; }
    public Informer<Tool> Tools { get; }
    public Informer<SecretKeys> Secrets { get; }
    public Informer<Child> ConfigMaps { get; }
    public Informer<Child> Services { get; }
    public Informer<Child> Deployments { get; }
    public Informer<Child> Jobs { get; }
    public Informer<Child> CronJobs { get; }
    public Informer<Child> DisruptionBudgets { get; }
    public Informer<Child> Autoscalers { get; }
    public Informer<Child> Ingresses { get; }

    /// <summary>Null when the cluster has no Gateway API.</summary>
    public Informer<Child>? Routes { get; }

    /// <summary>Finds objects by index that others refer to in order to reach what these refer to.</summary>
    public IReadOnlyList<Func<string, string, IReadOnlyList<KubeObject>>> Between { get; }

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

    /// <summary>ConfigMaps that an object controls.</summary>
    public IReadOnlyList<Child> OwnedConfigMaps(KubeObject owner) => ConfigMaps.Store.ByIndex(OwnerIndex, owner.Uid);

    /// <summary>The kinds of children that are watched.</summary>
    public IReadOnlyList<Informer<Child>> Children { get; }

    /// <summary>Where children of a kind are seen; null for kinds that are not watched.</summary>
    public Informer<Child>? ChildrenOf(ResourceDefinition definition) => Children.FirstOrDefault(informer => informer.Resource.Definition == definition);

    /// <summary>The last seen state of a child; null also for kinds that are not watched.</summary>
    public Child? FindChild(ResourceDefinition definition, string? @namespace, string name) => ChildrenOf(definition)?.Store.Find(@namespace, name);
}
