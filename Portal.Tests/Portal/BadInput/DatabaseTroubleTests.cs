using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Portal.Auth;
using Portal.Data;
using Portal.Data.Dialects;
using Portal.Features.Releases;
using Portal.Features.Releases.Policies;
using Portal.Features.Releases.States;
using Portal.Tests.Operator;
using Portal.Tests.Portal.Playground;
using Portal.Tests.Portal.Releases;

namespace Portal.Tests.Portal.BadInput;

/// <summary>A database that is locked, full or fails in the middle of a decision.</summary>
public sealed class DatabaseTroubleTests(IdleOperatorFixture fixture) : IClassFixture<IdleOperatorFixture>, IDisposable
{
    private readonly TestDesk _desk = new(fixture, new ReleasePolicy { Approvals = 1 });
    private readonly CurrentUser _ada = TestDesk.Person("Ada", PortalRole.Author);
    private readonly CurrentUser _ben = TestDesk.Person("Ben", PortalRole.Approver);

    public void Dispose() => _desk.Dispose();

    // Whichever table cannot be written: of the decision there is nothing left, and it can be made again.
    [Theory]
    [InlineData("audit")]
    [InlineData("release_events")]
    [InlineData("publications")]
    public async Task Approve_DatabaseFailsInTheMiddle_LeavesNothingAndWorksAfterwards(string table)
    {
        var (place, release) = await AskAsync();
        _desk.Execute($"ALTER TABLE {table} RENAME TO away");

        await Assert.ThrowsAnyAsync<DbException>(() => ApproveAsync(release));

        _desk.Execute($"ALTER TABLE away RENAME TO {table}");
        Assert.Null(await _desk.LiveAsync(place));
        var detail = await _desk.List.FindAsync(release.Id, _ada, default);
        Assert.Equal((ReleaseStatus.Open, 0, 1), (detail!.Release.Status, detail.State.Reviews.Count, detail.Events.Count));
        Assert.Equal(ReleaseStatus.Published, (await ApproveAsync(release)).Release!.Status);
    }

    [Fact]
    public async Task Approve_DatabaseFailsAfterTheClusterAnswered_IsRecordedLater()
    {
        var (place, release) = await AskAsync();
        _desk.Handler.Waits = request =>
        {
            if (request.Method == HttpMethod.Patch)
            {
                _desk.Execute("ALTER TABLE rollouts RENAME TO away");
                _desk.Execute("ALTER TABLE release_events RENAME TO away_too");
            }

            return Task.CompletedTask;
        };
        await Assert.ThrowsAnyAsync<DbException>(() => ApproveAsync(release));
        _desk.Handler.Waits = _ => Task.CompletedTask;
        _desk.Execute("ALTER TABLE away RENAME TO rollouts");
        _desk.Execute("ALTER TABLE away_too RENAME TO release_events");
        Assert.Equal(TestDesk.Good, await _desk.LiveAsync(place));

        await _desk.Publisher.PublishPendingAsync(default);

        Assert.Equal(ReleaseStatus.Published, (await _desk.List.FindAsync(release.Id, _ada, default))!.Release.Status);
    }

    [Fact]
    public async Task Submit_DatabaseLockedByAnotherProgram_WaitsForIt()
    {
        using var directory = new TemporaryDirectory();
        var path = Path.Combine(directory.Path, "portal.db");
        using var database = new PortalDatabase(path);
        using var other = new SqliteConnection($"Data Source={path};Pooling=False");
        other.Open();
        using var begin = other.CreateCommand();
        begin.CommandText = "BEGIN IMMEDIATE";
        begin.ExecuteNonQuery();

        var write = Task.Run(() => database.WriteAsync(context => context.Milestones.AddAsync(new Milestone { Name = "run", At = DateTime.UnixEpoch }).AsTask(), default));
        Assert.Equal(0, await database.ReadAsync(context => context.Milestones.CountAsync()));
        begin.CommandText = "ROLLBACK";
        begin.ExecuteNonQuery();
        await write;

        Assert.Equal(1, await database.ReadAsync(context => context.Milestones.CountAsync()));
    }

    [Fact]
    public void Sqlite_DatabaseFull_IsToldApartAndLosesNothing()
    {
        using var directory = new TemporaryDirectory();
        var dialect = new SqliteDialect(Path.Combine(directory.Path, "portal.db"));
        using var database = new PortalDatabase(dialect);
        using var connection = new SqliteConnection($"Data Source={Path.Combine(directory.Path, "portal.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA max_page_count = 1";
        command.ExecuteNonQuery();
        command.CommandText = "INSERT INTO milestones (Name, At) VALUES (hex(randomblob(200000)), 'now')";

        var full = Assert.Throws<SqliteException>(() => command.ExecuteNonQuery());

        Assert.Equal(DatabaseFault.Full, database.FaultOf(full));
        Assert.Equal(0, database.Read(context => context.Milestones.Count()));
    }

    private async Task<(string Place, Release Release)> AskAsync()
    {
        var place = await fixture.NewNamespaceAsync();
        await fixture.UntilSeenAsync(place);
        return (place.Name, (await _desk.SubmitAsync(place.Name, TestDesk.Good, _ada)).Release!);
    }

    private Task<ReleaseResult> ApproveAsync(Release release) => _desk.Desk.ExecuteAsync(release.Id, new ReleaseCommand.Approve(release.Hash, null), _ben, default);

    private sealed class TemporaryDirectory : IDisposable
    {
        private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("portal-trouble-");

        public string Path => _directory.FullName;

        public void Dispose()
        {
            SqliteConnection.ClearAllPools();
            _directory.Delete(recursive: true);
        }
    }
}
