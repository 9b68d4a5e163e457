using Portal.Components;
using Portal.Kubernetes.Objects;
using Portal.Operator.Api;
using Portal.Operator.Datasets;
using Portal.Operator.Evals;
using Portal.Operator.Flows;
using Portal.Operator.FlowSets;
using Portal.Operator.Models;
using Portal.Operator.PluginConfigs;
using Portal.Operator.Tools;

namespace Portal.Features.Flows.Chain;

/// <summary>From credentials to pods: everything that must be right for an object to work, in the order in which it depends, each once. The first that is broken is
/// the one to mend.</summary>
public sealed class ReferenceChain
{
    /// <summary>Reasons of a Flow that only tell what is the matter with its pods.</summary>
    private static readonly string[] s_ofPods =
    [
        ConditionReasons.PodsFailing, ConditionReasons.ProgressDeadlineExceeded, ConditionReasons.MinimumReplicasUnavailable, ConditionReasons.Reconciling, ConditionReasons.ReplicaSetUpdated,
        ConditionReasons.Reloading,
    ];

    private readonly List<ChainLink> _links = [];
    private readonly FlowDirectory _directory;
    private readonly string _namespace;

    private ReferenceChain(string @namespace, FlowDirectory directory) => (_namespace, _directory) = (@namespace, directory);

    public static IReadOnlyList<ChainLink> Of(KubeObject item, FlowDirectory directory)
    {
        var chain = new ReferenceChain(item.Namespace ?? "", directory);
        chain.AddPartsOf(item);
        chain.AddSelf(item);
        if (item is Flow or FlowSet)
        {
            chain.AddPods(item, directory.PodsOf(item));
        }

        var broken = chain.FindFirstBroken(item);
        if (broken >= 0)
        {
            chain._links[broken] = chain._links[broken] with { IsFirstBroken = true };
        }

        return chain._links;
    }

    private int FindFirstBroken(KubeObject item)
    {
        var broken = _links.FindIndex(link => link.IsBroken);
        if (broken < 0)
        {
            return _links.FindIndex(link => link.Status != Status.Ready);
        }

        // A flow that only says that its pods do not come up is broken by them.
        return _links[broken].IsOf(item) && _links[^1] is { Kind: ChainLink.Pods, IsBroken: true } && s_ofPods.Contains(item.FindCondition(ConditionTypes.Ready)?.Reason)
            ? _links.Count - 1 : broken;
    }

    private void AddPartsOf(KubeObject? item)
    {
        switch (item)
        {
            case Flow flow when FlowDirectory.SpecOf(flow) is { } spec:
                AddFlow(spec);
                AddVariables(spec.Env);
                break;
            case FlowSet set when FlowDirectory.SpecOf(set) is { } spec:
                foreach (var flow in spec.Flows)
                {
                    AddFlow(flow);
                }

                AddVariables(spec.Env);
                break;
            case Model model when FlowDirectory.SpecOf(model) is { } spec:
                AddPlugin(spec.PluginConfigRef.Name);
                break;
            case PluginConfig plugin:
                AddSecretOf(plugin);
                break;
            case Tool tool:
                AddToolParts(tool);
                break;
            case Eval eval when FlowDirectory.SpecOf(eval) is { } spec:
                Add(Dataset.Definition.Kind, spec.DatasetRef.Name, _directory.Datasets.Store.Find(_namespace, spec.DatasetRef.Name));
                AddTarget(spec.FlowRef);
                if (spec.OutputSink.S3?.CredentialsRef is { Name.Length: > 0 } secret)
                {
                    AddSecret(secret.Name, []);
                }

                break;
        }
    }

