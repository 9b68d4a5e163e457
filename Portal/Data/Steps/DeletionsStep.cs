namespace Portal.Data.Steps;

/// <summary>A release may take objects away too.</summary>
internal static class DeletionsStep
{
    public const string Sqlite =
        """
        ALTER TABLE release_items ADD COLUMN Deletes INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE publications ADD COLUMN Deletes INTEGER NOT NULL DEFAULT 0;
        UPDATE publications SET State = 'Refused', Message = 'Promised before there were releases: publish it again.' WHERE State = 'Pending' AND ReleaseId IS NULL;
        """;

    public const string Postgres =
        """
        ALTER TABLE release_items ADD COLUMN Deletes BOOLEAN NOT NULL DEFAULT FALSE;
        ALTER TABLE publications ADD COLUMN Deletes BOOLEAN NOT NULL DEFAULT FALSE;
        """;
}
