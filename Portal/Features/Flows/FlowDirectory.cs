using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;
using Portal.Operator.Api;
using Portal.Operator.Flows;
using Portal.Operator.Models;
using Portal.Operator.PluginConfigs;
using Portal.Operator.Prompts;
using Portal.Operator.Tools;

namespace Portal.Features.Flows;

/// <summary>Flows and all they refer to, as the informers know them. Reads never wait.</summary>
public sealed class FlowDirectory(InformerFactory informers)
{
    public Informer<Flow> Flows { get; } = informers.Get<Flow>();
    public Informer<Model> Models { get; } = informers.Get<Model>();
    public Informer<PluginConfig> PluginConfigs { get; } = informers.Get<PluginConfig>();
    public Informer<Prompt> Prompts { get; } = informers.Get<Prompt>();
    public Informer<Tool> Tools { get; } = informers.Get<Tool>();
    public Informer<KubeObject> Secrets { get; } = informers.Get(BuiltIn.Secret);
    public Informer<KubeObject> Pods { get; } = informers.Get(BuiltIn.Pod);
    public Informer<KubeObject> Events { get; } = informers.Get(BuiltIn.Event);
    public Informer<KubeObject> Namespaces { get; } = informers.Get(BuiltIn.Namespace);

    public Flow? Find(string @namespace, string name) => Flows.Store.Find(@namespace, name);

    /// <summary>The pods of a Flow, oldest first.</summary>
    public IReadOnlyList<KubeObject> PodsOf(Flow flow) =>
        [.. Pods.Store.List(flow.Namespace).Where(pod => pod.Labels.GetValueOrDefault(GenkitApi.FlowLabel) == flow.Name).OrderBy(pod => pod.CreationTimestamp)];

    /// <summary>Events about a Flow or anything it owns, newest first.</summary>
    public IReadOnlyList<FlowEvent> EventsOf(Flow flow)
    {
        var pods = PodsOf(flow).Select(pod => pod.Name).ToHashSet(StringComparer.Ordinal);
        return [.. Events.Store.List(flow.Namespace).Select(FlowEvent.Of)
            .Where(item => item.ObjectName == flow.Name || pods.Contains(item.ObjectName))
            .OrderByDescending(item => item.LastSeen)];
    }

    /// <summary>The model's name as a prompt would write it, such as <c>openai/gpt-5</c>; null when the Flow names none that exists.</summary>
    public string? ModelOf(Flow flow)
    {
        var spec = SpecOf(flow)?.ModelSpec ?? (SpecOf(flow)?.ModelRef is { Name.Length: > 0 } reference ? Models.Store.Find(flow.Namespace, reference.Name)?.Spec : null);
        return spec is null ? null : $"{spec.Provider}/{spec.Model}";
    }

    /// <summary>Name and document of every prompt a Flow serves, the entry first; the document is null when the Prompt does not exist.</summary>
    public IReadOnlyList<(string Name, string? Content)> PromptsOf(Flow flow)
    {
        var spec = SpecOf(flow);
        var named = (spec?.PromptRefs ?? []).Select(reference => (reference.Name, Content: ContentOf(flow, reference.Name)));
        return [.. (spec?.Prompts ?? []).Select(prompt => EntryOf(flow, prompt)).Concat(named).Where(prompt => prompt.Name.Length > 0).DistinctBy(prompt => prompt.Name)];
    }

    /// <summary>The spec; null when what is stored does not have its shape.</summary>
    public static FlowSpec? SpecOf(Flow flow)
    {
        try
        {
            return flow.Spec;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private (string Name, string? Content) EntryOf(Flow flow, FlowPrompt prompt)
    {
        var name = prompt.PromptRef?.Name is { Length: > 0 } reference ? reference : prompt.Name;
        return name is { Length: > 0 } ? (name, ContentOf(flow, name)) : (prompt.Prompt?.Name ?? "", prompt.Prompt?.Content);
    }

    private string? ContentOf(Flow flow, string name) => Prompts.Store.Find(flow.Namespace, name)?.Spec.Content;
}
