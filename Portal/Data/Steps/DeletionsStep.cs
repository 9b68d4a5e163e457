namespace Portal.Data.Steps;

/// <summary>A release may take objects away too.</summary>
internal static class DeletionsStep
{
    public const string Sql =
        """
        ALTER TABLE release_items ADD COLUMN Deletes INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE publications ADD COLUMN Deletes INTEGER NOT NULL DEFAULT 0;
        UPDATE publications SET State = 'Refused', Message = 'Promised before there were releases: publish it again.' WHERE State = 'Pending' AND ReleaseId IS NULL;
        """;
}
