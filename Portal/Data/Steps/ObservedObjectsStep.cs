namespace Portal.Data.Steps;

/// <summary>What was seen of the cluster, for the audit.</summary>
internal static class ObservedObjectsStep
{
    public const string Sql = """
        CREATE TABLE observed_objects (
            Kind TEXT NOT NULL, Namespace TEXT NOT NULL, Name TEXT NOT NULL, Uid TEXT NOT NULL, Hash TEXT NOT NULL, PRIMARY KEY (Kind, Namespace, Name)) WITHOUT ROWID;
        """;
}
