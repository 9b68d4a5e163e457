using Portal.Kubernetes.Runtime;
using Portal.Operator.Reconciliation;
using Portal.Operator.Tools.Rules;

namespace Portal.Operator.Tools;

/// <summary>Resolves who answers a Tool.</summary>
internal sealed class ToolReconciler(ObjectStore<Tool> store, IGenkitObjects objects, StatusWriter writer)
    : KindReconciler<Tool, ToolStatus>(store, writer)
{
    protected override Verdict<ToolStatus> Judge(Tool target) => Judge(target, objects);

    internal static Verdict<ToolStatus> Judge(Tool target, IGenkitObjects objects)
    {
        var flow = target.Spec.Implementation.FlowRef?.Name ?? "";
        var url = target.Spec.Implementation.Http?.Url ?? "";
        var server = target.Spec.Implementation.Mcp?.Url ?? "";
        if (ToolRules.Find(target).FirstOrDefault() is { } invalid)
        {
            return NotReady(invalid);
        }

        if (flow.Length > 0 && objects.FindFlow(target.Namespace, flow) is null)
        {
            return NotReady(Problem.NotFound("flow", flow));
        }

        var resolved = flow.Length > 0 ? $"Flow/{flow}" : url.Length > 0 ? $"HTTP {url}" : $"MCP {server}";
        return new(new() { ResolvedTarget = resolved }, [ConditionOf.Ready($"tool implementation resolved to {resolved}")]);
    }
}
