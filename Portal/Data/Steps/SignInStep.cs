namespace Portal.Data.Steps;

/// <summary>Sign-ins and service tokens.</summary>
internal static class SignInStep
{
    public const string Sql =
        """
        CREATE TABLE sessions (
            Id TEXT NOT NULL PRIMARY KEY, ActorId TEXT NOT NULL, ActorName TEXT NOT NULL, Provider TEXT NOT NULL, Subject TEXT NOT NULL, ProviderSession TEXT,
            Address TEXT, CreatedAt TEXT NOT NULL, SeenAt TEXT NOT NULL, Ticket BLOB NOT NULL) WITHOUT ROWID;
        CREATE INDEX sessions_by_subject ON sessions (Provider, Subject);
        CREATE TABLE service_tokens (
            Id TEXT NOT NULL PRIMARY KEY, Name TEXT NOT NULL, Hash TEXT NOT NULL, Permissions TEXT NOT NULL, Namespaces TEXT NOT NULL,
            CreatedById TEXT NOT NULL, CreatedByName TEXT NOT NULL, CreatedAt TEXT NOT NULL, ExpiresAt TEXT NOT NULL,
            RevokedAt TEXT, RevokedByName TEXT, LastUsedAt TEXT) WITHOUT ROWID;
        CREATE UNIQUE INDEX service_tokens_by_hash ON service_tokens (Hash);
        """;
}
