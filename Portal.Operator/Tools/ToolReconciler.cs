using Portal.Kubernetes.Runtime;
using Portal.Operator.Reconciliation;

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
        if (server.Length > 0 && flow.Length + url.Length > 0)
        {
            return NotReady(Problem.Invalid(
                "exactly one of spec.implementation.flowRef, spec.implementation.http or spec.implementation.mcp must be set"));
        }

        if (flow.Length > 0 && url.Length > 0)
        {
            return NotReady(Problem.Invalid(
                "exactly one of spec.implementation.flowRef or spec.implementation.http must be set, not both"));
        }

        if (flow.Length == 0 && url.Length == 0 && server.Length == 0)
        {
            return NotReady(Problem.Invalid("spec.implementation must set exactly one of flowRef or http"));
        }

        if (target.Spec.Definition is not JsonObject)
        {
            return NotReady(Problem.Invalid("spec.definition must be a JSON object with name, description and inputSchema"));
        }

        if (flow.Length > 0 && objects.FindFlow(target.Namespace, flow) is null)
        {
            return NotReady(Problem.Missing($"flow {Names.Quoted(flow)} not found"));
        }

        var resolved = flow.Length > 0 ? $"Flow/{flow}" : url.Length > 0 ? $"HTTP {url}" : $"MCP {server}";
        return new(new() { ResolvedTarget = resolved }, [ConditionOf.Ready($"tool implementation resolved to {resolved}")]);
    }
}
