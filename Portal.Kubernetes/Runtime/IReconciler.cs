using Portal.Kubernetes.Objects;

namespace Portal.Kubernetes.Runtime;

/// <summary>Brings the world in line with one object. Gets a key, never an event. Throwing retries with back-off;
/// <see cref="TerminalException"/> stops until the object changes.</summary>
public interface IReconciler
{
    Task<ReconcileResult> ReconcileAsync(ResourceRef key, CancellationToken cancellationToken);
}

/// <summary>When to look again: never until something changes, or after a time.</summary>
public readonly record struct ReconcileResult(TimeSpan? RequeueAfter)
{
    public static ReconcileResult Done => default;

    public static ReconcileResult After(TimeSpan delay) => new(delay);
}

/// <summary>A failure no retry can mend; the next change of the object tries again.</summary>
public sealed class TerminalException(string message, Exception? inner = null) : Exception(message, inner);
