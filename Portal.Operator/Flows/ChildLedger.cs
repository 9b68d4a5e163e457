using System.Collections.Concurrent;
using Portal.Kubernetes.Objects;
using Portal.Operator.Reconciliation;

namespace Portal.Operator.Flows;

/// <summary>
/// Knows which children are as they should be. What was applied, and who has taken fields over since, is in the objects themselves, so that this is
/// known after a restart too; what is kept here is only what they cannot tell.
/// </summary>
internal sealed class ChildLedger(GenkitInformers informers, TimeProvider timeProvider)
{
    /// <summary>How long a child of a kind that is not watched is taken to be as it was written.</summary>
    private static readonly TimeSpan s_trust = TimeSpan.FromMinutes(10);

    /// <summary>What applying something has led to. Servers write some values in another way (a CPU of 1000m as 1), so the two may differ for good.</summary>
    private readonly ConcurrentDictionary<(string Kind, string? Namespace, string Name), Entry> _entries = new();

    /// <summary>The child, when it needs no write; of a kind that is not watched what is desired.</summary>
    public KubeObject? FindSettled(FlowChild child)
    {
        var desired = AppliedFields.FingerprintOf(child.Desired);
        var entry = _entries.TryGetValue(KeyOf(child.Desired, child.Definition), out var found) && found.Desired == desired ? found : null;
        if (informers.ChildrenOf(child.Definition) is not { } watched)
        {
            return entry is not null && timeProvider.GetElapsedTime(entry.At) < s_trust ? child.Desired : null;
        }

        return watched.Store.Find(child.Desired.Namespace, child.Desired.Name) is { Applied: { } applied } seen
            && (applied == desired || applied == entry?.Actual) && ForeignFiles(child, seen).Count == 0 ? seen : null;
    }

    /// <summary>Files in a ConfigMap that its owner does not have: the runner would serve them.</summary>
    public static IReadOnlyList<string> ForeignFiles(FlowChild child, Child actual) =>
        child.Desired.Json["data"] is JsonObject desired && actual.Json["data"] is JsonObject data
            ? [.. data.Select(file => file.Key).Where(name => !desired.ContainsKey(name))]
            : [];

    /// <summary>Whether the name is known to be free without asking: a store that has seen all up to the owner's version would show what is there;
    /// of a kind that is not watched, a child that was written before.</summary>
    public bool IsFree(FlowChild child, ChildOwner owner) => informers.ChildrenOf(child.Definition) is not { } watched
        ? _entries.ContainsKey(KeyOf(child.Desired, child.Definition))
        : watched.Store.Find(child.Desired.Namespace, child.Desired.Name) is null && watched.HasSeen(child.Desired.Namespace, owner.Object.ResourceVersion);

    /// <summary>Notes what a write has led to, and shows it to all who read the stores.</summary>
    public void Note(FlowChild child, Child written)
    {
        _entries[KeyOf(child.Desired, child.Definition)] = new(AppliedFields.FingerprintOf(child.Desired), written.Applied, timeProvider.GetTimestamp());
        informers.ChildrenOf(child.Definition)?.Observe(written);
    }

    /// <summary>How long ago this process has written the child; null when it has not.</summary>
    public TimeSpan? SinceWritten(FlowChild child) =>
        _entries.TryGetValue(KeyOf(child.Desired, child.Definition), out var entry) ? timeProvider.GetElapsedTime(entry.At) : null;

    /// <summary>Forgets what is no longer there.</summary>
    public void Forget(ResourceDefinition kind, KubeObject deleted) => _entries.TryRemove(KeyOf(deleted, kind), out _);

    private static (string Kind, string? Namespace, string Name) KeyOf(KubeObject child, ResourceDefinition kind) => (kind.Kind, child.Namespace, child.Name);

    private sealed record Entry(UInt128 Desired, UInt128? Actual, long At);
}
