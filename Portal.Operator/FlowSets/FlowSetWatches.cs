using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;
using Portal.Operator.Api;
using Portal.Operator.Flows;
using Portal.Operator.Reconciliation;

namespace Portal.Operator.FlowSets;

/// <summary>What wakes a FlowSet beside itself: everything its flows refer to, and every object that could bear the name of one of its children.</summary>
internal static class FlowSetWatches
{
    public static Controller WithWatchesOfFlowSets(this Controller controller, GenkitInformers informers)
    {
        ResourceRef Key(string? @namespace, string name) => new(GenkitApi.Group, FlowSet.Definition.Kind, @namespace, name);

        // By name and not by owner: a FlowSet in a name conflict must notice when the foreign object goes.
        IEnumerable<ResourceRef> Existing(string? @namespace, string name) =>
            informers.FindFlowSet(@namespace, name) is null ? [] : [Key(@namespace, name)];

        return controller
            .WithReferencesOf(informers, informers.FlowSets)
            .Watches(informers.ConfigMaps, map => informers.FlowSets.Store.List(map.Namespace)
                .Where(set => map.Name.StartsWith(set.Name + "-", StringComparison.Ordinal))
                .Select(set => Key(set.Namespace, set.Name)))
            .WithChildren(informers, Existing);
    }
}
