using Portal.Operator.Reconciliation;

namespace Portal.Operator.Tools.Rules;

/// <summary>What the schema cannot say about a Tool.</summary>
internal static class ToolRules
{
    private const string Field = "spec.implementation";

    /// <summary>In the order a condition tells them: it shows the first.</summary>
    public static IEnumerable<Problem> Find(Tool tool)
    {
        var implementation = tool.Spec.Implementation;
        var flow = implementation.FlowRef?.Name is { Length: > 0 };
        var http = implementation.Http?.Url is { Length: > 0 };
        var server = implementation.Mcp?.Url is { Length: > 0 };
        if (server && (flow || http))
        {
            yield return Problem.Invalid("exactly one of spec.implementation.flowRef, spec.implementation.http or spec.implementation.mcp must be set", Field);
        }
        else if (flow && http)
        {
            yield return Problem.Invalid("exactly one of spec.implementation.flowRef or spec.implementation.http must be set, not both", Field);
        }
        else if (!flow && !http && !server)
        {
            yield return Problem.Invalid("spec.implementation must set exactly one of flowRef or http", Field);
        }

        if (tool.Spec.Definition is not JsonObject)
        {
            yield return Problem.Impossible("spec.definition must be a JSON object with name, description and inputSchema", "spec.definition");
        }
    }
}