    /// <summary>What an Eval measures, after all that this depends on.</summary>
    private void AddTarget(EvalFlowReference target)
    {
        if (target.Kind != EvalFlowReference.FlowSetKind)
        {
            var flow = _directory.Find(_namespace, target.Name);
            AddPartsOf(flow);
            Add(Flow.Definition.Kind, target.Name, flow);
            return;
        }

        var set = _directory.FlowSets.Store.Find(_namespace, target.Name);
        var flows = FlowDirectory.SpecOf(set)?.Flows ?? [];
        if (set is not null && target.Flow is { Length: > 0 } member && flows.All(flow => flow.Name != member))
        {
            AddOnce(new ChainLink(FlowSet.Definition.Kind, set.Name, Status.Failed, $"has no flow \"{member}\"") { Fix = Fixes.UnknownMember(_namespace, set.Name, member, flows.Select(flow => flow.Name)) });
            return;
        }

        AddPartsOf(set);
        Add(FlowSet.Definition.Kind, target.Name, set);
    }

    private void AddFlow(IFlowParts parts)
    {
        if (parts.ModelRef is { Name.Length: > 0 } reference)
        {
            var model = _directory.Models.Store.Find(_namespace, reference.Name);
            AddPlugin(FlowDirectory.SpecOf(model)?.PluginConfigRef.Name);
            Add(Model.Definition.Kind, reference.Name, model);
        }
        else if (parts.ModelSpec is { } inline)
        {
            AddPlugin(inline.PluginConfigRef.Name);
            AddOnce(new ChainLink(Model.Definition.Kind, $"{inline.Provider}/{inline.Model}", Status.Ready, "is written in the flow"));
        }

        foreach (var (name, content) in _directory.PromptsOf(_namespace, parts))
        {
            var prompt = _directory.Prompts.Store.Find(_namespace, name);
            if (prompt is null && content is not null)
            {
                AddOnce(new ChainLink("Prompt", name, Status.Ready, "is written in the flow"));
            }
            else
            {
                Add("Prompt", name, prompt);
            }
        }

        foreach (var name in (parts.Tools ?? []).Concat(parts.ToolRefs ?? []).Select(tool => tool.Name).Where(name => name.Length > 0))
        {
            var tool = _directory.Tools.Store.Find(_namespace, name);
            AddToolParts(tool);
            Add(Tool.Definition.Kind, name, tool);
        }
    }

    /// <summary>The Secret of a tool's headers, and the flow that answers it where that is missing: whether it works does not matter to the tool.</summary>
    private void AddToolParts(Tool? tool)
    {
        var implementation = FlowDirectory.SpecOf(tool)?.Implementation;
        if ((implementation?.Http?.HeadersSecretRef ?? implementation?.Mcp?.HeadersSecretRef) is { Name.Length: > 0 } secret)
        {
            AddSecret(secret.Name, []);
        }

        if (implementation?.FlowRef is { Name.Length: > 0 } flow && _directory.Find(_namespace, flow.Name) is null)
        {
            Add(Flow.Definition.Kind, flow.Name, null);
        }
    }

    private void AddPlugin(string? name)
    {
        if (string.IsNullOrEmpty(name))
        {
            return;
        }

        var plugin = _directory.PluginConfigs.Store.Find(_namespace, name);
        AddSecretOf(plugin);
        Add(PluginConfig.Definition.Kind, name, plugin);
    }

    private void AddSecretOf(PluginConfig? plugin)
    {
        if (FlowDirectory.SpecOf(plugin)?.CredentialsRef is { Name.Length: > 0 } reference)
        {
            var secret = _directory.Secrets.Store.Find(_namespace, reference.Name);
            AddSecret(reference.Name, CredentialCheck.FindMissingKeys(plugin!, secret ?? new KubeObject([])));
        }
    }

    /// <summary>Secrets that the pods' variables are read from. A pod does not start without those that are not optional.</summary>
    private void AddVariables(IReadOnlyList<EnvVar>? variables)
    {
        foreach (var group in (variables ?? []).Select(variable => variable.ValueFrom?.SecretKeyRef).OfType<KeySelector>().Where(key => key.Optional != true).GroupBy(key => key.Name))
        {
            var data = _directory.Secrets.Store.Find(_namespace, group.Key)?.Json["data"] as JsonObject;
            var missing = group.Select(selector => selector.Key).Distinct().Where(key => data?.ContainsKey(key) != true).ToList();
            AddSecret(group.Key, missing.Count > 0 ? [missing] : []);
        }
    }

