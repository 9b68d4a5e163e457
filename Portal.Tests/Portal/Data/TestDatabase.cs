using Portal.Data;
using Portal.Features.Audit;

namespace Portal.Tests.Portal.Data;

/// <summary>An empty portal database in a directory of its own.</summary>
internal sealed class TestDatabase : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("portal-db-");

    public TestDatabase()
    {
        Database = new PortalDatabase(Path);
        AuditKey = AuditKey.Open(System.IO.Path.Combine(_directory.FullName, "audit"));
        Audit = new AuditLog(Database, AuditKey, TimeProvider.System);
    }

    public string Path => System.IO.Path.Combine(_directory.FullName, "portal.db");

    public PortalDatabase Database { get; }

    public AuditKey AuditKey { get; }

    public AuditLog Audit { get; }

    public void Dispose()
    {
        AuditKey.Dispose();
        Database.Dispose();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _directory.Delete(recursive: true);
    }
}
