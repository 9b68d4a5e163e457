using Microsoft.EntityFrameworkCore;
using Portal.Auth;
using Portal.Data;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;
using Portal.Operator.Prompts;

namespace Portal.Features.Releases.Revisions;

/// <summary>A revision in a list: everything but its content.</summary>
public sealed record RevisionEntry
{
    public required int Number { get; init; }
    public required string Hash { get; init; }
    public required string Author { get; init; }
    public required string Message { get; init; }

    /// <summary><c>portal</c>, or the field manager that wrote it into the cluster.</summary>
    public required string Source { get; init; }

    public required DateTime CreatedAt { get; init; }
    public int? Base { get; init; }
    public int? RollbackOf { get; init; }
}

/// <summary>What becomes a revision.</summary>
public sealed record NewRevision(string Kind, string Namespace, string Name, string Content, Actor Author, string Message)
{
    public int? Base { get; init; }
    public int? RollbackOf { get; init; }

    /// <summary>The revision the object in the cluster says it is, whose number must not be given again; null when it says none.</summary>
    public int? After { get; init; }
}

/// <summary>A content that is in the cluster.</summary>
/// <param name="Manager">The field manager that wrote it.</param>
/// <param name="At">When, in UTC.</param>
/// <param name="Revision">The revision the object says it is; null when it says none.</param>
public sealed record SeenState(string Kind, string Namespace, string Name, string Content, string Manager, DateTime At, string Uid, long Generation, int? Revision);

/// <summary>The numbered states of each object, oldest 1. They are only ever added to.</summary>
public sealed class RevisionStore(PortalDatabase database, TimeProvider clock)
{
    /// <summary>A number further ahead than this was not given by a portal.</summary>
    private const int MostAhead = 100_000;

    /// <summary>Raised after a revision was added, with kind, namespace and name; on any thread.</summary>
    public event Action<string, string, string>? Changed;

    /// <summary>Another portal added a revision.</summary>
    internal void Hear(string kind, string @namespace, string name) => Changed?.Invoke(kind, @namespace, name);

    /// <summary>Newest first.</summary>
    public async Task<IReadOnlyList<RevisionEntry>> ListAsync(string kind, string @namespace, string name, CancellationToken cancellationToken) =>
        await database.ReadAsync(context => Of(context, kind, @namespace, name).OrderByDescending(revision => revision.Number)
            .Select(revision => new RevisionEntry
            {
                Number = revision.Number,
                Hash = revision.Hash,
                Author = revision.AuthorName,
                Message = revision.Message,
                Source = revision.Source,
                CreatedAt = revision.CreatedAt,
                Base = revision.Base,
                RollbackOf = revision.RollbackOf,
            })
            .ToListAsync(cancellationToken));

    public Task<Revision?> FindAsync(string kind, string @namespace, string name, int number, CancellationToken cancellationToken) =>
        database.ReadAsync(context => Of(context, kind, @namespace, name).FirstOrDefaultAsync(revision => revision.Number == number, cancellationToken));

    /// <summary>The newest revision with a content.</summary>
    public Task<int?> NumberOfAsync(string kind, string @namespace, string name, string content, CancellationToken cancellationToken)
    {
        var hash = ReleaseKinds.HashOf(content);
        return database.ReadAsync(context => Of(context, kind, @namespace, name).Where(revision => revision.Hash == hash)
            .MaxAsync(revision => (int?)revision.Number, cancellationToken));
    }

    /// <summary>The newest revision that an object in the cluster is, be it with what the server filled in; null when it is none.</summary>
    public async Task<int?> NumberOfAsync(KubeObject live, CancellationToken cancellationToken)
    {
        var (kind, @namespace, name) = (live.Kind, live.Namespace ?? "", live.Name);
        return await NumberOfAsync(kind, @namespace, name, ReleaseKinds.ContentOf(live), cancellationToken)
            ?? (ReleaseAnnotations.RevisionOf(live) is { } said && await FindAsync(kind, @namespace, name, said, cancellationToken) is { } revision
                && LiveContent.Beside(live, revision.Content) == revision.Content ? said : null);
    }

    /// <summary>The number of the newest revision, within the caller's transaction; null when there is none.</summary>
    public static Task<int?> NewestAsync(PortalDbContext context, string kind, string @namespace, string name, CancellationToken cancellationToken) =>
        Of(context, kind, @namespace, name).MaxAsync(revision => (int?)revision.Number, cancellationToken);

    /// <summary>The newest revision with a content of this hash.</summary>
    public Task<Revision?> FindByHashAsync(string kind, string @namespace, string name, string hash, CancellationToken cancellationToken) =>
        database.ReadAsync(context => Of(context, kind, @namespace, name).Where(revision => revision.Hash == hash)
            .OrderByDescending(revision => revision.Number).FirstOrDefaultAsync(cancellationToken));

