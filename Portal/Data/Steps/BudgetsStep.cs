namespace Portal.Data.Steps;

/// <summary>Budgets, the thresholds that were crossed, and what is to be told to people and programs.</summary>
internal static class BudgetsStep
{
    public const string Sqlite =
        """
        CREATE TABLE budgets (
            Id TEXT NOT NULL PRIMARY KEY, Version INTEGER NOT NULL, Name TEXT NOT NULL, NameKey TEXT NOT NULL, Scope TEXT NOT NULL, Namespace TEXT NOT NULL,
            Subject TEXT NOT NULL, AmountNanos INTEGER NOT NULL, Currency TEXT NOT NULL, Period TEXT NOT NULL, TimeZone TEXT NOT NULL, Thresholds TEXT NOT NULL,
            Emails TEXT NOT NULL, Webhook TEXT, Enforcement TEXT NOT NULL, Contact TEXT NOT NULL, CreatedAt TEXT NOT NULL, UpdatedAt TEXT NOT NULL, UpdatedBy TEXT NOT NULL);
        CREATE UNIQUE INDEX budgets_by_name ON budgets (Namespace, NameKey);
        CREATE TABLE budget_alerts (
            BudgetId TEXT NOT NULL, WindowStart INTEGER NOT NULL, AmountNanos INTEGER NOT NULL, Threshold INTEGER NOT NULL, SpentNanos INTEGER NOT NULL, At TEXT NOT NULL,
            PRIMARY KEY (BudgetId, WindowStart, AmountNanos, Threshold)) WITHOUT ROWID;
        CREATE TABLE notifications (
            Id TEXT NOT NULL PRIMARY KEY, Topic TEXT NOT NULL, Channel TEXT NOT NULL, Target TEXT NOT NULL, Receiver TEXT NOT NULL, Subject TEXT NOT NULL,
            Body TEXT NOT NULL, Payload TEXT NOT NULL, State TEXT NOT NULL, Attempts INTEGER NOT NULL, NextAttempt INTEGER NOT NULL, CreatedAt TEXT NOT NULL,
            SentAt TEXT, Problem TEXT);
        CREATE INDEX notifications_pending ON notifications (NextAttempt) WHERE State = 'Pending';
        CREATE INDEX notifications_by_topic ON notifications (Topic, CreatedAt);
        """;

    public const string Postgres =
        """
        CREATE TABLE budgets (
            Id TEXT NOT NULL PRIMARY KEY, Version BIGINT NOT NULL, Name TEXT NOT NULL, NameKey TEXT NOT NULL, Scope TEXT NOT NULL, Namespace TEXT NOT NULL,
            Subject TEXT NOT NULL, AmountNanos BIGINT NOT NULL, Currency TEXT NOT NULL, Period TEXT NOT NULL, TimeZone TEXT NOT NULL, Thresholds TEXT NOT NULL,
            Emails TEXT NOT NULL, Webhook TEXT, Enforcement TEXT NOT NULL, Contact TEXT NOT NULL, CreatedAt TIMESTAMPTZ NOT NULL, UpdatedAt TIMESTAMPTZ NOT NULL,
            UpdatedBy TEXT NOT NULL);
        CREATE UNIQUE INDEX budgets_by_name ON budgets (Namespace, NameKey);
        CREATE TABLE budget_alerts (
            BudgetId TEXT NOT NULL, WindowStart BIGINT NOT NULL, AmountNanos BIGINT NOT NULL, Threshold INTEGER NOT NULL, SpentNanos BIGINT NOT NULL, At TIMESTAMPTZ NOT NULL,
            PRIMARY KEY (BudgetId, WindowStart, AmountNanos, Threshold));
        CREATE TABLE notifications (
            Id TEXT NOT NULL PRIMARY KEY, Topic TEXT NOT NULL, Channel TEXT NOT NULL, Target TEXT NOT NULL, Receiver TEXT NOT NULL, Subject TEXT NOT NULL,
            Body TEXT NOT NULL, Payload TEXT NOT NULL, State TEXT NOT NULL, Attempts INTEGER NOT NULL, NextAttempt BIGINT NOT NULL, CreatedAt TIMESTAMPTZ NOT NULL,
            SentAt TIMESTAMPTZ, Problem TEXT);
        CREATE INDEX notifications_pending ON notifications (NextAttempt) WHERE State = 'Pending';
        CREATE INDEX notifications_by_topic ON notifications (Topic, CreatedAt);
        """;
}
