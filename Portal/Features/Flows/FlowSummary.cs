using System.Diagnostics.CodeAnalysis;
using Portal.Components;
using Portal.Features.Flows.Chain;
using Portal.Kubernetes.Objects;
using Portal.Operator.Flows;

namespace Portal.Features.Flows;

/// <summary>A flow in a line, as lists and the REST API show it.</summary>
public record FlowSummary
{
    public required string Namespace { get; init; }
    public required string Name { get; init; }

    public required Status Status { get; init; }

    /// <summary>The status in a sentence.</summary>
    public required string Message { get; init; }

    /// <summary>The one thing to do; null when nothing has to be done, or nothing is known.</summary>
    public Fix? Fix { get; init; }

    /// <summary>The operator's phase; null before it looked.</summary>
    public string? Phase { get; init; }
    public required int Replicas { get; init; }
    public required int AvailableReplicas { get; init; }

    /// <summary>Hash of all the pods read: the revision.</summary>
    public string? ContentHash { get; init; }
    public string? Model { get; init; }

    /// <summary>Names of the prompts served; the first is the entry.</summary>
    public required IReadOnlyList<string> Prompts { get; init; }
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>Path to call it at with POST, below the portal's address.</summary>
    public required string Endpoint { get; init; }

    public static FlowSummary Of(Flow flow, FlowDirectory directory)
    {
        var verdict = FlowVerdict.Of(flow, directory);
        var status = StatusOf(flow);
        return new FlowSummary
        {
            Namespace = flow.Namespace ?? "",
            Name = flow.Name,
            Status = verdict.Status,
            Message = verdict.Sentence,
            Fix = verdict.Fix,
            Phase = status.Phase?.ToString(),
            Replicas = FlowDirectory.SpecOf(flow)?.Replicas ?? 1,
            AvailableReplicas = status.AvailableReplicas ?? 0,
            ContentHash = status.ContentHash,
            Model = directory.ModelOf(flow),
            Prompts = [.. directory.PromptsOf(flow).Select(prompt => prompt.Name)],
            CreatedAt = flow.CreationTimestamp,
            Endpoint = PathOf(flow.Namespace ?? "", flow.Name),
        };
    }

    public static string PathOf(string @namespace, string name) => $"/flows/{Uri.EscapeDataString(@namespace)}/{Uri.EscapeDataString(name)}";

    private static FlowStatus StatusOf(Flow flow)
    {
        try
        {
            return flow.Status;
        }
        catch (JsonException)
        {
            return new FlowStatus();
        }
    }
}

/// <summary>A flow with what is known about its parts.</summary>
public sealed record FlowDetail : FlowSummary
{
    [SetsRequiredMembers]
    public FlowDetail(FlowSummary summary, IReadOnlyList<Condition> conditions, IReadOnlyList<ChainLink> chain, IReadOnlyList<PodSummary> pods)
        : base(summary) => (Conditions, Chain, Pods) = (conditions, chain, pods);

    public IReadOnlyList<Condition> Conditions { get; }
    public IReadOnlyList<ChainLink> Chain { get; }
    public IReadOnlyList<PodSummary> Pods { get; }
}
