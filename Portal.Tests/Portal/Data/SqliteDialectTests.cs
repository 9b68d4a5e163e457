using Microsoft.Data.Sqlite;
using Portal.Data;

namespace Portal.Tests.Portal.Data;

public sealed class SqliteDialectTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("portal-db-");

    private string DatabasePath => Path.Combine(_directory.FullName, "portal.db");

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task Open_NewDatabase_IsReadableByItsOwnerOnly()
    {
        using var database = new PortalDatabase(DatabasePath);
        await database.WriteAsync(context => context.Milestones.AddAsync(new Milestone { Name = "run", At = DateTime.UnixEpoch }).AsTask(), default);

        var files = _directory.GetFiles();
        Assert.Contains(files, file => file.FullName == DatabasePath + "-wal");
        Assert.All(files, file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, file.UnixFileMode));
    }

    [Fact]
    public void Open_FileOfANewerPortal_IsRefusedInOneLine()
    {
        new PortalDatabase(DatabasePath).Dispose();
        using (var connection = new SqliteConnection($"Data Source={DatabasePath}"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA user_version = 999";
            command.ExecuteNonQuery();
        }

        var refused = Assert.Throws<StartupException>(() => new PortalDatabase(DatabasePath));

        Assert.Contains("newer portal (version 999", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
    }

    [Fact]
    public void Open_FileThatIsNoDatabase_SaysWhichFileAndWhatToDo()
    {
        var path = DatabasePath + ".broken";
        File.WriteAllText(path, new string('x', 5000));

        var refused = Assert.Throws<StartupException>(() => new PortalDatabase(path));

        Assert.Contains(path, refused.Message, StringComparison.Ordinal);
        Assert.Contains("Restore it from a backup", refused.Message, StringComparison.Ordinal);
    }
}
