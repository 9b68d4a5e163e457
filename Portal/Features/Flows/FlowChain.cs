using Portal.Components;
using Portal.Kubernetes.Objects;
using Portal.Operator.Api;
using Portal.Operator.Flows;
using Portal.Operator.Models;

namespace Portal.Features.Flows;

/// <summary>One object a flow depends on, or the flow itself.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Name">Its name; empty when nothing is named.</param>
/// <param name="Status">Its own state.</param>
/// <param name="Message">Why it is in that state.</param>
/// <param name="IsFirstBroken">Whether mending this one comes first.</param>
public sealed record FlowLink(string Kind, string Name, Status Status, string? Message, bool IsFirstBroken = false);

/// <summary>From credentials to pods: everything that must be right for a flow to answer, in the order in which it depends.</summary>
public static class FlowChain
{
    public static IReadOnlyList<FlowLink> Of(Flow flow, FlowDirectory directory)
    {
        var links = new List<FlowLink>();
        var spec = FlowDirectory.SpecOf(flow);
        AddModel(links, flow, spec, directory);
        foreach (var (name, content) in directory.PromptsOf(flow))
        {
            var prompt = directory.Prompts.Store.Find(flow.Namespace, name);
            links.Add(prompt is null && content is not null ? new FlowLink("Prompt", name, Status.Ready, "written in the flow") : Link("Prompt", name, prompt));
        }

        foreach (var tool in (spec?.Tools ?? []).Concat(spec?.ToolRefs ?? []).Select(tool => tool.Name).Where(name => name.Length > 0).Distinct())
        {
            links.Add(Link("Tool", tool, directory.Tools.Store.Find(flow.Namespace, tool)));
        }

        AddPods(links, flow, directory);
        var broken = links.FindIndex(link => link.Status != Status.Ready);
        if (broken >= 0)
        {
            links[broken] = links[broken] with { IsFirstBroken = true };
        }

        return links;
    }

    private static void AddModel(List<FlowLink> links, Flow flow, FlowSpec? spec, FlowDirectory directory)
    {
        var model = spec?.ModelRef is { Name.Length: > 0 } reference ? directory.Models.Store.Find(flow.Namespace, reference.Name) : null;
        var modelSpec = spec?.ModelSpec ?? SpecOf(model);
        if (modelSpec?.PluginConfigRef is { Name.Length: > 0 } pluginRef)
        {
            var plugin = directory.PluginConfigs.Store.Find(flow.Namespace, pluginRef.Name);
            if (plugin?.Spec.CredentialsRef is { Name.Length: > 0 } secretRef)
            {
                var secret = directory.Secrets.Store.Find(flow.Namespace, secretRef.Name);
                links.Add(new FlowLink("Secret", secretRef.Name, secret is null ? Status.Failed : Status.Ready, secret is null ? "does not exist" : null));
            }

            links.Add(Link("PluginConfig", pluginRef.Name, plugin));
        }

        if (spec?.ModelRef is { Name.Length: > 0 } named)
        {
            links.Add(Link("Model", named.Name, model));
        }
        else if (spec?.ModelSpec is { } inline)
        {
            links.Add(new FlowLink("Model", $"{inline.Provider}/{inline.Model}", Status.Ready, "written in the flow"));
        }
    }

    private static void AddPods(List<FlowLink> links, Flow flow, FlowDirectory directory)
    {
        var ready = flow.FindCondition(ConditionTypes.Ready);
        links.Add(new FlowLink("Flow", flow.Name, ObjectStatus.Of(flow), ready?.Message));
        var pods = directory.PodsOf(flow).Select(PodSummary.Of).ToList();
        var running = pods.Count(pod => pod.Ready);
        var worst = pods.Find(pod => !pod.Ready);
        var desired = FlowDirectory.SpecOf(flow)?.Replicas ?? 1;
        var status = worst is null && running >= desired ? Status.Ready : worst?.Message is null ? Status.Progressing : Status.Failed;
        links.Add(new FlowLink("Pods", $"{running}/{desired} ready", status, worst is null ? null : $"{worst.Name}: {worst.State} {worst.Message}".TrimEnd()));
    }

    private static FlowLink Link(string kind, string name, KubeObject? found) => found is null
        ? new FlowLink(kind, name, Status.Failed, "does not exist")
        : new FlowLink(kind, name, ObjectStatus.Of(found), found.FindCondition(ConditionTypes.Ready)?.Message);

    private static ModelSpec? SpecOf(Model? model)
    {
        try
        {
            return model?.Spec;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
