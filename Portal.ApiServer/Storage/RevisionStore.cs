using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Portal.ApiServer.Storage;

/// <summary>Called before each statement of a transaction and after its commit, so that a test can look, fail or die there.</summary>
internal delegate void StorageProbe(SqliteConnection connection, string step);

/// <summary>
/// The history in SQLite: every write appends one row, and <c>current</c> points at the newest row of each live object.
/// A row names the revision it replaces, and (object, replaced revision) is unique, so a lost update cannot be stored.
/// Not thread-safe: the <see cref="RevisionLog"/> calls it under its writer lock.
/// </summary>
internal sealed class RevisionStore : IDisposable
{
    private const int ReadOnly = 8;
    private const int Full = 13;

    // One statement a command: of several in one, only the failure of the first that returns rows would be seen.
    private static readonly string[] s_setup =
    [
        // EXCLUSIVE: a second server on this file is refused. FULL: an acknowledged write survives power loss, not just kill -9.
        "PRAGMA locking_mode = EXCLUSIVE",
        "PRAGMA journal_mode = WAL",
        "PRAGMA synchronous = FULL",
        "PRAGMA journal_size_limit = 16777216",
        """
        CREATE TABLE IF NOT EXISTS revision (
            rv INTEGER PRIMARY KEY AUTOINCREMENT, resource TEXT NOT NULL, ns TEXT NOT NULL, name TEXT NOT NULL, uid TEXT NOT NULL,
            op INTEGER NOT NULL, prev_rv INTEGER NOT NULL, object BLOB NOT NULL, at INTEGER NOT NULL)
        """,
        "CREATE UNIQUE INDEX IF NOT EXISTS revision_by_object ON revision (resource, ns, name, prev_rv)",
        "CREATE INDEX IF NOT EXISTS revision_by_resource ON revision (resource, rv)",
        """
        CREATE TABLE IF NOT EXISTS current (
            resource TEXT NOT NULL, ns TEXT NOT NULL, name TEXT NOT NULL, rv INTEGER NOT NULL, PRIMARY KEY (resource, ns, name)) WITHOUT ROWID
        """,
        "CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    ];

    private readonly SqliteConnection _connection;
    private readonly ObjectCipher _cipher;
    private readonly SqliteCommand _append;
    private readonly SqliteCommand _point;
    private readonly SqliteCommand _unpoint;
    private readonly SqliteCommand _tombstone;
    private readonly StorageProbe? _probe;

    private RevisionStore(SqliteConnection connection, ObjectCipher cipher, StorageProbe? probe)
    {
        _probe = probe;
        _connection = connection;
        _cipher = cipher;
        _append = Prepare(
            "INSERT INTO revision (rv, resource, ns, name, uid, op, prev_rv, object, at) VALUES ($rv, $resource, $ns, $name, $uid, $op, $prev, $object, $at)",
            "$rv", "$resource", "$ns", "$name", "$uid", "$op", "$prev", "$object", "$at");
        _point = Prepare("INSERT OR REPLACE INTO current (resource, ns, name, rv) VALUES ($resource, $ns, $name, $rv)", "$resource", "$ns", "$name", "$rv");
        _unpoint = Prepare("DELETE FROM current WHERE resource = $resource AND ns = $ns AND name = $name", "$resource", "$ns", "$name");
        _tombstone = Prepare(
            "SELECT rv FROM revision WHERE resource = $resource AND ns = $ns AND name = $name ORDER BY prev_rv DESC LIMIT 1", "$resource", "$ns", "$name");
    }

    /// <summary>Opens or creates a database; null keeps it in memory.</summary>
    /// <exception cref="IOException">The file cannot be opened, or another process has it open. The message is one line for people.</exception>
    public static RevisionStore Open(string? path, StorageProbe? probe = null)
    {
        if (path is not null)
        {
            PrivateFile.Reserve(path);
        }

        var source = new SqliteConnectionStringBuilder { DataSource = path ?? ":memory:", Pooling = false, DefaultTimeout = 2 };
        var connection = new SqliteConnection(source.ToString());
        try
        {
            connection.Open();

            foreach (var statement in s_setup)
            {
                using var setup = connection.CreateCommand();
                setup.CommandText = statement;
                setup.ExecuteNonQuery();
            }

            return new RevisionStore(connection, ObjectCipher.Open(path), probe) { IsDurable = path is not null };
        }
        catch (SqliteException failure)
        {
            connection.Dispose();
            throw new IOException(Explain(path, failure), failure);
        }
    }

    /// <summary>Whether there is a file, which outlives the process and can be put back from a backup.</summary>
    public required bool IsDurable { get; init; }

    public long LastRevision() => Scalar("SELECT max(coalesce((SELECT max(rv) FROM revision), 0), coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'revision'), 0))");

    public long CompactedRevision() => long.TryParse(Meta("compacted"), out var revision) ? revision : 0;

    public string? Meta(string key)
    {
        using var command = Command("SELECT value FROM meta WHERE key = $key", ("$key", key));
        return command.ExecuteScalar() as string;
    }

    public void SetMeta(string key, string value) => SetMeta(null, key, value);

    /// <summary>Every live object, in no order.</summary>
    public IEnumerable<StoredObject> ReadCurrent()
    {
        using var command = Command("SELECT r.rv, r.resource, r.ns, r.name, r.uid, r.object FROM current c JOIN revision r ON r.rv = c.rv");
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            yield return ReadObject(reader, 0);
        }
    }

