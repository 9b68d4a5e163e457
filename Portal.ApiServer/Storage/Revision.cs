namespace Portal.ApiServer.Storage;

internal enum RevisionOperation
{
    Added = 1,
    Modified = 2,
    Deleted = 3,
}

/// <summary>One entry of the history.</summary>
/// <param name="Operation">What happened.</param>
/// <param name="Object">The new state; for a deletion the last state, stamped with the deletion's revision.</param>
/// <param name="Previous">The state before, or null for a creation.</param>
internal sealed record Revision(RevisionOperation Operation, StoredObject Object, StoredObject? Previous)
{
    public long Number => Object.Revision;
}

/// <summary>The objects of one resource at one revision: a consistent, immutable snapshot in key order.</summary>
internal sealed record ResourceSnapshot(long Revision, IEnumerable<StoredObject> Objects);

/// <summary>The asked-for history has been compacted away, or was never this server's.</summary>
internal sealed class HistoryExpiredException(long requested, long oldest) : Exception($"too old resource version: {requested} ({oldest})");
