using System.Collections.Concurrent;
using Npgsql;
using Portal.Data;
using Portal.Data.Dialects;

namespace Portal.Tests.Shared;

/// <summary>
/// The PostgreSQL server that <c>./build.sh test</c> starts for the second run of these tests; <c>GENKIT_TEST_POSTGRES</c> is its connection string. Each
/// test has a database of its own, a copy of one that was made once.
/// </summary>
internal static class TestPostgres
{
    private static readonly Lazy<string> s_template = new(MakeTemplate);
    private static readonly ConcurrentDictionary<string, string> s_ofDirectories = new();
    private static readonly ConcurrentBag<string> s_free = [];
    private static int s_count;

    /// <summary>Null when there is none: then the portal's data is in SQLite.</summary>
    public static string? Server { get; } = Environment.GetEnvironmentVariable("GENKIT_TEST_POSTGRES") is { Length: > 0 } server ? server : null;

    /// <summary>Makes an empty portal database and returns its connection string.</summary>
    public static string Create()
    {
        var name = NextName();
        Execute($"CREATE DATABASE {name} TEMPLATE {s_template.Value}");
        return ConnectionString(name);
    }

    /// <summary>An empty portal database that may have served another test: making one takes as long as most tests.</summary>
    public static string Rent() => s_free.TryTake(out var connectionString) ? connectionString : Create();

    /// <summary>Empties a rented database for the next test.</summary>
    public static void Return(string connectionString)
    {
        using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        connection.Open();
        using var command = new NpgsqlCommand(
            """
            SET session_replication_role = replica;
            DO $$ DECLARE t record; used boolean; BEGIN
                FOR t IN SELECT oid::regclass AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'portal_schema' LOOP
                    EXECUTE format('SELECT EXISTS (SELECT 1 FROM %s)', t.name) INTO used;
                    IF used THEN EXECUTE format('DELETE FROM %s', t.name); END IF;
                END LOOP;
                PERFORM setval(oid::regclass, 1, false) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'S';
            END $$
            """, connection);
        command.ExecuteNonQuery();
        s_free.Add(connectionString);
    }

    /// <summary>Makes a database without any table.</summary>
    public static string CreateBare(string more = "")
    {
        var name = NextName();
        Execute($"CREATE DATABASE {name} {more}");
        return ConnectionString(name);
    }

    public static void Drop(string connectionString) =>
        Execute($"DROP DATABASE IF EXISTS {new NpgsqlConnectionStringBuilder(connectionString).Database} WITH (FORCE)");

    /// <summary>What a portal on this data directory needs on its command line, so that a restart finds its data; nothing when its data is in SQLite.</summary>
    public static string[] ArgumentsFor(string dataDirectory) => Server is null
        ? []
        : ["--Portal:Database:Provider", "postgres", "--Portal:Database:ConnectionString", s_ofDirectories.GetOrAdd(dataDirectory, static _ => Create())];

    /// <summary>The connection string of <see cref="ArgumentsFor"/>; null when the portal's data is in SQLite.</summary>
    public static string? Of(string dataDirectory) => s_ofDirectories.GetValueOrDefault(dataDirectory);

    public static void DropFor(string dataDirectory)
    {
        if (s_ofDirectories.TryRemove(dataDirectory, out var connectionString))
        {
            Drop(connectionString);
        }
    }

    /// <summary>Runs a statement on the server's own database.</summary>
    public static void Execute(string sql)
    {
        using var connection = new NpgsqlConnection(Server + ";Pooling=false");
        connection.Open();
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }

    private static string MakeTemplate()
    {
        var name = NextName();
        Execute($"CREATE DATABASE {name}");
        new PortalDatabase(new PostgresDialect(ConnectionString(name))).Dispose();
        return name;
    }

    private static string NextName() => $"t{Environment.ProcessId}_{Interlocked.Increment(ref s_count)}";

    private static string ConnectionString(string database) =>
        new NpgsqlConnectionStringBuilder(Server) { Database = database, MaxPoolSize = 12, ConnectionIdleLifetime = 5, ConnectionPruningInterval = 2 }.ToString();
}
