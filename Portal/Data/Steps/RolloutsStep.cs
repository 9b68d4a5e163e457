namespace Portal.Data.Steps;

/// <summary>What became of the flows a release reached, and the environments made on the settings page.</summary>
internal static class RolloutsStep
{
    public const string Sql =
        """
        CREATE TABLE rollouts (
            ReleaseId INTEGER NOT NULL, Namespace TEXT NOT NULL, Flow TEXT NOT NULL, HashBefore TEXT, State TEXT NOT NULL, Message TEXT,
            StartedAt TEXT NOT NULL, FinishedAt TEXT,
            PRIMARY KEY (ReleaseId, Namespace, Flow)) WITHOUT ROWID;
        CREATE INDEX rollouts_waiting ON rollouts (State) WHERE State = 'Waiting';
        CREATE TABLE environments (Name TEXT NOT NULL PRIMARY KEY, Definition TEXT NOT NULL, UpdatedAt TEXT NOT NULL, UpdatedBy TEXT NOT NULL) WITHOUT ROWID;
        """;
}
