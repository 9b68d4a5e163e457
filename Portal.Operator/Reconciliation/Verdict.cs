using Portal.Kubernetes.Objects;
using Portal.Operator.Admission;
using Portal.Operator.Api;

namespace Portal.Operator.Reconciliation;

/// <summary>Why an object cannot work, as the author will read it.</summary>
/// <param name="Reason">One of <see cref="ConditionReasons"/>.</param>
/// <param name="Message">Names the field or object, and where it helps the fix.</param>
internal sealed record Problem(string Reason, string Message)
{
    /// <summary>The way to what is broken, and what is wrong there: <c>model "m" → secret "s": not found</c>; null when the message says it all.</summary>
    public string? Trail { get; init; }

    /// <summary>Whether it ends by itself, so that nobody has to do anything.</summary>
    public bool Passes => Reason is ConditionReasons.Reconciling or ConditionReasons.Reloading;

    /// <summary>Path of the field that is to blame.</summary>
    public string Field { get; init; } = "spec";

    /// <summary>What to do about it, for messages with room for that; null when the message says so.</summary>
    public string? Fix { get; init; }

    /// <summary>What admission makes of it.</summary>
    public FindingWeight Weight { get; init; } = FindingWeight.Broken;

    /// <summary>Something else has to come first; the object heals when it does.</summary>
    public static Problem Missing(string message, string field = "spec") =>
        new(ConditionReasons.MissingDependency, message) { Field = field, Weight = FindingWeight.Warning };

    /// <summary>An object that is referred to does not exist.</summary>
    public static Problem NotFound(string kind, string name, string field = "spec") =>
        Missing($"{kind} {Names.Quoted(name)} not found", field) with { Trail = $"{kind} {Names.Quoted(name)}: not found" };

    public static Problem Invalid(string message, string field = "spec", string? fix = null) =>
        new(ConditionReasons.InvalidSpec, message) { Field = field, Fix = fix };

    /// <summary>Invalid, and no other version of this API ever made it work.</summary>
    public static Problem Impossible(string message, string field = "spec", string? fix = null) =>
        Invalid(message, field, fix) with { Weight = FindingWeight.Error };

    /// <summary>The spec does not have the shape of the kind: possible only for objects stored before the schema.</summary>
    public static Problem Unreadable(JsonException exception) =>
        Invalid($"spec does not fit the schema at {exception.Path ?? "an unknown place"}");
}

/// <summary>What a reconcile found: the status fields of the kind, and its conditions.</summary>
internal sealed record Verdict<TStatus>(TStatus Status, IReadOnlyList<Condition> Conditions) where TStatus : GenkitStatus;

/// <summary>Makes conditions; the writer adds generation and time.</summary>
internal static class ConditionOf
{
    public static Condition Ready(string message) => True(ConditionTypes.Ready, ConditionReasons.Ready, message);

    public static Condition NotReady(Problem problem) => False(ConditionTypes.Ready, problem.Reason, problem.Message);

    public static Condition True(string type, string reason, string message) =>
        new() { Type = type, Status = "True", Reason = reason, Message = message };

    public static Condition False(string type, string reason, string message) =>
        new() { Type = type, Status = "False", Reason = reason, Message = message };
}
