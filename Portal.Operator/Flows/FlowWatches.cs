using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;
using Portal.Operator.Api;
using Portal.Operator.Reconciliation;

namespace Portal.Operator.Flows;

/// <summary>What wakes those that serve flows: everything they refer to.</summary>
internal static class FlowWatches
{
    /// <param name="controller">Of the kind <typeparamref name="T"/>.</param>
    /// <param name="informers">The shared informers.</param>
    /// <param name="referrers">All objects of the kind.</param>
    /// <param name="referencesOf">What one of them refers to; never throws.</param>
    public static Controller WatchesReferences<T>(
        this Controller controller, GenkitInformers informers, Informer<T> referrers, Func<T, FlowReferences> referencesOf) where T : KubeObject, IKubeKind<T>
    {
        IEnumerable<ResourceRef> Referring(KubeObject changed, Func<FlowReferences, bool> refers) => referrers.Store.List(changed.Namespace)
            .Where(item => refers(referencesOf(item)))
            .Select(item => new ResourceRef(GenkitApi.Group, T.Definition.Kind, item.Namespace, item.Name));

        return controller
            .Watches(informers.Prompts, prompt => Referring(prompt, references => references.Prompts.Contains(prompt.Name)))
            .Watches(informers.Tools, tool => Referring(tool, references => references.Tools.Contains(tool.Name)))
            .Watches(informers.Flows, target => Referring(target, references => references.Flows.Contains(target.Name)))
            .Watches(informers.Models, model => Referring(model, references => references.Models.Contains(model.Name)))
            .Watches(informers.PluginConfigs, plugin => Referring(plugin, references => references.PluginConfigs.Contains(plugin.Name)))
            .Watches(informers.Secrets, secret => Referring(secret, references => references.Secrets.Contains(secret.Name)))
            .Watches(informers.ConfigMaps, map => Referring(map, references => references.ConfigMaps.Contains(map.Name)));
    }

    /// <summary>Children beside ConfigMaps, all of which have the name of their owner.</summary>
    /// <param name="controller">Of the owners.</param>
    /// <param name="informers">The shared informers.</param>
    /// <param name="named">The owner of a namespace and name, if there is one.</param>
    public static Controller WatchesChildren(this Controller controller, GenkitInformers informers, Func<string?, string, IEnumerable<ResourceRef>> named)
    {
        foreach (var kind in new[] { informers.Services, informers.Deployments, informers.DisruptionBudgets, informers.Ingresses, informers.Routes }.OfType<Informer<KubeObject>>())
        {
            controller.Watches(kind, child => named(child.Namespace, child.Name));
        }

        // An autoscaler may be anybody's; what counts is the Deployment it is for.
        return controller.Watches(informers.Autoscalers, autoscaler => named(autoscaler.Namespace, autoscaler.Name)
            .Concat(autoscaler.Json["spec"]?["scaleTargetRef"]?["name"]?.ToString() is { } target && target != autoscaler.Name ? named(autoscaler.Namespace, target) : []));
    }
}
