using Portal.Features.Flows;
using Portal.Kubernetes.Objects;
using Portal.Operator.Evals;
using Portal.Operator.Flows;
using Portal.Operator.FlowSets;
using Portal.Operator.Models;
using Portal.Operator.PluginConfigs;
using Portal.Operator.Tools;

namespace Portal.Features.Health.Resources;

/// <summary>What an object names in its own spec, as kind and name in its namespace, each once.</summary>
internal static class DirectReferences
{
    public static IEnumerable<(string Kind, string Name)> Of(KubeObject item) => All(item).Where(reference => reference.Name.Length > 0).Distinct();

    private static IEnumerable<(string Kind, string Name)> All(KubeObject item) => item switch
    {
        Flow flow => FlowDirectory.SpecOf(flow) is { } spec ? OfParts(spec) : [],
        FlowSet set => (FlowDirectory.SpecOf(set)?.Flows ?? []).SelectMany(OfParts),
        Model model => [(PluginConfig.Definition.Kind, FlowDirectory.SpecOf(model)?.PluginConfigRef.Name ?? "")],
        Tool tool => [(Flow.Definition.Kind, FlowDirectory.SpecOf(tool)?.Implementation.FlowRef?.Name ?? "")],
        Eval eval when FlowDirectory.SpecOf(eval) is { } spec => [("Dataset", spec.DatasetRef.Name), (spec.FlowRef.Kind ?? Flow.Definition.Kind, spec.FlowRef.Name)],
        _ => [],
    };

    private static IEnumerable<(string Kind, string Name)> OfParts(IFlowParts parts)
    {
        yield return (Model.Definition.Kind, parts.ModelRef?.Name ?? "");
        yield return (PluginConfig.Definition.Kind, parts.ModelRef is null ? parts.ModelSpec?.PluginConfigRef.Name ?? "" : "");
        foreach (var prompt in parts.Prompts ?? [])
        {
            yield return ("Prompt", prompt.PromptRef?.Name ?? prompt.Name ?? "");
        }

        foreach (var prompt in parts.PromptRefs ?? [])
        {
            yield return ("Prompt", prompt.Name);
        }

        foreach (var tool in (parts.Tools ?? []).Concat(parts.ToolRefs ?? []))
        {
            yield return (Tool.Definition.Kind, tool.Name);
        }
    }
}
