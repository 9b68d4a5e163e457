using Portal.ApiServer.Storage;

namespace Portal.Tests.ApiServer.Storage;

/// <summary>One suite for both storages: a file and memory.</summary>
public abstract class RevisionLogTests : IDisposable
{
    private const string Resource = "/configmaps";

    private readonly RevisionLog _log;

    protected RevisionLogTests(string? path) => _log = RevisionLog.Open(path, TimeProvider.System);

    public void Dispose()
    {
        _log.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Create_OfATakenKey_ReturnsNull()
    {
        await CreateAsync("a");

        Assert.Null(await _log.CreateAsync(Key("a"), Json("a", "2")));
    }

    [Fact]
    public async Task Create_Always_StampsTheNextRevision()
    {
        var first = await CreateAsync("a");
        var second = await CreateAsync("b");

        Assert.Equal(first.Revision + 1, second.Revision);
        Assert.Equal(second.Revision.ToString(), (string?)second.Json["metadata"]!["resourceVersion"]);
        Assert.Equal(second.Revision, _log.Revision);
    }

    [Fact]
    public async Task Update_OfAnOldState_ReturnsNullAndChangesNothing()
    {
        var first = await CreateAsync("a");
        var second = (await _log.UpdateAsync(first, Json("a", "2")))!;

        Assert.Null(await _log.UpdateAsync(first, Json("a", "3")));
        Assert.Same(second, _log.Find(Key("a")));
    }

    [Fact]
    public async Task Update_ByManyAtOnce_LosesNone()
    {
        await CreateAsync("a");
        await Parallel.ForAsync(0, 50, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (_, _) =>
        {
            StoredObject? stored;
            do
            {
                var current = _log.Find(Key("a"))!;
                var next = current.Copy();
                next["data"]!["n"] = (int.Parse((string)next["data"]!["n"]!) + 1).ToString();
                stored = await _log.UpdateAsync(current, next);
            }
            while (stored is null);
        });

        Assert.Equal("51", (string?)_log.Find(Key("a"))!.Json["data"]!["n"]);
    }

    [Fact]
    public async Task Delete_Always_AppendsATombstoneWithANewRevision()
    {
        var created = await CreateAsync("a");
        var deleted = (await _log.DeleteAsync(created, created.Copy()))!;

        Assert.Equal(created.Revision + 1, deleted.Revision);
        Assert.Null(_log.Find(Key("a")));
        Assert.Empty(_log.Snapshot(Resource).Objects);
        Assert.NotNull(await _log.CreateAsync(Key("a"), Json("a", "1")));
    }

    [Fact]
    public async Task Snapshot_OfTwoNamespaces_IsInKeyOrder()
    {
        await _log.CreateAsync(new ObjectKey(Resource, "b", "x"), Json("x", "1"));
        await _log.CreateAsync(new ObjectKey(Resource, "a", "z"), Json("z", "1"));
        await _log.CreateAsync(new ObjectKey(Resource, "a", "y"), Json("y", "1"));

        Assert.Equal(["a/y", "a/z", "b/x"], _log.Snapshot(Resource).Objects.Select(stored => stored.Key.Path));
        Assert.Equal(["a/y", "a/z"], _log.Snapshot(Resource, "a").Objects.Select(stored => stored.Key.Path));
    }

    [Fact]
    public async Task SnapshotAt_AnEarlierRevision_ShowsThatState()
    {
        var first = await CreateAsync("a");
        await _log.UpdateAsync(first, Json("a", "2"));
        var other = await CreateAsync("b");
        await _log.DeleteAsync(other, other.Copy());

        Assert.Equal("1", (string?)Assert.Single(_log.SnapshotAt(Resource, null, first.Revision).Objects).Json["data"]!["n"]);
        Assert.Equal(["ns/a", "ns/b"], _log.SnapshotAt(Resource, null, other.Revision).Objects.Select(stored => stored.Key.Path));
    }

    [Fact]
    public async Task WatchFrom_ARevision_ReplaysAndGoesOnWithoutGap()
    {
        var first = await CreateAsync("a");
        var second = (await _log.UpdateAsync(first, Json("a", "2")))!;
        var (backlog, next) = _log.WatchFrom(Resource, first.Revision);
        using var subscription = next;
        var third = (await _log.UpdateAsync(second, Json("a", "3")))!;
        await CreateAsync("other", "/secrets");

        Assert.Equal(second.Revision, Assert.Single(backlog).Number);
        Assert.Equal("1", (string?)backlog[0].Previous!.Json["data"]!["n"]);
        Assert.True(subscription.Reader.TryRead(out var live));
        Assert.Equal(third.Revision, live.Number);
        Assert.False(subscription.Reader.TryRead(out _));
    }

    [Fact]
    public async Task WatchFrom_ManyWriters_SeesRevisionsInOrder()
    {
        var (_, next) = _log.WatchFrom(Resource, _log.Revision);
        using var subscription = next;
        await Parallel.ForAsync(0, 200, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (index, _) => await CreateAsync($"o{index}"));

        var seen = new List<long>();
        while (subscription.Reader.TryRead(out var revision))
        {
            seen.Add(revision.Number);
        }

        Assert.Equal(200, seen.Count);
        Assert.Equal(seen.Order(), seen);
    }

    [Fact]
    public async Task Subscriber_ThatReadsBack_FindsTheChangeItHeardOf()
    {
        const int Writes = 500;
        var (_, subscription) = _log.WatchFrom(null, 0);
        var reader = Task.Run(async () =>
        {
            var stale = 0;
            for (var seen = 0; seen < Writes; seen++)
            {
                var revision = await subscription.Reader.ReadAsync();
                stale += _log.Find(Key("a"))!.Revision < revision.Number || _log.Revision < revision.Number ? 1 : 0;
            }

            return stale;
        });

        var stored = await CreateAsync("a");
        for (var write = 1; write < Writes; write++)
        {
            stored = (await _log.UpdateAsync(stored, Json("a", write.ToString(System.Globalization.CultureInfo.InvariantCulture))))!;
        }

        Assert.Equal(0, await reader);
    }

    [Fact]
    public async Task Subscription_ThatFallsBehind_IsEnded()
    {
        using var slow = _log.Hub.Subscribe(Resource, capacity: 2);
        await CreateAsync("a");
        await CreateAsync("b");
        await CreateAsync("c");

        Assert.Equal(2, await slow.Reader.ReadAllAsync().CountAsync());
    }

    [Fact]
    public async Task Compact_UpToARevision_ExpiresOnlyOlderHistory()
    {
        var first = await CreateAsync("a");
        var second = (await _log.UpdateAsync(first, Json("a", "2")))!;
        var third = (await _log.UpdateAsync(second, Json("a", "3")))!;
        _log.Compact(second.Revision);

        Assert.Throws<HistoryExpiredException>(() => _log.SnapshotAt(Resource, null, first.Revision));
        Assert.Throws<HistoryExpiredException>(() => _log.WatchFrom(Resource, first.Revision));
        Assert.Equal("2", (string?)Assert.Single(_log.SnapshotAt(Resource, null, second.Revision).Objects).Json["data"]!["n"]);
        Assert.Equal(third.Revision, Assert.Single(_log.WatchFrom(Resource, second.Revision).Backlog).Number);
    }

    [Fact]
    public async Task Compact_OfEverything_KeepsLiveObjects()
    {
        var kept = await CreateAsync("kept");
        var gone = await CreateAsync("gone");
        await _log.DeleteAsync(gone, gone.Copy());
        _log.Compact(_log.Revision);

        Assert.Equal(kept.Revision, _log.Find(Key("kept"))!.Revision);
        Assert.Single(_log.SnapshotAt(Resource, null, _log.Revision).Objects);
        Assert.NotNull(await _log.CreateAsync(Key("gone"), Json("gone", "1")));
    }

    [Fact]
    public async Task Dependents_OfAnOwner_FollowTheReferences()
    {
        var json = Json("child", "1");
        json["metadata"]!["ownerReferences"] = new JsonArray(new JsonObject { ["uid"] = "owner-uid" });
        var child = (await _log.CreateAsync(Key("child"), json))!;

        Assert.Equal(Key("child"), Assert.Single(_log.Dependents("owner-uid")));
        await _log.UpdateAsync(child, Json("child", "2"));
        Assert.Empty(_log.Dependents("owner-uid"));
    }

    private static ObjectKey Key(string name, string resource = Resource) => new(resource, "ns", name);

    private async Task<StoredObject> CreateAsync(string name, string resource = Resource) => (await _log.CreateAsync(Key(name, resource), Json(name, "1")))!;

    internal static JsonObject Json(string name, string value) => new()
    {
        ["metadata"] = new JsonObject { ["name"] = name, ["uid"] = $"uid-{name}" },
        ["data"] = new JsonObject { ["n"] = value },
    };
}

public sealed class RevisionLogInMemoryTests() : RevisionLogTests(null);

public sealed class RevisionLogInFileTests() : RevisionLogTests(Path.Combine(Directory.CreateTempSubdirectory("revision-log-").FullName, "cluster.db"));