    /// <summary>Appends revisions and moves the pointers, in one transaction.</summary>
    /// <param name="gaps">What to remember as left-out revisions from now on; null when that did not change.</param>
    /// <exception cref="StorageException">Nothing was stored.</exception>
    public void Append(IReadOnlyList<Revision> revisions, DateTimeOffset at, IEnumerable<HistoryGap>? gaps = null)
    {
        try
        {
            Probe("begin");
            using var transaction = _connection.BeginTransaction(deferred: false);
            if (gaps is not null)
            {
                SetMeta(transaction, "gaps", HistoryGap.Format(gaps));
            }

            foreach (var revision in revisions)
            {
                Append(revision, transaction, at);
            }

            Probe("commit");
            transaction.Commit();
            Probe("committed");
        }
        catch (SqliteException failure)
        {
            throw Refusal(failure);
        }
    }

    /// <summary>The history of one resource (all when null) after one revision and up to another, oldest first.</summary>
    public List<Revision> ReadBetween(string? resource, long after, long until)
    {
        var filter = resource is null ? "" : "r.resource = $resource AND ";
        using var command = Command(
            $"""
            SELECT r.rv, r.resource, r.ns, r.name, r.uid, r.object, r.op, p.rv, p.resource, p.ns, p.name, p.uid, p.object
            FROM revision r LEFT JOIN revision p ON p.rv = r.prev_rv WHERE {filter} r.rv > $after AND r.rv <= $until ORDER BY r.rv
            """,
            ("$resource", resource ?? ""), ("$after", after), ("$until", until));
        using var reader = command.ExecuteReader();
        var revisions = new List<Revision>();
        while (reader.Read())
        {
            var operation = (RevisionOperation)reader.GetInt32(6);
            var previous = operation == RevisionOperation.Added || reader.IsDBNull(7) ? null : ReadObject(reader, 7);
            revisions.Add(new Revision(operation, ReadObject(reader, 0), previous));
        }

        return revisions;
    }

    /// <summary>The objects of one resource as they were at a revision.</summary>
    public List<StoredObject> ReadAt(string resource, long revision)
    {
        using var command = Command(
            """
            SELECT r.rv, r.resource, r.ns, r.name, r.uid, r.object FROM revision r
            JOIN (SELECT max(rv) AS rv FROM revision WHERE resource = $resource AND rv <= $rv GROUP BY ns, name) last ON last.rv = r.rv
            WHERE r.op <> 3
            """,
            ("$resource", resource), ("$rv", revision));
        using var reader = command.ExecuteReader();
        var objects = new List<StoredObject>();
        while (reader.Read())
        {
            objects.Add(ReadObject(reader, 0));
        }

        return objects;
    }

    /// <summary>The newest revision that may be forgotten when the newest <paramref name="count"/> are kept; null when there are no more than that.</summary>
    public long? MarkKeeping(int count)
    {
        using var command = Command(
            "SELECT rv FROM revision WHERE rv > $compacted ORDER BY rv DESC LIMIT 1 OFFSET $count", ("$compacted", CompactedRevision()), ("$count", count));
        return command.ExecuteScalar() as long?;
    }