    /// <summary>
    /// Adds within the caller's transaction. A content that is the newest revision already is that revision, unless it is a rollback, which is always
    /// one of its own.
    /// </summary>
    public async Task<Revision> AddAsync(PortalDbContext context, NewRevision item, CancellationToken cancellationToken)
    {
        var newest = await Of(context, item.Kind, item.Namespace, item.Name).OrderByDescending(revision => revision.Number).FirstOrDefaultAsync(cancellationToken);
        var hash = ReleaseKinds.HashOf(item.Content);
        return newest?.Hash == hash && item.RollbackOf is null
            ? newest
            : Add(context, newest?.Number, hash, item, Revision.PortalSource, clock.GetUtcNow().UtcDateTime, null, null);
    }

    /// <summary>Records states that were seen in the cluster, in the order they were seen; those the portal wrote or knows already are left out.</summary>
    public async Task ObserveAsync(IReadOnlyList<SeenState> states, CancellationToken cancellationToken)
    {
        // After a start nearly all of them are known: they are read without keeping writers out.
        var unknown = await database.ReadAsync(async context =>
        {
            var found = new List<SeenState>();
            foreach (var state in states)
            {
                if ((await LookAsync(context, state, cancellationToken)).IsNew)
                {
                    found.Add(state);
                }
            }

            return found;
        });
        if (unknown.Count == 0)
        {
            return;
        }

        await database.WriteAsync(
            async context =>
            {
                foreach (var state in unknown)
                {
                    var (isNew, newest) = await LookAsync(context, state, cancellationToken);
                    if (isNew)
                    {
                        var item = new NewRevision(
                            state.Kind, state.Namespace, state.Name, state.Content, new Actor($"cluster:{state.Manager}", state.Manager, ActorKind.System), WordsFor(state, newest))
                        { After = LostNumber(state, newest) - 1 };
                        Add(context, newest, ReleaseKinds.HashOf(state.Content), item, state.Manager, state.At, state.Uid, state.Generation);
                        await context.SaveChangesAsync(cancellationToken);
                    }
                }
            },
            cancellationToken);
    }

    /// <summary>The number of a revision that a portal published and this database does not know.</summary>
    private static int? LostNumber(SeenState state, int? newest) =>
        state.Manager == FieldManager.Portal.Name && state.Revision > (newest ?? 0) ? Plausible(state.Revision, newest) : null;

    private static string WordsFor(SeenState state, int? newest) => (newest, state.Manager == FieldManager.Portal.Name) switch
    {
        (not null, true) when LostNumber(state, newest) is not null => "Found in the cluster: published by a release that this database does not know",
        (null, true) => "As the portal found it",
        (null, _) => $"Found in the cluster, written by {state.Manager}",
        _ => $"Changed in the cluster by {state.Manager}",
    };

    private static async Task<(bool IsNew, int? Newest)> LookAsync(PortalDbContext context, SeenState state, CancellationToken cancellationToken)
    {
        var hash = ReleaseKinds.HashOf(state.Content);
        var known = Of(context, state.Kind, state.Namespace, state.Name);
        var newest = await known.OrderByDescending(revision => revision.Number).Select(revision => new { revision.Number, revision.Hash }).FirstOrDefaultAsync(cancellationToken);
        var isKnown = newest is not null && (newest.Hash == hash || await known.AnyAsync(
            revision => (revision.Number == state.Revision && (revision.Hash == hash || IsCompleted(state))) || (revision.Uid == state.Uid && revision.Generation == state.Generation),
            cancellationToken));
        return (!isKnown, newest?.Number);
    }

    /// <summary>Whether it can be what the portal published, with what the server fills in: a prompt's text it leaves alone.</summary>
    private static bool IsCompleted(SeenState state) => state.Kind != Prompt.Definition.Kind && state.Manager == FieldManager.Portal.Name;

    private Revision Add(PortalDbContext context, int? newest, string hash, NewRevision item, string source, DateTime at, string? uid, long? generation)
    {
        var revision = new Revision
        {
            Kind = item.Kind,
            Namespace = item.Namespace,
            Name = item.Name,
            // After a restore of yesterday's backup the cluster may know higher numbers than this database.
            Number = Math.Max(newest ?? 0, Plausible(item.After, newest) ?? 0) + 1,
            Content = item.Content,
            Hash = hash,
            AuthorId = item.Author.Id,
            AuthorName = item.Author.Name,
            Message = item.Message,
            Source = source,
            CreatedAt = at,
            Base = item.Base ?? newest,
            RollbackOf = item.RollbackOf,
            Uid = uid,
            Generation = generation,
        };
        context.Revisions.Add(revision);
        context.AfterCommit(() => Changed?.Invoke(item.Kind, item.Namespace, item.Name));
        context.Tell(PortalTopics.Revisions, $"{item.Kind}/{item.Namespace}/{item.Name}");
        return revision;
    }

    private static int? Plausible(int? number, int? newest) => number - (newest ?? 0) <= MostAhead ? number : null;

    private static IQueryable<Revision> Of(PortalDbContext context, string kind, string @namespace, string name) =>
        context.Revisions.Where(revision => revision.Kind == kind && revision.Namespace == @namespace && revision.Name == name);
}
