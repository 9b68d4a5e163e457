using Portal.Operator.Admission;
using Portal.Operator.Reconciliation;
using Portal.Operator.Tools;

namespace Portal.Operator.Flows.Rules;

/// <summary>
/// Finds tools that lead back to where they are called from: Flow → Tool → Flow. A model may stop calling by itself, so a loop can work; it can also
/// go on until a limit ends it.
/// </summary>
internal static class ToolLoops
{
    private const int MaxSteps = 1000;

    private readonly record struct Step(bool IsTool, string Name)
    {
        public override string ToString() => $"{(IsTool ? "tool" : "flow")} {Names.Quoted(Name)}";
    }

    public static string? Find(Flow flow, AdmissionScope scope) => Find(new Step(false, flow.Name), step =>
        step.IsTool ? TargetOf(scope.Read(objects => objects.FindTool(flow.Namespace, step.Name)), scope)
        : step.Name == flow.Name ? ToolsOf(flow, scope)
        : ToolsOf(scope.Read(objects => objects.FindFlow(flow.Namespace, step.Name)), scope));

    public static string? Find(Tool tool, AdmissionScope scope) => Find(new Step(true, tool.Name), step =>
        !step.IsTool ? ToolsOf(scope.Read(objects => objects.FindFlow(tool.Namespace, step.Name)), scope)
        : step.Name == tool.Name ? TargetOf(tool, scope)
        : TargetOf(scope.Read(objects => objects.FindTool(tool.Namespace, step.Name)), scope));

    private static IEnumerable<Step> ToolsOf(Flow? flow, AdmissionScope scope) =>
        (scope.Read(_ => (flow?.Spec.Tools ?? []).Concat(flow?.Spec.ToolRefs ?? []).ToList()) ?? []).Select(reference => new Step(true, reference.Name));

    private static IEnumerable<Step> TargetOf(Tool? tool, AdmissionScope scope) =>
        scope.Read(_ => tool?.Spec.Implementation.FlowRef?.Name) is { Length: > 0 } name ? [new Step(false, name)] : [];

    /// <summary>The shortest way back to the start, in words; null when there is none.</summary>
    private static string? Find(Step start, Func<Step, IEnumerable<Step>> next)
    {
        var from = new Dictionary<Step, Step>();
        var open = new Queue<Step>([start]);
        while (open.TryDequeue(out var step) && from.Count < MaxSteps)
        {
            foreach (var reached in next(step))
            {
                if (reached == start)
                {
                    return Words(start, step, from);
                }

                if (from.TryAdd(reached, step))
                {
                    open.Enqueue(reached);
                }
            }
        }

        return null;
    }

    private static string Words(Step start, Step last, Dictionary<Step, Step> from)
    {
        var way = new List<Step> { start };
        for (var step = last; step != start; step = from[step])
        {
            way.Insert(0, step);
        }

        way.Insert(0, start);
        return string.Join(" -> ", way);
    }
}
