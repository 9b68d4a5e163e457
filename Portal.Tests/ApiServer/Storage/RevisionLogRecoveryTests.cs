using System.Text;
using Portal.ApiServer.Storage;

namespace Portal.Tests.ApiServer.Storage;

public sealed class RevisionLogRecoveryTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("revision-log-");

    private string DatabasePath => Path.Combine(_directory.FullName, "cluster.db");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task Open_NewDatabase_IsReadableByItsOwnerOnly()
    {
        using var log = RevisionLog.Open(DatabasePath, TimeProvider.System);
        await log.CreateAsync(Key("a"), RevisionLogTests.Json("a", "1"));

        Assert.All(_directory.GetFiles(), file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, file.UnixFileMode));
    }

    [Fact]
    public async Task Open_AfterACleanClose_HasEverything()
    {
        long revision;
        using (var log = RevisionLog.Open(DatabasePath, TimeProvider.System))
        {
            var first = (await log.CreateAsync(Key("a"), RevisionLogTests.Json("a", "1")))!;
            await log.UpdateAsync(first, RevisionLogTests.Json("a", "2"));
            revision = log.Revision;
        }

        using var reopened = RevisionLog.Open(DatabasePath, TimeProvider.System);

        Assert.Equal(revision, reopened.Revision);
        Assert.Equal("2", (string?)reopened.Find(Key("a"))!.Json["data"]!["n"]);
        var backlog = reopened.WatchFrom("/configmaps", 0).Backlog;
        Assert.Equal([RevisionOperation.Added, RevisionOperation.Modified], backlog.Select(entry => entry.Operation));
        Assert.Equal("1", (string?)backlog[1].Previous!.Json["data"]!["n"]);
    }

    [Fact]
    public async Task Open_OfTheFilesOfARunningServer_HasEveryAcknowledgedWrite()
    {
        var crashed = Path.Combine(_directory.FullName, "crashed.db");
        using (var log = RevisionLog.Open(DatabasePath, TimeProvider.System))
        {
            for (var index = 0; index < 20; index++)
            {
                await log.CreateAsync(Key($"o{index}"), RevisionLogTests.Json($"o{index}", "1"));
            }

            // What the disk holds while the process lives is what is left after kill -9.
            File.Copy(DatabasePath, crashed);
            File.Copy(DatabasePath + "-wal", crashed + "-wal");
            File.Copy(DatabasePath + ".key", crashed + ".key");
        }

        using var recovered = RevisionLog.Open(crashed, TimeProvider.System);

        Assert.Equal(20, recovered.Snapshot("/configmaps").Objects.Count());
        Assert.True((await recovered.CreateAsync(Key("next"), RevisionLogTests.Json("next", "1")))!.Revision > 20);
    }

    [Fact]
    public async Task Open_AfterCompactionOfTheNewestRow_NeverReusesARevision()
    {
        long last;
        using (var log = RevisionLog.Open(DatabasePath, TimeProvider.System))
        {
            var stored = (await log.CreateAsync(Key("a"), RevisionLogTests.Json("a", "1")))!;
            last = (await log.DeleteAsync(stored, stored.Copy()))!.Revision;
            log.Compact(last);
        }

        using var reopened = RevisionLog.Open(DatabasePath, TimeProvider.System);

        Assert.True((await reopened.CreateAsync(Key("a"), RevisionLogTests.Json("a", "1")))!.Revision > last);
    }

    [Fact]
    public void Open_WhileAnotherHasIt_IsRefusedInOneLine()
    {
        using var first = RevisionLog.Open(DatabasePath, TimeProvider.System);

        var problem = Assert.Throws<IOException>(() => RevisionLog.Open(DatabasePath, TimeProvider.System));

        Assert.Contains("in use", problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', problem.Message);
    }

    [Fact]
    public void Open_OfAFileThatIsNoDatabase_IsRefusedInOneLine()
    {
        File.WriteAllText(DatabasePath, new string('x', 5000));

        var problem = Assert.Throws<IOException>(() => RevisionLog.Open(DatabasePath, TimeProvider.System));

        Assert.Contains("not a database", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_OfASecret_LeavesNoPlainTextOnDisk()
    {
        var key = new ObjectKey("/secrets", "ns", "s");
        using (var log = RevisionLog.Open(DatabasePath, TimeProvider.System))
        {
            await log.CreateAsync(key, RevisionLogTests.Json("s", "correct-horse-battery"));
            await log.CreateAsync(Key("c"), RevisionLogTests.Json("c", "visible-in-the-file"));
        }

        var bytes = Encoding.Latin1.GetString(File.ReadAllBytes(DatabasePath));
        Assert.Contains("visible-in-the-file", bytes, StringComparison.Ordinal);
        Assert.DoesNotContain("correct-horse", bytes, StringComparison.Ordinal);
        using var reopened = RevisionLog.Open(DatabasePath, TimeProvider.System);
        Assert.Equal("correct-horse-battery", (string?)reopened.Find(key)!.Json["data"]!["n"]);
    }

    [Fact]
    public async Task Open_WithAnotherKeyFile_IsRefused()
    {
        using (var log = RevisionLog.Open(DatabasePath, TimeProvider.System))
        {
            await log.CreateAsync(new ObjectKey("/secrets", "ns", "s"), RevisionLogTests.Json("s", "1"));
        }

        File.WriteAllBytes(DatabasePath + ".key", new byte[32]);

        Assert.Throws<InvalidDataException>(() => RevisionLog.Open(DatabasePath, TimeProvider.System));
    }

    private static ObjectKey Key(string name) => new("/configmaps", "ns", name);
}