    /// <summary>
    /// Moves the compaction mark by at most <paramref name="step"/> revisions towards <paramref name="goal"/> and drops what no state at or after it
    /// needs: what the revisions up to it replaced, and tombstones among them. Everything before the earlier mark is gone already, so the work grows
    /// with the step and not with the database. Returns the new mark.
    /// </summary>
    public long Compact(long from, long goal, int step)
    {
        using var next = Command(
            "SELECT rv FROM revision WHERE rv > $from AND rv <= $goal ORDER BY rv LIMIT 1 OFFSET $step", ("$from", from), ("$goal", goal), ("$step", step - 1));
        var mark = next.ExecuteScalar() as long? ?? goal;
        using var transaction = _connection.BeginTransaction(deferred: false);
        Probe("drop");
        Execute(
            transaction,
            """
            DELETE FROM revision WHERE rv IN (
                SELECT prev_rv FROM revision WHERE rv > $from AND rv <= $mark UNION ALL SELECT rv FROM revision WHERE rv > $from AND rv <= $mark AND op = 3)
            """,
            ("$from", from), ("$mark", mark));
        Probe("mark");
        SetMeta(transaction, "compacted", mark.ToString(CultureInfo.InvariantCulture));
        Probe("commit");
        transaction.Commit();
        Probe("committed");
        return mark;
    }

    public void Dispose()
    {
        _append.Dispose();
        _point.Dispose();
        _unpoint.Dispose();
        _tombstone.Dispose();
        _connection.Dispose();
        _cipher.Dispose();
    }

    private static string Explain(string? path, SqliteException failure) => failure.SqliteErrorCode switch
    {
        5 or 6 => $"The cluster database {path} is in use by another process.",
        ReadOnly or 14 => $"The cluster database {path} cannot be opened for writing.",
        26 or 11 => $"The cluster database {path} is damaged or not a database.",
        _ => $"The cluster database {path} cannot be opened: SQLite error {failure.SqliteErrorCode}.",
    };

    private static StorageException Refusal(SqliteException failure) => failure.SqliteErrorCode switch
    {
        Full => new StorageException("the disk with the cluster database is full: free some space, then try again", isFull: true, failure),
        ReadOnly => new StorageException("the cluster database is read-only: make its file and disk writable, then try again", isFull: false, failure),
        _ => new StorageException(
            $"the cluster database cannot be written (SQLite error {failure.SqliteExtendedErrorCode}): check its disk, then try again", isFull: false, failure),
    };

    private void Append(Revision revision, SqliteTransaction transaction, DateTimeOffset at)
    {
        var stored = revision.Object;
        var key = stored.Key;
        var previous = revision.Previous?.Revision ?? Run(_tombstone, transaction, key.Resource, key.Namespace, key.Name) as long? ?? 0;
        Probe("append");
        Run(_append, transaction, stored.Revision, key.Resource, key.Namespace, key.Name, stored.Uid, (int)revision.Operation, previous,
            _cipher.Protect(key, stored.Utf8), at.ToUnixTimeMilliseconds());
        Probe("point");
        if (revision.Operation == RevisionOperation.Deleted)
        {
            Run(_unpoint, transaction, key.Resource, key.Namespace, key.Name);
        }
        else
        {
            Run(_point, transaction, key.Resource, key.Namespace, key.Name, stored.Revision);
        }
    }

    private void Probe(string step) => _probe?.Invoke(_connection, step);

    private StoredObject ReadObject(SqliteDataReader reader, int at)
    {
        var key = new ObjectKey(reader.GetString(at + 1), reader.GetString(at + 2), reader.GetString(at + 3));
        return new StoredObject(key, reader.GetInt64(at), reader.GetString(at + 4), _cipher.Unprotect(key, (byte[])reader.GetValue(at + 5)));
    }

    private SqliteCommand Prepare(string sql, params string[] parameters)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        foreach (var name in parameters)
        {
            command.Parameters.Add(new SqliteParameter { ParameterName = name });
        }

        return command;
    }

    private static object? Run(SqliteCommand command, SqliteTransaction transaction, params ReadOnlySpan<object> values)
    {
        command.Transaction = transaction;
        for (var index = 0; index < values.Length; index++)
        {
            command.Parameters[index].Value = values[index];
        }

        return command.ExecuteScalar();
    }

    private void SetMeta(SqliteTransaction? transaction, string key, string value) =>
        Execute(transaction, "INSERT OR REPLACE INTO meta (key, value) VALUES ($key, $value)", ("$key", key), ("$value", value));

    private void Execute(SqliteTransaction? transaction, string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        using var command = Command(sql, parameters);
        command.Transaction = transaction;
        command.ExecuteNonQuery();
    }

    private SqliteCommand Command(string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        return command;
    }

    private long Scalar(string sql)
    {
        using var command = Command(sql);
        return command.ExecuteScalar() as long? ?? 0;
    }
}
