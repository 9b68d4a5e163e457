using System.Collections.Immutable;

namespace Portal.ApiServer.Storage;

/// <summary>The newest part of the history in memory: watches start from it and lists look back through it without a query. Not thread-safe.</summary>
internal sealed class RecentRevisions(long after)
{
    private const int Capacity = 10_000;

    private readonly Queue<Revision> _revisions = new();

    /// <summary>Every revision after this one is here.</summary>
    public long After { get; private set; } = after;

    public void Add(Revision revision)
    {
        _revisions.Enqueue(revision);
        if (_revisions.Count > Capacity)
        {
            After = _revisions.Dequeue().Number;
        }
    }

    /// <summary>Forgets what is at or before a revision.</summary>
    public void Forget(long mark)
    {
        while (_revisions.TryPeek(out var oldest) && oldest.Number <= mark)
        {
            _revisions.Dequeue();
        }

        After = Math.Max(After, mark);
    }

    /// <summary>What happened to a resource (to all when null) after a revision that is not before <see cref="After"/>.</summary>
    public List<Revision> Since(string? resource, long revision) =>
        [.. _revisions.Where(entry => entry.Number > revision && (resource is null || entry.Object.Key.Resource == resource))];

    /// <summary>The objects of a resource as they were at a revision: takes back, newest first, what happened after it.</summary>
    public ImmutableSortedDictionary<string, StoredObject> Rewind(ImmutableSortedDictionary<string, StoredObject> objects, string resource, long revision)
    {
        var builder = objects.ToBuilder();
        var undo = Since(resource, revision);
        for (var index = undo.Count - 1; index >= 0; index--)
        {
            var path = undo[index].Object.Key.Path;
            if (undo[index].Previous is { } previous)
            {
                builder[path] = previous;
            }
            else
            {
                builder.Remove(path);
            }
        }

        return builder.ToImmutable();
    }
}
