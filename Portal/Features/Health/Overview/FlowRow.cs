using Portal.Components;
using Portal.Features.Flows;
using Portal.Features.Flows.Chain;
using Portal.Kubernetes.Objects;
using Portal.Operator.Flows;
using Portal.Operator.FlowSets;

namespace Portal.Features.Health.Overview;

/// <summary>A Flow or FlowSet in a line of the overview. Immutable.</summary>
/// <param name="Verdict">The same as its page gives.</param>
/// <param name="Chain">What it depends on, as it was then.</param>
/// <param name="Revision">Hash of all that its pods read; null before the operator has looked.</param>
/// <param name="Model">As prompts write it; null when the prompts say.</param>
/// <param name="Flows">Names its calls are counted under.</param>
public sealed record FlowRow(
    string Kind, string Namespace, string Name, FlowVerdict Verdict, IReadOnlyList<ChainLink> Chain, int Available, int Replicas, string? Revision, string? Model, DateTimeOffset? CreatedAt,
    IReadOnlyList<string> Flows)
{
    /// <summary>Tells it from all others: <c>Flow/web</c>.</summary>
    public string Key => $"{Kind}/{Name}";

    public Status Status => Verdict.Status;

    public string Sentence => Verdict.Sentence;

    /// <summary>Of a FlowSet why flows of it are not served as they are written, by their names in <see cref="Flows"/>.</summary>
    public IReadOnlyDictionary<string, string> Broken { get; private init; } = new Dictionary<string, string>();

    public string Href => ResourceLinks.To(Kind, Namespace, Name)!;

    public static FlowRow Of(KubeObject item, FlowDirectory directory)
    {
        var chain = ReferenceChain.Of(item, directory);
        var status = item.Json["status"] as JsonObject;
        var set = item as FlowSet;
        return new FlowRow(
            set is null ? Flow.Definition.Kind : FlowSet.Definition.Kind,
            item.Namespace ?? "",
            item.Name,
            FlowVerdict.Of(item, directory.PodsOf(item), chain),
            chain,
            Number(status, "availableReplicas") ?? 0,
            Number(item.Json["spec"] as JsonObject, "replicas") ?? 1,
            status?["contentHash"]?.ToString(),
            item is Flow flow ? directory.ModelOf(flow) : null,
            item.CreationTimestamp,
            set is null ? [item.Name] : [.. FlowDirectory.CountedNames(set)])
        {
            Broken = set is null ? new Dictionary<string, string>() : BrokenIn(item.Name, status?["flows"]),
        };
    }

    private static Dictionary<string, string> BrokenIn(string set, JsonNode? flows) => (flows as JsonArray ?? []).OfType<JsonObject>()
        .Where(flow => flow["ready"]?.GetValueKind() != JsonValueKind.True)
        .DistinctBy(flow => flow["name"]?.ToString()).ToDictionary(flow => $"{set}/{flow["name"]}", flow => flow["message"]?.ToString() ?? "is not ready");

    private static int? Number(JsonObject? json, string member) => json?[member] is JsonValue value && value.TryGetValue(out int number) ? number : null;
}
