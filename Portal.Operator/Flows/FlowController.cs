using Microsoft.Extensions.Logging;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;
using Portal.Operator.Api;
using Portal.Operator.Reconciliation;

namespace Portal.Operator.Flows;

/// <summary>What wakes a Flow: itself, everything it refers to, and every object that bears the name of one of its children.</summary>
internal static class FlowController
{
    private const int Workers = 4;

    private static readonly string[] s_configMapSuffixes = ["-prompts", "-tools", "-config"];

    public static Controller Create(GenkitInformers informers, FlowReconciler reconciler, TimeProvider timeProvider, ILogger logger)
    {
        // By name and not by owner: a Flow in a name conflict must notice when the foreign object goes.
        IEnumerable<ResourceRef> Existing(string? @namespace, string name) =>
            informers.FindFlow(@namespace, name) is null ? [] : [Key(@namespace, name)];

        return new Controller("flow", reconciler, Workers, timeProvider, logger)
            .For(informers.Flows)
            .WatchesReferences(informers, informers.Flows, flow => FlowReferences.Of(flow, informers))
            .Watches(informers.ConfigMaps, child => FlowOf(child.Name) is { } name ? Existing(child.Namespace, name) : [])
            .WatchesChildren(informers, Existing);
    }

    private static string? FlowOf(string configMap) =>
        s_configMapSuffixes.FirstOrDefault(suffix => configMap.EndsWith(suffix, StringComparison.Ordinal)) is { } suffix
            ? configMap[..^suffix.Length]
            : null;

    private static ResourceRef Key(string? @namespace, string name) => new(GenkitApi.Group, Flow.Definition.Kind, @namespace, name);
}
