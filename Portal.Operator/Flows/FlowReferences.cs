using Portal.Kubernetes.Objects;
using Portal.Operator.Api;
using Portal.Operator.Models;
using Portal.Operator.PluginConfigs;
using Portal.Operator.Prompts;
using Portal.Operator.Reconciliation;
using Portal.Operator.Tools;

namespace Portal.Operator.Flows;

/// <summary>Names everything that flows refer to themselves.</summary>
internal static class FlowReferences
{
    /// <param name="flows">All the flows of one container.</param>
    /// <param name="env">The container's variables.</param>
    /// <returns>See <see cref="References"/>.</returns>
    public static IEnumerable<string> Of(IReadOnlyList<IFlowParts> flows, IReadOnlyList<EnvVar>? env) =>
        flows.SelectMany(Of).Concat((env ?? []).Select(variable => variable.ValueFrom).OfType<EnvVarSource>().Select(source =>
            source.SecretKeyRef is { } secret ? References.To(BuiltIn.Secret, secret.Name) : References.To(BuiltIn.ConfigMap, source.ConfigMapKeyRef?.Name)));

    private static IEnumerable<string> Of(IFlowParts flow) =>
    [
        .. (flow.Prompts ?? []).Select(entry => References.To(Prompt.Definition, entry.PromptRef is { Name.Length: > 0 } reference ? reference.Name : entry.Name)),
        .. (flow.PromptRefs ?? []).Select(reference => References.To(Prompt.Definition, reference.Name)),
        .. (flow.Tools ?? []).Concat(flow.ToolRefs ?? []).Select(reference => References.To(Tool.Definition, reference.Name)),
        References.To(Model.Definition, flow.ModelRef?.Name),
        References.To(PluginConfig.Definition, flow.ModelSpec?.PluginConfigRef.Name),
    ];
}