    /// <param name="missing">Sets of missing keys, any of which is enough; none when nothing is missing.</param>
    private void AddSecret(string name, IReadOnlyList<IReadOnlyList<string>> missing)
    {
        var link = _directory.Secrets.Store.Find(_namespace, name) is null
            ? new ChainLink("Secret", name, Status.Failed, "does not exist") { Fix = Fixes.MissingSecret(_namespace, name, missing) }
            : missing.Count > 0
                ? new ChainLink("Secret", name, Status.Failed, $"has no key {string.Join(" or ", missing.Select(Fixes.Quoted))}") { Fix = Fixes.MissingKeys(_namespace, name, missing) }
                : new ChainLink("Secret", name, Status.Ready);
        var index = _links.FindIndex(known => known.Kind == link.Kind && known.Name == name);
        if (index < 0)
        {
            _links.Add(link);
        }
        else if (!_links[index].IsBroken)
        {
            // Needed for two things, of which the other is in order.
            _links[index] = link;
        }
    }

    private void Add(string kind, string name, KubeObject? found)
    {
        if (name.Length == 0)
        {
            return;
        }

        if (found is null)
        {
            AddOnce(new ChainLink(kind, name, Status.Failed, "does not exist") { Fix = Fixes.MissingObject(_namespace, kind, name) });
            return;
        }

        var status = ObjectStatus.Of(found);
        var why = ObjectStatus.WhyNot(found);
        var edit = ResourceLinks.ToEditor(kind, _namespace, name);
        AddOnce(new ChainLink(kind, name, status, status == Status.Ready ? null : $"is not ready{(why is null ? "" : $": {why}")}")
        {
            Fix = status is Status.Failed or Status.Degraded ? edit is null ? Fixes.Look(_namespace, kind, name) : new Fix($"Mend the {kind} \"{name}\"", edit) : null,
        });
    }

    private void AddOnce(ChainLink link)
    {
        if (!_links.Exists(known => known.Kind == link.Kind && known.Name == link.Name))
        {
            _links.Add(link);
        }
    }

    private void AddSelf(KubeObject item)
    {
        var status = ObjectStatus.Of(item);
        var kind = item.Kind.Length > 0 ? item.Kind : Flow.Definition.Kind;
        _links.Add(new ChainLink(kind, item.Name, status, status == Status.Ready ? null : ObjectStatus.WhyNot(item) ?? "was not looked at by the operator yet")
        {
            Fix = status is Status.Failed or Status.Degraded or Status.Paused ? Fixes.Own(_namespace, kind, item.Name, ReasonOf(item)) : null,
        });
    }

    private static string? ReasonOf(KubeObject item) =>
        (item.FindCondition(ConditionTypes.Ready) is { IsTrue: false } ready ? ready : item.FindCondition(ConditionTypes.Degraded))?.Reason;

    private void AddPods(KubeObject item, IReadOnlyList<KubeObject> all)
    {
        var pods = all.Select(PodSummary.Of).ToList();
        var running = pods.Count(pod => pod.Ready);
        var worst = pods.Find(pod => !pod.Ready && pod.Message is not null) ?? pods.Find(pod => !pod.Ready);
        var desired = item.Json["spec"]?["replicas"] is JsonValue value && value.TryGetValue(out int replicas) ? replicas : 1;
        var status = worst is null && running >= desired ? Status.Ready : worst?.Message is null ? Status.Progressing : Status.Failed;
        _links.Add(new ChainLink(ChainLink.Pods, $"{running}/{desired} ready", status, worst is null ? null : $"{worst.Name}: {worst.State} {worst.Message}".TrimEnd())
        {
            Fix = status == Status.Failed ? Fixes.OfPod(_namespace, item, worst!) : null,
        });
    }
}
