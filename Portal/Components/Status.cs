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

/// <summary>Reads the state of an object from its <c>Ready</c> condition.</summary>
public static class ObjectStatus
{
    public static Status Of(KubeObject item) => item.DeletionTimestamp is not null ? Status.Progressing : Of(item.FindCondition("Ready"));

    public static Status Of(Condition? ready) => ready switch
    {
        null => Status.Pending,
        { IsTrue: true } => Status.Ready,
        { Status: "Unknown" } => Status.Unknown,
        { Reason: "Reconciling" or "Updating" } => Status.Progressing,
        { Reason: "MissingDependency" } => Status.Degraded,
        _ => Status.Failed,
    };
}
