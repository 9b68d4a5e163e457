namespace Portal.Data.Steps;

/// <summary>Keys that all portals on one database have in common. Empty where the data directory holds them.</summary>
internal static class SharedKeysStep
{
    public const string Sqlite = "CREATE TABLE shared_keys (Name TEXT NOT NULL PRIMARY KEY, Content TEXT NOT NULL) WITHOUT ROWID;";

    public const string Postgres = "CREATE TABLE shared_keys (Name TEXT NOT NULL PRIMARY KEY, Content TEXT NOT NULL);";
}
