using Portal.ApiServer.Storage;
using Portal.Tests.Shared;

namespace Portal.Tests.ApiServer.Storage;

/// <summary>
/// The files as they are at any statement are what <c>kill -9</c> there leaves behind. From every such copy the log must come back as a prefix of
/// its history with every acknowledged write.
/// </summary>
public sealed class CrashTests : IDisposable
{
    private static readonly int s_writesPerWriter = TestMode.IsLong ? 200 : 40;
    private static readonly string[] s_resources = ["/configmaps", "/secrets"];

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("crash-");
    private readonly List<Files> _copies = [];
    private long _acknowledged;

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task FilesAtAnyStatement_HoldAPrefixOfTheHistoryWithEveryAcknowledgedWrite()
    {
        var history = new List<Revision>();
        using (var log = RevisionLog.Open(DatabasePath, TimeProvider.System, (_, _) => Copy()))
        {
            using var all = log.Hub.Subscribe(null, capacity: 100_000);
            await Task.WhenAll(Enumerable.Range(0, 4).Select(writer => Task.Run(() => WriteAsync(log, writer))));
            while (all.Reader.TryRead(out var revision))
            {
                history.Add(revision);
            }
        }

        Assert.True(_copies.Count > 200, $"only {_copies.Count} points");
        var step = TestMode.IsLong ? 1 : Math.Max(1, _copies.Count / 150);
        for (var index = 0; index < _copies.Count; index += step)
        {
            Check(_copies[index], history);
        }
    }

    private string DatabasePath => Path.Combine(_directory.FullName, "cluster.db");

    /// <summary>Creates, changes and deletes a few objects, and compacts now and then.</summary>
    private async Task WriteAsync(RevisionLog log, int writer)
    {
        var random = new Random(writer);
        for (var count = 0; count < s_writesPerWriter; count++)
        {
            var key = new ObjectKey(s_resources[random.Next(2)], "ns", $"o{random.Next(6)}");
            var json = RevisionLogTests.Json(key.Name, $"{writer}-{count}-{new string('x', random.Next(3_000))}");
            var written = log.Find(key) switch
            {
                null => await log.CreateAsync(key, json),
                var stored when random.Next(4) == 0 => await log.DeleteAsync(stored, stored.Copy()),
                var stored => await log.UpdateAsync(stored, json),
            };
            lock (_copies)
            {
                _acknowledged = Math.Max(_acknowledged, written?.Revision ?? 0);
            }

            if (count % 20 == 19)
            {
                log.Compact(log.Revision - 10);
            }
        }
    }

    private void Copy()
    {
        lock (_copies)
        {
            _copies.Add(new Files(Read(DatabasePath), Read(DatabasePath + "-wal"), _acknowledged));
        }
    }

    private static byte[] Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }

    private void Check(Files files, List<Revision> history)
    {
        var path = Path.Combine(_directory.FullName, "crashed.db");
        File.WriteAllBytes(path, files.Database);
        File.WriteAllBytes(path + "-wal", files.Log);
        File.Copy(DatabasePath + ".key", path + ".key", overwrite: true);
        using var log = RevisionLog.Open(path, TimeProvider.System);
        var last = log.Revision;
        Assert.True(last >= files.Acknowledged, $"acknowledged {files.Acknowledged}, found {last}");

        var expected = StorageState.Load(0, []);
        foreach (var revision in history.TakeWhile(revision => revision.Number <= last))
        {
            expected = expected.With(revision);
        }

        Assert.Equal(last, expected.Revision);
        foreach (var resource in s_resources)
        {
            Assert.Equal(expected.Objects(resource).Values.Select(Describe), log.Snapshot(resource).Objects.Select(Describe));
        }

        var mark = log.CompactedRevision;
        Assert.Equal(
            history.Where(revision => revision.Number > mark && revision.Number <= last).Select(revision => $"{revision.Operation} {Describe(revision.Object)}"),
            log.WatchFrom(null, mark).Backlog.Select(revision => $"{revision.Operation} {Describe(revision.Object)}"));
    }

    /// <summary>What the disk held at one moment, and the newest revision that was acknowledged by then.</summary>
    private sealed record Files(byte[] Database, byte[] Log, long Acknowledged);

    private static string Describe(StoredObject stored) => $"{stored.Key} {stored.Revision} {System.Text.Encoding.UTF8.GetString(stored.Utf8)}";
}
