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
        IEnumerable<ResourceRef> Referring(KubeObject changed, Func<FlowReferences, bool> refers) => informers.Flows.Store.List(changed.Namespace)
            .Where(flow => refers(FlowReferences.Of(flow, informers)))
            .Select(flow => Key(flow.Namespace, flow.Name));

        // By name and not by owner: a Flow in a name conflict must notice when the foreign object goes.
        IEnumerable<ResourceRef> Named(KubeObject child) => Existing(child.Namespace, child.Name);

        IEnumerable<ResourceRef> Existing(string? @namespace, string name) =>
            informers.FindFlow(@namespace, name) is null ? [] : [Key(@namespace, name)];

        return new Controller("flow", reconciler, Workers, timeProvider, logger)
            .For(informers.Flows)
            .Watches(informers.Prompts, prompt => Referring(prompt, references => references.Prompts.Contains(prompt.Name)))
            .Watches(informers.Tools, tool => Referring(tool, references => references.Tools.Contains(tool.Name)))
            .Watches(informers.Flows, target => Referring(target, references => references.Flows.Contains(target.Name)))
            .Watches(informers.Models, model => Referring(model, references => references.Models.Contains(model.Name)))
            .Watches(informers.PluginConfigs, plugin => Referring(plugin, references => references.PluginConfigs.Contains(plugin.Name)))
            .Watches(informers.Secrets, secret => Referring(secret, references => references.Secrets.Contains(secret.Name)))
            .Watches(informers.ConfigMaps, map => Referring(map, references => references.ConfigMaps.Contains(map.Name)))
            .Watches(informers.ConfigMaps, child => FlowOf(child.Name) is { } name ? Existing(child.Namespace, name) : [])
            .Watches(informers.Services, Named)
            .Watches(informers.Deployments, Named);
    }

    private static string? FlowOf(string configMap) =>
        s_configMapSuffixes.FirstOrDefault(suffix => configMap.EndsWith(suffix, StringComparison.Ordinal)) is { } suffix
            ? configMap[..^suffix.Length]
            : null;

    private static ResourceRef Key(string? @namespace, string name) => new(GenkitApi.Group, Flow.Definition.Kind, @namespace, name);
}
