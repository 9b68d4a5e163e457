using Microsoft.Extensions.Logging;
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
using Portal.Operator.Reconciliation;
using Portal.Operator.Tools;

namespace Portal.Operator;

/// <summary>The controllers, with what each one watches.</summary>
internal static class OperatorControllers
{
    /// <summary>Workers of the kinds that make no pods: a reconcile is at most a few writes.</summary>
    private const int Judges = 4;

    public static IReadOnlyList<Controller> Create(
        KubeClient client, GenkitInformers informers, HttpMessageInvoker http, EventRecorder events, OperatorOptions options, TimeProvider timeProvider,
        ILoggerFactory loggerFactory, IEvalBudgets? budgets)
    {
        var limit = new WriteLimit(options.WritesPerSecond, timeProvider);
        var writer = new StatusWriter(client, informers.Factory, events, limit, timeProvider);
        var ledger = new ChildLedger(informers, timeProvider);
        var children = new FlowChildren(client, informers, ledger, limit);
        var content = new FlowContent(informers.Factory, http, timeProvider);
        foreach (var kind in informers.Children)
        {
            kind.Subscribe(change => Forget(ledger, kind.Resource.Definition, change));
        }

        Controller New<T>(string name, int workers, Informer<T> primary, IReconciler reconciler) where T : KubeObject
        {
            var sharded = options.Shard.IsEmpty ? reconciler : new ShardReconciler(reconciler, options.Shard, key => primary.Store.Find(key.Namespace, key.Name));
            return new Controller(name, sharded, workers, timeProvider, loggerFactory.CreateLogger($"Portal.Operator.{name}")) { Resync = options.Resync }.For(primary);
        }

        return
        [
            New("pluginconfig", Judges, informers.PluginConfigs, new PluginConfigReconciler(informers.PluginConfigs.Store, informers, writer))
                .Watches(informers.Secrets, secret => informers.Referring(informers.PluginConfigs, secret)),
            New("model", Judges, informers.Models, new ModelReconciler(informers.Models.Store, informers, writer))
                .Watches(informers.PluginConfigs, plugin => informers.Referring(informers.Models, plugin)),
            New("prompt", Judges, informers.Prompts, new PromptReconciler(informers.Prompts.Store, writer)),
            New("tool", Judges, informers.Tools, new ToolReconciler(informers.Tools.Store, informers, writer))
                .Watches(informers.Flows, flow => informers.Referring(informers.Tools, flow)),
            New("dataset", Judges, informers.Datasets, new DatasetReconciler(informers.Datasets.Store, informers, writer))
                .Watches(informers.ConfigMaps, map => informers.Referring(informers.Datasets, map)),
            New("flow", options.Workers, informers.Flows, new FlowReconciler(informers, children, ledger, content, writer, options.RunnerVariables)).WithWatchesOfFlows(informers),
            New("flowset", options.Workers, informers.FlowSets, new FlowSetReconciler(informers, client, children, content, writer, options.RunnerVariables)).WithWatchesOfFlowSets(informers),
            New("eval", Judges, informers.Evals, new EvalReconciler(informers, client, children, writer, options.RunnerVariables, budgets, timeProvider)).WithWatchesOfEvals(informers, budgets, timeProvider),
        ];
    }

    private static void Forget(ChildLedger ledger, ResourceDefinition kind, StoreChange<Child> change)
    {
        if (change.Kind == ChangeKind.Deleted)
        {
            ledger.Forget(kind, change.Object);
        }
    }
}
