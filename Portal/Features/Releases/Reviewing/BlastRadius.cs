using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Kubernetes.Runtime;
using Portal.Operator.Flows;

namespace Portal.Features.Releases.Reviewing;

/// <param name="Name">Who called; "unknown" when the call did not say.</param>
public sealed record RecentCaller(string Name, int Calls);

/// <summary>A flow that changes, with who called it lately.</summary>
public sealed record AffectedFlow(string Namespace, string Name, IReadOnlyList<RecentCaller> Callers)
{
    public string Endpoint => $"/flows/{Namespace}/{Name}";

    public int Calls => Callers.Sum(caller => caller.Calls);
}

/// <summary>Whom a release reaches: the flows that use its objects, their endpoints, and who called those in the last seven days.</summary>
public sealed class BlastRadius(InformerFactory informers, PortalDatabase database, TimeProvider clock)
{
    public static readonly TimeSpan Lately = TimeSpan.FromDays(7);

    private readonly Informer<Flow> _flows = informers.Get<Flow>();

    public async Task<IReadOnlyList<AffectedFlow>> OfAsync(IReadOnlyList<ReleaseItem> items, CancellationToken cancellationToken)
    {
        var since = clock.GetUtcNow().UtcDateTime - Lately;
        var affected = new List<AffectedFlow>();
        foreach (var @namespace in items.Select(item => item.Namespace).Distinct())
        {
            var flows = FlowsIn(@namespace, [.. items.Where(item => item.Namespace == @namespace)]);
            var calls = await database.ReadAsync(context => context.Usage
                .Where(row => row.Namespace == @namespace && flows.Contains(row.Flow!) && row.StartedAt >= since)
                .GroupBy(row => new { row.Flow, row.Caller })
                .Select(group => new { group.Key.Flow, group.Key.Caller, Count = group.Count() })
                .ToListAsync(cancellationToken));
            affected.AddRange(flows.Select(flow => new AffectedFlow(@namespace, flow,
                [.. calls.Where(call => call.Flow == flow).OrderByDescending(call => call.Count).Select(call => new RecentCaller(call.Caller ?? "unknown", call.Count))])));
        }

        return affected;
    }

    /// <summary>Flows that use an object, or are one of the objects.</summary>
    public static bool Uses(Flow flow, string kind, string name)
    {
        if (kind == Flow.Definition.Kind)
        {
            return flow.Name == name;
        }

        return SpecOf(flow) is { } spec && kind switch
        {
            "Prompt" => (spec.Prompts ?? []).Any(prompt => (prompt.PromptRef?.Name is { Length: > 0 } named ? named : prompt.Name) == name)
                || (spec.PromptRefs ?? []).Any(reference => reference.Name == name),
            "Model" => spec.ModelRef?.Name == name,
            "Tool" => (spec.Tools ?? []).Concat(spec.ToolRefs ?? []).Any(reference => reference.Name == name),
            "PluginConfig" => spec.ModelSpec?.PluginConfigRef?.Name == name,
            _ => false,
        };
    }

    /// <summary>Null when what is stored does not have the shape of a Flow.</summary>
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

    private List<string> FlowsIn(string @namespace, IReadOnlyList<ReleaseItem> items) =>
        [.. _flows.Store.List(@namespace).Where(flow => items.Any(item => Uses(flow, item.Kind, item.Name))).Select(flow => flow.Name)
            .Concat(items.Where(item => item.Kind == Flow.Definition.Kind).Select(item => item.Name)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
}
