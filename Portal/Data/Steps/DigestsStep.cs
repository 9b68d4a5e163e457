namespace Portal.Data.Steps;

/// <summary>Who is told of a namespace's weeks, and up to which week they were.</summary>
internal static class DigestsStep
{
    public const string Sqlite =
        """
        CREATE TABLE digests (
            Namespace TEXT NOT NULL PRIMARY KEY, IsOn INTEGER NOT NULL, TimeZone TEXT NOT NULL, Emails TEXT NOT NULL, Webhook TEXT, LastWeek INTEGER NOT NULL,
            UpdatedAt TEXT NOT NULL, UpdatedBy TEXT NOT NULL) WITHOUT ROWID;
        """;

    public const string Postgres =
        """
        CREATE TABLE digests (
            Namespace TEXT NOT NULL PRIMARY KEY, IsOn BOOLEAN NOT NULL, TimeZone TEXT NOT NULL, Emails TEXT NOT NULL, Webhook TEXT, LastWeek INTEGER NOT NULL,
            UpdatedAt TIMESTAMPTZ NOT NULL, UpdatedBy TEXT NOT NULL);
        """;
}
