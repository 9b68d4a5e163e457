using System.Globalization;
using System.Net.Sockets;
using System.Security.Authentication;
using Npgsql;

namespace Portal.Data.Dialects;

/// <summary>Takes the steps a database has not taken yet, all in one transaction that holds the writers' lock: of portals that start together one does it.</summary>
internal static class PostgresUpgrade
{
    private const int OldestServer = 13;

    /// <exception cref="StartupException">The server is too old, the encoding is another one, or a newer portal was here.</exception>
    /// <exception cref="NpgsqlException">Anything else; <see cref="Explain"/> says what to do about it.</exception>
    public static void Run(NpgsqlConnection connection, string begin, string place)
    {
        CheckServer(connection, place);
        using var transaction = connection.BeginTransaction();
        Execute(connection, begin);
        var exists = Scalar(connection, "SELECT to_regclass('portal_schema') IS NOT NULL") is true;
        var version = exists ? Convert.ToInt32(Scalar(connection, "SELECT version FROM portal_schema"), CultureInfo.InvariantCulture) : 0;
        var steps = PortalSchema.Steps;
        if (version > steps.Count)
        {
            throw new StartupException(
                $"{place} was written by a newer portal (version {version}, this one knows {steps.Count}). Start that one, or use another database (Portal:Database:ConnectionString).");
        }

        if (version == steps.Count)
        {
            return;
        }

        if (!exists)
        {
            Execute(connection, "CREATE TABLE portal_schema (version INTEGER NOT NULL); INSERT INTO portal_schema VALUES (0)");
        }

        foreach (var step in steps.Skip(version).Where(static step => step.Postgres.Length > 0))
        {
            Execute(connection, step.Postgres.Replace(" TEXT", " TEXT COLLATE \"C\"", StringComparison.Ordinal));
        }

        Execute(connection, $"UPDATE portal_schema SET version = {steps.Count}");
        transaction.Commit();
    }

    /// <summary>What somebody who runs the portal can do about a failure at the start. Holds nothing secret.</summary>
    public static string Explain(NpgsqlException exception, string place)
    {
        var text = (exception as PostgresException)?.MessageText ?? exception.Message;
        return $"The portal cannot use {place}: {Cause(exception, text)}";
    }

    private static string Cause(NpgsqlException exception, string text) => (exception as PostgresException)?.SqlState switch
    {
        "28P01" or "28000" => $"{text}. Check Username and Password in Portal:Database:ConnectionString, and who may connect from here (pg_hba.conf).",
        "3D000" => $"{text}. Create it: CREATE DATABASE portal ENCODING 'UTF8';",
        "42501" => $"{text}. Its user must be allowed to make tables: GRANT CREATE, USAGE ON SCHEMA public TO …, or make it the owner of the database.",
        "3F000" => $"{text}. The schema of Search Path must exist: CREATE SCHEMA …;",
        "53300" => $"{text}. Raise max_connections of the server, or set a smaller Maximum Pool Size.",
        "53100" => $"{text}. Its disk is full.",
        "55P03" => "another portal is upgrading it or writing for longer than 30 seconds. Start this one again.",
        "25006" => $"{text}. This server is a read-only copy; connect to the one that is written to.",
        "57P03" => $"{text}. Start the portal again when it is up.",
        not null => $"{text} ({((PostgresException)exception).SqlState}).",
        null when exception.InnerException is SocketException or TimeoutException or IOException =>
            "it cannot be reached. Check Host and Port in Portal:Database:ConnectionString, and that the server listens there.",
        null when exception.InnerException is AuthenticationException => $"{text} Check SSL Mode and Root Certificate in Portal:Database:ConnectionString.",
        null => text,
    };

    private static void CheckServer(NpgsqlConnection connection, string place)
    {
        if (connection.PostgreSqlVersion.Major < OldestServer)
        {
            throw new StartupException($"{place} is PostgreSQL {connection.PostgreSqlVersion}; the portal needs {OldestServer} or newer.");
        }

        if (Scalar(connection, "SHOW server_encoding") is not "UTF8")
        {
            throw new StartupException($"{place} does not hold every character; make one that does: CREATE DATABASE portal ENCODING 'UTF8' TEMPLATE template0;");
        }
    }

    private static object? Scalar(NpgsqlConnection connection, string sql)
    {
        using var command = new NpgsqlCommand(sql, connection);
        return command.ExecuteScalar();
    }

    private static void Execute(NpgsqlConnection connection, string sql)
    {
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }
}
