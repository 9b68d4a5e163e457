using Portal.Data.Steps;

namespace Portal.Data;

/// <summary>
/// The tables, as a list of steps that is only ever appended to; a database keeps how many of them it has taken. Names are written without quotes: PostgreSQL
/// has them in lower case, and so does its model. There <c>TEXT</c> stands for text that is compared byte by byte, as SQLite does.
/// </summary>
internal static class PortalSchema
{
    public static IReadOnlyList<SchemaStep> Steps { get; } =
    [
        new(FirstStep.Sqlite, PostgresBaseline.Sql),
        new(UsageStep.Sqlite, InBaseline),
        new(AuditStep.Sql, InBaseline),
        new(AuditHeadsStep.Sql, InBaseline),
        new(SavedViewsStep.Sql, InBaseline),
        new(ObservedObjectsStep.Sql, InBaseline),
        new(SignInStep.Sql, InBaseline),
        new(ReleasesStep.Sql, InBaseline),
        new(EditingStep.Sql, InBaseline),
        new(RolloutsStep.Sql, InBaseline),
        new(DeletionsStep.Sqlite, DeletionsStep.Postgres),
        new(UsageRollupStep.Sqlite, UsageRollupStep.Postgres),
        new(UsageDaysStep.Sqlite, UsageDaysStep.Postgres),
        new(BudgetsStep.Sqlite, BudgetsStep.Postgres),
        new(PromptImportsStep.Sqlite, PromptImportsStep.Postgres),
        new(RecomputationsStep.Sqlite, RecomputationsStep.Postgres),
        new(SharedKeysStep.Sqlite, SharedKeysStep.Postgres),
        new(RunHistoryStep.Sqlite, RunHistoryStep.Postgres),
        new(DigestsStep.Sqlite, DigestsStep.Postgres),
        new(UsageErrorsStep.Sql, UsageErrorsStep.Sql),
    ];

    /// <summary>PostgreSQL came after this step; its first one made all this at once.</summary>
    private const string InBaseline = "";
}
