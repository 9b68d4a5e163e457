using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;
using Portal.Operator.Api;
using Portal.Operator.Reconciliation;

namespace Portal.Operator.Flows;

/// <summary>What wakes a Flow beside itself: everything it refers to, and every object that bears the name of one of its children.</summary>
internal static class FlowWatches
{
    private static readonly string[] s_configMapSuffixes = ["-prompts", "-tools", "-config"];

    public static Controller WithWatchesOfFlows(this Controller controller, GenkitInformers informers)
    {
        // By name and not by owner: a Flow in a name conflict must notice when the foreign object goes.
        IEnumerable<ResourceRef> Existing(string? @namespace, string name) =>
            informers.FindFlow(@namespace, name) is null ? [] : [new(GenkitApi.Group, Flow.Definition.Kind, @namespace, name)];

        return controller
            .WithReferencesOf(informers, informers.Flows)
            .Watches(informers.ConfigMaps, child => FlowOf(child.Name) is { } name ? Existing(child.Namespace, name) : [])
            .WithChildren(informers, Existing);
    }

    /// <summary>Everything that objects with flows may refer to.</summary>
    public static Controller WithReferencesOf<T>(this Controller controller, GenkitInformers informers, Informer<T> referrers) where T : KubeObject, IKubeKind<T>
    {
        IEnumerable<ResourceRef> Referring(KubeObject changed) => informers.Referring(referrers, changed);

        return controller
            .Watches(informers.Prompts, Referring)
            .Watches(informers.Tools, Referring)
            .Watches(informers.Flows, Referring)
            .Watches(informers.Models, Referring)
            .Watches(informers.PluginConfigs, Referring)
            .Watches(informers.Secrets, Referring)
            .Watches(informers.ConfigMaps, Referring);
    }

    /// <summary>Children beside ConfigMaps, all of which have the name of their owner.</summary>
    /// <param name="controller">Of the owners.</param>
    /// <param name="informers">The shared informers.</param>
    /// <param name="named">The owner of a namespace and name, if there is one.</param>
    public static Controller WithChildren(this Controller controller, GenkitInformers informers, Func<string?, string, IEnumerable<ResourceRef>> named)
    {
        foreach (var kind in new[] { informers.Services, informers.Deployments, informers.DisruptionBudgets, informers.Ingresses, informers.Routes }.OfType<Informer<Child>>())
        {
            controller.Watches(kind, child => named(child.Namespace, child.Name));
        }

        // An autoscaler may be anybody's; what counts is the Deployment it is for.
        return controller.Watches(informers.Autoscalers, autoscaler => named(autoscaler.Namespace, autoscaler.Name)
            .Concat(autoscaler.Json["spec"]?["scaleTargetRef"]?["name"]?.ToString() is { } target && target != autoscaler.Name ? named(autoscaler.Namespace, target) : []));
    }

    private static string? FlowOf(string configMap) =>
        s_configMapSuffixes.FirstOrDefault(suffix => configMap.EndsWith(suffix, StringComparison.Ordinal)) is { } suffix
            ? configMap[..^suffix.Length]
            : null;
}
