using Portal.Auth;

namespace Portal.Features.Audit;

/// <summary>
/// Something that was decided, changed or refused. What is kept of <see cref="Before"/> and <see cref="After"/> are the fields that differ, without
/// secrets and bounded in size.
/// </summary>
/// <param name="Actor">Who did it.</param>
/// <param name="Action">Dotted words, the last a past participle: <c>release.approved</c>, <c>draft.saved</c>, <c>signin.refused</c>.</param>
/// <param name="Kind">Of the object: <c>Prompt</c>, <c>Flow</c>, <c>Release</c>, <c>Token</c>, <c>Session</c>, …</param>
/// <param name="Namespace">Of the object; null when it has none.</param>
/// <param name="Name">Of the object; null when there is none.</param>
/// <param name="Result">How it ended.</param>
/// <param name="Before">The object before; null when there was none or nothing changed.</param>
/// <param name="After">The object after; null when there is none or nothing changed.</param>
/// <param name="Reason">What the actor gave as reason, or why it was refused.</param>
/// <param name="CorrelationId">The same for all that belongs together, such as a release; null takes the current trace.</param>
/// <param name="Address">Of the network, where the actor is; null when it is not known.</param>
public sealed record AuditEntry(
    Actor Actor, string Action, string Kind, string? Namespace, string? Name, AuditResult Result,
    JsonObject? Before = null, JsonObject? After = null, string? Reason = null, string? CorrelationId = null, string? Address = null)
{
    /// <summary>Where it was done.</summary>
    public AuditSource Source { get; init; } = AuditSource.Portal;
}

public enum AuditResult
{
    Succeeded,

    /// <summary>By a rule: no permission, a policy, a check.</summary>
    Refused,

    /// <summary>It was tried, and something else was in the way.</summary>
    Failed,
}

public enum AuditSource
{
    /// <summary>A page.</summary>
    Portal,

    /// <summary>The REST API.</summary>
    Api,

    /// <summary>The cluster, by kubectl or another program there.</summary>
    Kubectl,

    /// <summary>The cluster, by Argo CD, Flux or Helm.</summary>
    Gitops,

    /// <summary>The portal by itself.</summary>
    System,
}
