using Portal.Kubernetes.Objects;

namespace Portal.Components;

/// <summary>The one vocabulary of states, on every page.</summary>
public enum Status
{
    Unknown,
    Ready,
    Progressing,
    Degraded,
    Failed,
    Paused,
    Drifted,
    Draft,
    Pending,
}

/// <summary>Reads the state of an object from its conditions.</summary>
public static class ObjectStatus
{
    /// <summary>As <c>Ready</c> says, but never better than Degraded while <c>Degraded</c> is true.</summary>
    public static Status Of(KubeObject item)
    {
        if (item.DeletionTimestamp is not null)
        {
            return Status.Progressing;
        }

        var conditions = item.Conditions;
        var status = Of(Find(conditions, "Ready"));
        return status is Status.Ready or Status.Progressing && (Find(conditions, "Degraded") is { IsTrue: true } || IsInvalid(Find(conditions, "Valid"))) ? Status.Degraded : status;
    }

    public static Status Of(Condition? ready) => ready switch
    {
        null => Status.Pending,
        { IsTrue: true } => Status.Ready,
        { Status: "Unknown" } => Status.Unknown,
        { Reason: "Reconciling" or "Updating" or "Reloading" } => Status.Progressing,
        { Reason: "Paused" } => Status.Paused,
        { Reason: "MissingDependency" or "PodsFailing" } => Status.Degraded,
        _ => Status.Failed,
    };

    /// <summary>The deepest cause that the conditions tell of an object that is not Ready, or Degraded although it is; null when they tell none.</summary>
    public static string? WhyNot(KubeObject item)
    {
        var conditions = item.Conditions;
        return Find(conditions, "Degraded") is { IsTrue: true, Message.Length: > 0 } degraded ? degraded.Message
            : Find(conditions, "Ready") is { IsTrue: false, Message.Length: > 0 } ready ? ready.Message
            : Find(conditions, "Valid") is { Message.Length: > 0 } valid && IsInvalid(valid) ? valid.Message : null;
    }

    /// <summary>A document with errors: its object is Ready for those who only read it, and no call of it works.</summary>
    private static bool IsInvalid(Condition? valid) => valid is { Status: "False", Reason: "InvalidDocument" };

    private static Condition? Find(IReadOnlyList<Condition> conditions, string type) => conditions.FirstOrDefault(condition => condition.Type == type);
}
