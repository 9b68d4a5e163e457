namespace Portal.Data.Steps;

/// <summary>Filters that people keep under a name.</summary>
internal static class SavedViewsStep
{
    public const string Sql = """
        CREATE TABLE saved_views (
            Owner TEXT NOT NULL, Page TEXT NOT NULL, Name TEXT NOT NULL, Query TEXT NOT NULL, PRIMARY KEY (Owner, Page, Name)) WITHOUT ROWID;
        """;
}
