using Microsoft.Extensions.Logging;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;
using Portal.Operator.Api;
using Portal.Operator.Datasets;
using Portal.Operator.Evals;
using Portal.Operator.Flows;
using Portal.Operator.FlowSets;
using Portal.Operator.Models;
using Portal.Operator.PluginConfigs;
using Portal.Operator.Prompts;
using Portal.Operator.Reconciliation;
using Portal.Operator.Tools;

namespace Portal.Operator;

/// <summary>The controllers, with what each one watches.</summary>
internal static class OperatorControllers
{
    public static IReadOnlyList<Controller> Create(
        KubeClient client, GenkitInformers informers, EventRecorder events, TimeProvider timeProvider, ILoggerFactory loggerFactory)
    {
        var writer = new StatusWriter(client, events, timeProvider);
        var children = new FlowChildren(client, informers);
        ILogger Logger(string name) => loggerFactory.CreateLogger($"Portal.Operator.{name}");
        Controller New(string name, IReconciler reconciler) => new(name, reconciler, workers: 1, timeProvider, Logger(name));

        return
        [
            New("pluginconfig", new PluginConfigReconciler(informers.PluginConfigs.Store, informers, writer))
                .For(informers.PluginConfigs)
                .Watches(informers.Secrets, secret => Referring(
                    informers.PluginConfigs, secret, plugin => plugin.Spec.CredentialsRef.Name == secret.Name)),
            New("model", new ModelReconciler(informers.Models.Store, informers, writer))
                .For(informers.Models)
                .Watches(informers.PluginConfigs, plugin => Referring(
                    informers.Models, plugin, model => model.Spec.PluginConfigRef.Name == plugin.Name)),
            New("prompt", new PromptReconciler(informers.Prompts.Store, writer))
                .For(informers.Prompts),
            New("tool", new ToolReconciler(informers.Tools.Store, informers, writer))
                .For(informers.Tools)
                .Watches(informers.Flows, flow => Referring(
                    informers.Tools, flow, tool => tool.Spec.Implementation.FlowRef?.Name == flow.Name)),
            New("dataset", new DatasetReconciler(informers.Datasets.Store, informers, writer))
                .For(informers.Datasets)
                .Watches(informers.ConfigMaps, map => Referring(
                    informers.Datasets, map, dataset => dataset.Spec.Source.ConfigMapRef?.Name == map.Name)),
            FlowController.Create(informers, new FlowReconciler(informers, children, writer), timeProvider, Logger("flow")),
            FlowSetController.Create(informers, new FlowSetReconciler(informers, client, children, writer), timeProvider, Logger("flowset")),
            EvalController.Create(informers, new EvalReconciler(informers, client, children, writer), timeProvider, Logger("eval")),
        ];
    }

    private static IEnumerable<ResourceRef> Referring<T>(Informer<T> referrers, KubeObject changed, Func<T, bool> refers)
        where T : KubeObject, IKubeKind<T> =>
        referrers.Store.List(changed.Namespace)
            .Where(item => Refers(item, refers))
            .Select(item => new ResourceRef(GenkitApi.Group, T.Definition.Kind, item.Namespace, item.Name));

    /// <summary>An object that cannot be read refers to nothing.</summary>
    private static bool Refers<T>(T item, Func<T, bool> refers)
    {
        try
        {
            return refers(item);
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
