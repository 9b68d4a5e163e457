using Portal.Auth;
using Portal.Features.Releases.Revisions;
using Portal.Tests.Portal.Data;
using Portal.Tests.Shared;

namespace Portal.Tests.Portal.Releases;

public sealed class RevisionStoreTests : IDisposable
{
    private static readonly Actor s_ada = new("a", "Ada", ActorKind.User);
    private readonly TestDatabase _test = new();
    private readonly RevisionStore _store;

    public RevisionStoreTests() => _store = new RevisionStore(_test.Database, new ManualTimeProvider());

    public void Dispose() => _test.Dispose();

    [Fact]
    public async Task Add_SameContentAgain_IsTheSameRevisionUnlessItIsARollback()
    {
        Assert.Equal((1, 2, 2, 3), (await AddAsync("one"), await AddAsync("two"), await AddAsync("two"), await AddAsync("one", rollbackOf: 1)));

        var list = await _store.ListAsync("Prompt", "n", "p", default);
        Assert.Equal([(3, (int?)1, (int?)2), (2, null, 1), (1, null, null)], list.Select(item => (item.Number, item.RollbackOf, item.Base)));
        Assert.Equal("two", (await _store.FindAsync("Prompt", "n", "p", 2, default))!.Content);
        Assert.Equal(3, await _store.NumberOfAsync("Prompt", "n", "p", "one", default));
        Assert.Empty(await _store.ListAsync("Prompt", "n", "other", default));
    }

    [Fact]
    public async Task Observe_WhatOthersWrote_IsARevisionOnceWithItsManagerAndTime()
    {
        var at = new DateTime(2030, 5, 1, 0, 0, 0, DateTimeKind.Utc);
        var changes = 0;
        _store.Changed += (_, _, _) => changes++;

        await _store.ObserveAsync([Seen("one", 1, null, at), Seen("two", 2, null, at), Seen("two", 2, null, at)], default);
        await _store.ObserveAsync([Seen("two", 2, null, at)], default);

        Assert.Equal([(2, "kubectl", at), (1, "kubectl", at)], (await _store.ListAsync("Prompt", "n", "p", default)).Select(item => (item.Number, item.Source, item.CreatedAt)));
        Assert.Equal(2, changes);
    }

    [Fact]
    public async Task Observe_WhatThePortalPublished_IsNoNewRevision()
    {
        await AddAsync("one");
        await AddAsync("asked for, not published yet");

        await _store.ObserveAsync([Seen("one", 1, revision: 1)], default);
        Assert.Equal(2, (await _store.ListAsync("Prompt", "n", "p", default)).Count);

        // The same annotation over another text is somebody's edit.
        await _store.ObserveAsync([Seen("edited", 2, revision: 1)], default);
        Assert.Equal("kubectl", (await _store.ListAsync("Prompt", "n", "p", default))[0].Source);
    }

    private Task<int> AddAsync(string content, int? rollbackOf = null) => _test.Database.WriteAsync(
        async context => (await _store.AddAsync(context, new NewRevision("Prompt", "n", "p", content, s_ada, "why") { RollbackOf = rollbackOf }, default)).Number, default);

    private static SeenState Seen(string content, long generation, int? revision, DateTime at = default) =>
        new("Prompt", "n", "p", content, "kubectl", at == default ? DateTime.UnixEpoch : at, "uid", generation, revision);

    [Fact]
    public async Task Observe_SpecThatTheServerCompleted_IsThePublishedRevisionUntilSomebodyElseWrites()
    {
        var store = new RevisionStore(_test.Database, TimeProvider.System);
        await _test.Database.WriteAsync(
            context => store.AddAsync(context, new NewRevision("Model", "n", "m", """{"model":"a"}""", new Actor("test:ada", "Ada", ActorKind.User), "First"), default), default);
        SeenState Seen(string content, string manager, long generation) => new("Model", "n", "m", content, manager, DateTime.UnixEpoch, "u", generation, 1);

        await store.ObserveAsync([Seen("""{"model":"a","provider":"demo"}""", "genkit-portal", 1)], default);
        Assert.Equal([1], (await store.ListAsync("Model", "n", "m", default)).Select(revision => revision.Number));

        await store.ObserveAsync([Seen("""{"model":"b","provider":"demo"}""", "kubectl-edit", 2)], default);
        Assert.Equal([(2, "kubectl-edit"), (1, "portal")], (await store.ListAsync("Model", "n", "m", default)).Select(revision => (revision.Number, revision.Source)));
    }
}
