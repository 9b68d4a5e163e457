using Portal.ApiServer.Storage;
using Portal.Tests.Shared;

namespace Portal.Tests.ApiServer.Storage;

/// <summary>Backups that are put back, and what a long life leaves behind.</summary>
public sealed class HistoryTests : IDisposable
{
    private const string Resource = "/configmaps";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("history-");

    private string DatabasePath => Path.Combine(_directory.FullName, "cluster.db");

    private string BackupPath => Path.Combine(_directory.FullName, "backup.db");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task WatchFrom_ARevisionOfALostHistory_IsExpired_EvenWhenNewWritesWentPastIt()
    {
        long kept, lost;
        using (var log = RevisionLog.Open(DatabasePath, TimeProvider.System))
        {
            kept = (await CreateAsync(log, "kept")).Revision;
        }

        Copy(DatabasePath, BackupPath);
        using (var log = RevisionLog.Open(DatabasePath, TimeProvider.System))
        {
            lost = (await CreateAsync(log, "lost")).Revision;
        }

        using var restored = RevisionLog.Open(BackupPath, TimeProvider.System);
        Assert.Throws<HistoryExpiredException>(() => restored.WatchFrom(Resource, lost));
        for (var index = 0; index < 10; index++)
        {
            await CreateAsync(restored, $"new-{index}");
        }

        Assert.Throws<HistoryExpiredException>(() => restored.WatchFrom(Resource, lost));
        Assert.Throws<HistoryExpiredException>(() => restored.SnapshotAt(Resource, null, lost));
        Assert.Equal(10, restored.WatchFrom(Resource, kept).Backlog.Count);
    }

    [Fact]
    public async Task WatchFrom_TheLastRevisionBeforeARestart_GoesOnWithoutAGap()
    {
        long last;
        using (var log = RevisionLog.Open(DatabasePath, TimeProvider.System))
        {
            last = (await CreateAsync(log, "a")).Revision;
        }

        for (var restart = 0; restart < 3; restart++)
        {
            using var log = RevisionLog.Open(DatabasePath, TimeProvider.System);
            Assert.Equal(last, log.Revision);
            var (backlog, next) = log.WatchFrom(Resource, last);
            using (next)
            {
                Assert.Empty(backlog);
                var written = await CreateAsync(log, $"b{restart}");
                Assert.True(next.Reader.TryRead(out var live));
                Assert.Equal(written.Revision, live.Number);
                last = written.Revision;
            }
        }
    }

    [Fact]
    public async Task CompactKeeping_AfterARestart_CountsRevisionsAndNotTheirNumbers()
    {
        using (var log = RevisionLog.Open(DatabasePath, TimeProvider.System))
        {
            for (var index = 0; index < 5; index++)
            {
                await CreateAsync(log, $"a{index}");
            }
        }

        using var restarted = RevisionLog.Open(DatabasePath, TimeProvider.System);
        await CreateAsync(restarted, "b");
        restarted.CompactKeeping(10);
        Assert.Equal(0, restarted.CompactedRevision);
        restarted.CompactKeeping(3);

        Assert.Equal(["a3", "a4", "b"], restarted.WatchFrom(Resource, restarted.CompactedRevision).Backlog.Select(revision => revision.Object.Key.Name));
    }

    /// <summary>Many updates of few objects, with compaction as often as the server does it: the database must not grow with the number of updates.</summary>
    [Fact]
    public async Task ADayOfStatusUpdates_LeavesASmallDatabase()
    {
        const int Objects = 32;
        var (updates, kept) = TestMode.IsLong ? (200_000, 10_000) : (12_000, 640);
        long pages = 0, pageSize = 0;
        using var log = RevisionLog.Open(null, TimeProvider.System, (connection, step) =>
        {
            if (step == "committed")
            {
                pages = Math.Max(pages, Pragma(connection, "page_count"));
                pageSize = Pragma(connection, "page_size");
            }
        });
        var text = new string('x', 1_000);
        for (var round = 0; round < updates / kept; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, Objects).Select(async index =>
            {
                for (var count = 0; count < kept / Objects; count++)
                {
                    var key = new ObjectKey(Resource, "ns", $"o{index}");
                    var json = RevisionLogTests.Json(key.Name, $"{round}-{count}-{text}");
                    Assert.NotNull(log.Find(key) is { } stored ? await log.UpdateAsync(stored, json) : await log.CreateAsync(key, json));
                }
            }));
            log.CompactKeeping(kept);
        }

        // Twice what is kept (compaction comes once a round), a page's overhead on each, and the objects.
        var bound = 2L * (kept + Objects) * (text.Length + 600);
        Assert.True(pages * pageSize < bound, $"{pages * pageSize:N0} bytes, expected less than {bound:N0}; written {(long)updates * text.Length:N0}");
        Assert.Equal(Objects, log.Snapshot(Resource).Objects.Count());
    }

    private static long Pragma(Microsoft.Data.Sqlite.SqliteConnection connection, string name)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"PRAGMA {name}";
        return (long)command.ExecuteScalar()!;
    }

    private static void Copy(string from, string to)
    {
        File.Copy(from, to);
        File.Copy(from + ".key", to + ".key");
    }

    private static async Task<StoredObject> CreateAsync(RevisionLog log, string name) =>
        (await log.CreateAsync(new ObjectKey(Resource, "ns", name), RevisionLogTests.Json(name, "1")))!;
}
