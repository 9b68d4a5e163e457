using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Portal.Auth;
using Portal.Data;
using Portal.Data.Dialects;
using Portal.Features.Audit;
using Portal.Tests.Shared;

namespace Portal.Tests.Portal.Data;

public sealed class DatabaseCopyTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("portal-db-");
    private readonly string _target = TestPostgres.Server is null ? "" : TestPostgres.CreateBare();

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        _directory.Delete(recursive: true);
        if (TestPostgres.Server is not null)
        {
            TestPostgres.Drop(_target);
        }
    }

    [PostgresFact]
    public async Task Run_EverythingASqliteDatabaseHolds_IsThereAndVerifies()
    {
        var time = new DateTime(2030, 1, 1, 1, 2, 3, DateTimeKind.Utc).AddTicks(1234567);
        using var key = AuditKey.Open(Path.Combine(_directory.FullName, "audit"));
        using (var database = new PortalDatabase(Path.Combine(_directory.FullName, "portal.db")))
        {
            var log = new AuditLog(database, key, TimeProvider.System);
            await database.WriteAsync(
                async context =>
                {
                    await context.Milestones.AddAsync(new Milestone { Name = "nul\0", At = time });
                    await context.Drafts.AddAsync(new Draft { Namespace = "n", Name = "p", Content = "ü 😀", UpdatedAt = time });
                    await context.Sessions.AddAsync(new SessionRow
                    {
                        Id = "s",
                        ActorId = "a",
                        ActorName = "A",
                        Provider = "p",
                        Subject = "u",
                        CreatedAt = time,
                        SeenAt = time,
                        Ticket = [0, 1, 255],
                    });
                    await context.ReleaseEvents.AddAsync(new ReleaseEvent { ReleaseId = 7, At = time, ActorId = "a", ActorName = "A", Kind = "asked", Hash = "h" });
                    log.Append(context, new AuditEntry(Actor.System, "release.approved", "Release", "n", "p", AuditResult.Succeeded));
                    log.Append(context, new AuditEntry(Actor.System, "release.published", "Release", "n", "p", AuditResult.Succeeded));
                    context.AuditHeads.Add(key.Sign(AuditHead.Head, 2, AuditTable.Last(context).Hash, time));
                },
                default);
        }

        await CopyCommand.RunAsync(
            ["--Portal:DataDirectory", _directory.FullName, "--Portal:Database:Provider", "postgres", "--Portal:Database:ConnectionString", _target], default);

        using var copy = new PortalDatabase(new PostgresDialect(_target));
        Assert.Equal([0, 1, 255], (await copy.ReadAsync(context => context.Sessions.SingleAsync())).Ticket);
        Assert.Equal("ü 😀", (await copy.ReadAsync(context => context.Drafts.SingleAsync())).Content);
        Assert.Equal(time, (await copy.ReadAsync(context => context.AuditHeads.SingleAsync())).At);
        var next = new ReleaseEvent { ReleaseId = 7, At = time, ActorId = "a", ActorName = "A", Kind = "approved", Hash = "h" };
        await copy.WriteAsync(context => context.ReleaseEvents.AddAsync(next).AsTask(), default);
        Assert.Equal(2, next.Id);

        var again = await Assert.ThrowsAsync<StartupException>(() => CopyCommand.RunAsync(
            ["--Portal:DataDirectory", _directory.FullName, "--Portal:Database:Provider", "postgres", "--Portal:Database:ConnectionString", _target], default));
        Assert.Contains("is not empty", again.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_IntoSqlite_SaysWhatToSet()
    {
        var refused = await Assert.ThrowsAsync<StartupException>(() => CopyCommand.RunAsync(["--Portal:DataDirectory", _directory.FullName], default));

        Assert.Contains("Portal:Database:Provider", refused.Message, StringComparison.Ordinal);
    }
}
