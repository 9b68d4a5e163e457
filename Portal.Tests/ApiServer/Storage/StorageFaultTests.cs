using System.Net;
using Microsoft.Data.Sqlite;
using Portal.ApiServer;
using Portal.ApiServer.Storage;
using static Portal.Tests.ApiServer.TestApi;

namespace Portal.Tests.ApiServer.Storage;

/// <summary>A disk that takes nothing: writes are refused with the reason, reads go on, and it recovers by itself.</summary>
public sealed class StorageFaultTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("storage-fault-");
    private Action<SqliteConnection, string>? _fault;

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task FullDisk_RefusesWritesWith507_AndRecoversWithoutARestart()
    {
        await using var api = await StartAsync();
        await api.SendAsync("POST", ConfigMaps, ConfigMap("before"), HttpStatusCode.Created);
        _fault = Before("begin", "PRAGMA max_page_count = 1"); // Never below what is used: no page can be added.

        var stored = new List<string>();
        JsonObject? refusal = null;
        for (var index = 0; refusal is null && index < 100; index++)
        {
            var (status, body) = await api.SendAsync("POST", ConfigMaps, ConfigMap($"c{index}", new string('x', 20_000)));
            refusal = status == HttpStatusCode.Created ? null : body;
            if (refusal is null)
            {
                stored.Add($"c{index}");
            }
            else
            {
                Assert.Equal(HttpStatusCode.InsufficientStorage, status);
            }
        }

        Assert.Equal("Status", (string?)refusal?["kind"]);
        Assert.Equal("InsufficientStorage", (string?)refusal?["reason"]);
        Assert.Contains("disk with the cluster database is full", (string?)refusal?["message"], StringComparison.Ordinal);
        Assert.Equal(["before", .. stored], await NamesAsync(api));

        _fault = Before("begin", "PRAGMA max_page_count = 1000000");
        await api.SendAsync("POST", ConfigMaps, ConfigMap("room-again", new string('x', 20_000)), HttpStatusCode.Created);
    }

    [Fact]
    public async Task ReadOnlyDisk_RefusesWritesWith500_AndRecoversWithoutARestart()
    {
        await using var api = await StartAsync();
        _fault = Before("begin", "PRAGMA query_only = ON");

        var (status, refusal) = await api.SendAsync("POST", ConfigMaps, ConfigMap("a"));

        Assert.Equal(HttpStatusCode.InternalServerError, status);
        Assert.Equal("InternalError", (string?)refusal["reason"]);
        Assert.Contains("read-only", (string?)refusal["message"], StringComparison.Ordinal);
        Assert.Empty(await NamesAsync(api));
        _fault = Before("begin", "PRAGMA query_only = OFF");
        await api.SendAsync("POST", ConfigMaps, ConfigMap("a"), HttpStatusCode.Created);
    }

    [Theory]
    [InlineData("begin")]
    [InlineData("append")]
    [InlineData("point")]
    [InlineData("commit")]
    public async Task FailingDisk_AtAnyStatement_StoresNothingAndShowsNothing(string step)
    {
        await using var api = await StartAsync();
        var before = (string?)(await api.GetAsync(ConfigMaps))["metadata"]!["resourceVersion"];
        using var watch = await api.WatchAsync($"{ConfigMaps}?watch=true");
        _fault = (_, at) =>
        {
            if (at == step)
            {
                throw new SqliteException("disk I/O error", 10);
            }
        };

        var (status, refusal) = await api.SendAsync("POST", ConfigMaps, ConfigMap("a"));

        Assert.Equal(HttpStatusCode.InternalServerError, status);
        Assert.Contains("SQLite error 10", (string?)refusal["message"], StringComparison.Ordinal);
        Assert.Equal(before, (string?)(await api.GetAsync(ConfigMaps))["metadata"]!["resourceVersion"]);
        _fault = null;
        await api.SendAsync("POST", ConfigMaps, ConfigMap("b"), HttpStatusCode.Created);
        Assert.Equal("ADDED b", await watch.NextTextAsync());
    }

    [Fact]
    public async Task Batch_WithOneWriteTheDatabaseRefuses_StoresTheOthers()
    {
        using var firstIsCommitting = new ManualResetEventSlim();
        using var othersWait = new ManualResetEventSlim();
        var transactions = 0;
        using var log = RevisionLog.Open(null, TimeProvider.System, (connection, step) =>
        {
            if (step == "begin" && transactions++ == 0)
            {
                Execute(connection, "CREATE TEMP TRIGGER refuse BEFORE INSERT ON revision WHEN NEW.name = 'bad' BEGIN SELECT RAISE(ABORT, 'no'); END");
                firstIsCommitting.Set();
                othersWait.Wait();
            }
        });
        var first = CreateAsync(log, "first");
        firstIsCommitting.Wait();
        var others = new[] { "a", "bad", "b", "a" }.Select(name => CreateAsync(log, name)).ToList();
        othersWait.Set();

        Assert.NotNull(await first);
        Assert.NotNull(await others[0]);
        await Assert.ThrowsAsync<StorageException>(() => others[1]);
        Assert.NotNull(await others[2]);
        Assert.Null(await others[3]);
        Assert.Equal(["ns/a", "ns/b", "ns/first"], log.Snapshot("/configmaps").Objects.Select(stored => stored.Key.Path));
        Assert.Equal(1 + 1 + 3, transactions);
    }

    private static Task<StoredObject?> CreateAsync(RevisionLog log, string name) =>
        log.CreateAsync(new ObjectKey("/configmaps", "ns", name), RevisionLogTests.Json(name, "1"));

    private static Action<SqliteConnection, string> Before(string step, string pragma) => (connection, at) =>
    {
        if (at == step)
        {
            Execute(connection, pragma);
        }
    };

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static async Task<IEnumerable<string?>> NamesAsync(TestApi api) =>
        (await api.GetAsync(ConfigMaps))["items"]!.AsArray().Select(item => (string?)item!["metadata"]!["name"]);

    private Task<TestApi> StartAsync() => TestApi.StartAsync(new ApiServerOptions
    {
        DatabasePath = Path.Combine(_directory.FullName, "cluster.db"),
        StorageProbe = (connection, step) => _fault?.Invoke(connection, step),
    });
}
