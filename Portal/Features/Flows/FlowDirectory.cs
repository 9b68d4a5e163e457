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
using Portal.Operator.Tools;

namespace Portal.Features.Flows;

/// <summary>All kinds of the portal and what they refer to, as the informers know them. Reads never wait.</summary>
public sealed class FlowDirectory
{
    private const string ByOwner = "flow-directory-owner";
    private const string ByObject = "flow-directory-object";

    private static readonly (string Label, string Kind)[] s_owners =
        [(GenkitApi.FlowLabel, Flow.Definition.Kind), (GenkitApi.FlowSetLabel, FlowSet.Definition.Kind), (GenkitApi.EvalLabel, Eval.Definition.Kind)];

    public FlowDirectory(InformerFactory informers)
    {
        Flows = informers.Get<Flow>();
        FlowSets = informers.Get<FlowSet>();
        Models = informers.Get<Model>();
        PluginConfigs = informers.Get<PluginConfig>();
        Prompts = informers.Get<Prompt>();
        Tools = informers.Get<Tool>();
        Datasets = informers.Get<Dataset>();
        Evals = informers.Get<Eval>();
        Secrets = informers.Get(BuiltIn.Secret);
        Pods = informers.Get(BuiltIn.Pod);
        Events = informers.Get(BuiltIn.Event);
        Namespaces = informers.Get(BuiltIn.Namespace);

        // With some thousand flows and pods every page would look through all of them otherwise.
        Pods.Store.AddIndex(ByOwner, pod => OwnersOf(pod).Select(owner => KeyOf(owner.Kind, pod.Namespace, owner.Name)));
        Events.Store.AddIndex(ByObject, item => [KeyOf("", item.Namespace, item.Json["involvedObject"]?["name"]?.ToString() ?? "")]);
    }

    public Informer<Flow> Flows { get; }
    public Informer<FlowSet> FlowSets { get; }
    public Informer<Model> Models { get; }
    public Informer<PluginConfig> PluginConfigs { get; }
    public Informer<Prompt> Prompts { get; }
    public Informer<Tool> Tools { get; }
    public Informer<Dataset> Datasets { get; }
    public Informer<Eval> Evals { get; }
    public Informer<KubeObject> Secrets { get; }
    public Informer<KubeObject> Pods { get; }
    public Informer<KubeObject> Events { get; }
    public Informer<KubeObject> Namespaces { get; }

    public Flow? Find(string @namespace, string name) => Flows.Store.Find(@namespace, name);

    /// <summary>The names that calls are counted under: of a Flow its own, of a flow of a FlowSet both, as <c>set/flow</c>.</summary>
    public IEnumerable<string> CountedNames(string @namespace) => Flows.Store.List(@namespace).Select(flow => flow.Name).Concat(FlowSets.Store.List(@namespace).SelectMany(CountedNames));

    /// <inheritdoc cref="CountedNames(string)"/>
    public static IEnumerable<string> CountedNames(FlowSet set) => (SpecOf(set)?.Flows ?? []).Select(flow => $"{set.Name}/{flow.Name}");

    /// <summary>The pods of a Flow, FlowSet or Eval, oldest first.</summary>
    public IReadOnlyList<KubeObject> PodsOf(KubeObject owner) => PodsOf(owner.Kind, owner.Namespace, owner.Name);

    /// <inheritdoc cref="PodsOf(KubeObject)"/>
    public IReadOnlyList<KubeObject> PodsOf(string kind, string? @namespace, string name) =>
        [.. Pods.Store.ByIndex(ByOwner, KeyOf(kind, @namespace, name)).OrderBy(pod => pod.CreationTimestamp)];

    /// <summary>Kind and name of what a pod works for, by its labels.</summary>
    public static IEnumerable<(string Kind, string Name)> OwnersOf(KubeObject pod)
    {
        var labels = pod.Metadata["labels"] as JsonObject;
        foreach (var (label, kind) in s_owners)
        {
            if (labels?[label]?.ToString() is { Length: > 0 } name)
            {
                yield return (kind, name);
            }
        }
    }

    /// <summary>Events about an object or its pods, newest first; what happened again is counted, not repeated.</summary>
    public IReadOnlyList<FlowEvent> EventsOf(KubeObject item)
    {
        var names = PodsOf(item).Select(pod => pod.Name).Append(item.Name).Distinct();
        return FlowEvent.Merge(names.SelectMany(name => Events.Store.ByIndex(ByObject, KeyOf("", item.Namespace, name))).Select(FlowEvent.Of));
    }

    /// <summary>The model's name as a prompt would write it, such as <c>openai/gpt-5</c>; null when the Flow names none that exists.</summary>
    public string? ModelOf(Flow flow)
    {
        var spec = SpecOf(flow)?.ModelSpec ?? (SpecOf(flow)?.ModelRef is { Name.Length: > 0 } reference ? Models.Store.Find(flow.Namespace, reference.Name)?.Spec : null);
        return spec is null ? null : $"{spec.Provider}/{spec.Model}";
    }

    /// <summary>Name and document of every prompt a Flow serves, the entry first; the document is null when the Prompt does not exist.</summary>
    public IReadOnlyList<(string Name, string? Content)> PromptsOf(Flow flow) => SpecOf(flow) is { } spec ? PromptsOf(flow.Namespace, spec) : [];

    /// <inheritdoc cref="PromptsOf(Flow)"/>
    public IReadOnlyList<(string Name, string? Content)> PromptsOf(string? @namespace, IFlowParts parts)
    {
        var named = (parts.PromptRefs ?? []).Select(reference => (reference.Name, Content: ContentOf(@namespace, reference.Name)));
        return [.. (parts.Prompts ?? []).Select(prompt => EntryOf(@namespace, prompt)).Concat(named).Where(prompt => prompt.Name.Length > 0).DistinctBy(prompt => prompt.Name)];
    }

    /// <summary>The spec; null when there is no object, or what is stored does not have its shape.</summary>
    public static TSpec? SpecOf<TSpec, TStatus>(KubeObject<TSpec, TStatus>? item) where TSpec : class, new() where TStatus : class, new()
    {
        try
        {
            return item?.Spec;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private (string Name, string? Content) EntryOf(string? @namespace, FlowPrompt prompt)
    {
        var name = prompt.PromptRef?.Name is { Length: > 0 } reference ? reference : prompt.Name;
        return name is { Length: > 0 } ? (name, ContentOf(@namespace, name)) : (prompt.Prompt?.Name ?? "", prompt.Prompt?.Content);
    }

    private string? ContentOf(string? @namespace, string name) => SpecOf(Prompts.Store.Find(@namespace, name))?.Content;

    private static string KeyOf(string kind, string? @namespace, string name) => $"{kind}/{@namespace}/{name}";
}
