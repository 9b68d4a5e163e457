using Microsoft.Extensions.Logging;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;
using Portal.Operator.Api;
using Portal.Operator.Flows;
using Portal.Operator.Reconciliation;

namespace Portal.Operator.FlowSets;

/// <summary>What wakes a FlowSet: itself, everything its flows refer to, and every object that could bear the name of one of its children.</summary>
internal static class FlowSetController
{
    private const int Workers = 2;

    public static Controller Create(GenkitInformers informers, FlowSetReconciler reconciler, TimeProvider timeProvider, ILogger logger)
    {
        // By name and not by owner: a FlowSet in a name conflict must notice when the foreign object goes.
        IEnumerable<ResourceRef> Named(KubeObject child, Func<FlowSet, bool> matches) => informers.FlowSets.Store.List(child.Namespace)
            .Where(matches)
            .Select(set => new ResourceRef(GenkitApi.Group, FlowSet.Definition.Kind, set.Namespace, set.Name));

        IEnumerable<ResourceRef> Existing(string? @namespace, string name) => informers.FindFlowSet(@namespace, name) is null
            ? []
            : [new ResourceRef(GenkitApi.Group, FlowSet.Definition.Kind, @namespace, name)];

        return new Controller("flowset", reconciler, Workers, timeProvider, logger)
            .For(informers.FlowSets)
            .WatchesReferences(informers, informers.FlowSets, set => FlowReferences.Of(set.Namespace, () => set.Spec.Flows, () => set.Spec.Env, informers))
            .Watches(informers.ConfigMaps, map => Named(map, set => map.Name.StartsWith(set.Name + "-", StringComparison.Ordinal)))
            .WatchesChildren(informers, Existing);
    }
}
