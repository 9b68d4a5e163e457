namespace Portal.Data.Steps;

/// <summary>Who wrote a draft last, and which prompts are branches of others.</summary>
internal static class EditingStep
{
    public const string Sql =
        """
        ALTER TABLE drafts ADD COLUMN AuthorId TEXT;
        ALTER TABLE drafts ADD COLUMN AuthorName TEXT;
        CREATE TABLE branches (
            Namespace TEXT NOT NULL, Name TEXT NOT NULL, Origin TEXT NOT NULL, BaseContent TEXT NOT NULL, BaseRevision INTEGER,
            AuthorId TEXT NOT NULL, AuthorName TEXT NOT NULL, CreatedAt TEXT NOT NULL, MergedAt TEXT,
            PRIMARY KEY (Namespace, Name)) WITHOUT ROWID;
        CREATE INDEX branches_by_origin ON branches (Namespace, Origin);
        """;
}
