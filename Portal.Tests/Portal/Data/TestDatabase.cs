using System.Data.Common;
using System.Text;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Npgsql;
using Portal.Data;
using Portal.Data.Dialects;
using Portal.Features.Audit;
using Portal.Tests.Shared;

namespace Portal.Tests.Portal.Data;

/// <summary>An empty portal database of its own: in PostgreSQL when the run has a server, in a directory otherwise.</summary>
internal sealed class TestDatabase : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("portal-db-");
    private readonly string? _connectionString = TestPostgres.Server is null ? null : TestPostgres.Rent();

    private bool _isTamperedWith;

    public TestDatabase()
    {
        Database = Open();
        AuditKey = AuditKey.Open(System.IO.Path.Combine(_directory.FullName, "audit"));
        Audit = new AuditLog(Database, AuditKey, TimeProvider.System);
    }

    public PortalDatabase Database { get; }

    public AuditKey AuditKey { get; }

    public AuditLog Audit { get; }

    private string Path => System.IO.Path.Combine(_directory.FullName, "portal.db");

    /// <summary>The database of a portal that ran on this data directory.</summary>
    public static PortalDatabase OfPortal(string dataDirectory) => TestPostgres.Of(dataDirectory) is { } connectionString
        ? new PortalDatabase(new PostgresDialect(connectionString))
        : new PortalDatabase(System.IO.Path.Combine(dataDirectory, "portal.db"));

    /// <summary>Opens it once more, as another portal does.</summary>
    public PortalDatabase Open(ILogger<PortalDatabase>? logger = null) =>
        new(_connectionString is null ? new SqliteDialect(Path) : new PostgresDialect(_connectionString), logger);

    /// <summary>Runs SQL behind the portal's back.</summary>
    public void Execute(string sql)
    {
        using DbConnection connection = _connectionString is null
            ? new SqliteConnection($"Data Source={Path};Pooling=False")
            : new NpgsqlConnection(_connectionString + ";Pooling=false");
        connection.Open();
        _isTamperedWith = true;
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <summary>Everything that is stored, one byte a character.</summary>
    public string Dump()
    {
        if (_connectionString is not null)
        {
            return DumpTables(_connectionString);
        }

        SqliteConnection.ClearAllPools();
        return string.Join('\n', Directory.EnumerateFiles(_directory.FullName, "portal.db*").Select(file => Encoding.Latin1.GetString(File.ReadAllBytes(file))));
    }

    public void Dispose()
    {
        AuditKey.Dispose();
        Database.Dispose();
        if (_connectionString is null)
        {
            SqliteConnection.ClearAllPools();
        }
        else if (_isTamperedWith)
        {
            TestPostgres.Drop(_connectionString);
        }
        else
        {
            TestPostgres.Return(_connectionString);
        }

        _directory.Delete(recursive: true);
    }

    private static string DumpTables(string connectionString)
    {
        using var source = NpgsqlDataSource.Create(connectionString);
        var columns = Read(source,
            """
            SELECT format('SELECT COALESCE(%s, '''') FROM %I', CASE data_type WHEN 'bytea' THEN format('encode(%I, ''escape'')', column_name) ELSE format('%I::text', column_name) END, table_name)
            FROM information_schema.columns WHERE table_schema = 'public'
            """);
        return string.Join('\n', columns.SelectMany(select => Read(source, select)));
    }

    private static List<string> Read(NpgsqlDataSource source, string sql)
    {
        using var command = source.CreateCommand(sql);
        using var reader = command.ExecuteReader();
        List<string> values = [];
        while (reader.Read())
        {
            values.Add(reader.GetString(0));
        }

        return values;
    }
}
