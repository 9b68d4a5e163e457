namespace Portal.Data.Steps;

/// <summary>
/// What calls cost, and their sums by the hour; the calls that are known already are carried over without a price. With the prices the sums are made of.
/// </summary>
internal static class UsageRollupStep
{
    public const string Sqlite =
        """
        CREATE TABLE usage_series (
            Id INTEGER PRIMARY KEY, Source TEXT NOT NULL, Environment TEXT NOT NULL, Namespace TEXT NOT NULL, Flow TEXT NOT NULL, Prompt TEXT NOT NULL,
            Revision INTEGER NOT NULL, Provider TEXT NOT NULL, Model TEXT NOT NULL, UserName TEXT NOT NULL, Team TEXT NOT NULL, Token TEXT NOT NULL,
            Currency TEXT NOT NULL, CreatedDay INTEGER NOT NULL,
            UNIQUE (Namespace, Flow, Prompt, Revision, Provider, Model, UserName, Team, Token, Source, Environment, Currency));
        CREATE INDEX usage_series_by_day ON usage_series (CreatedDay, Namespace, Flow);
        CREATE TABLE usage_hours (
            Hour BIGINT NOT NULL, SeriesId BIGINT NOT NULL, Calls BIGINT NOT NULL, Errors BIGINT NOT NULL, Unpriced BIGINT NOT NULL, Incomplete BIGINT NOT NULL,
            Requests BIGINT NOT NULL, InputTokens BIGINT NOT NULL, OutputTokens BIGINT NOT NULL, CachedInputTokens BIGINT NOT NULL,
            CacheWriteTokens BIGINT NOT NULL, CacheWriteHourTokens BIGINT NOT NULL, ReasoningTokens BIGINT NOT NULL, InputAudioTokens BIGINT NOT NULL,
            OutputAudioTokens BIGINT NOT NULL, CachedAudioTokens BIGINT NOT NULL, InputImageTokens BIGINT NOT NULL, OutputImageTokens BIGINT NOT NULL,
            CostNanos BIGINT NOT NULL, DurationMicroseconds BIGINT NOT NULL, Ms10 BIGINT NOT NULL, Ms25 BIGINT NOT NULL, Ms50 BIGINT NOT NULL,
            Ms100 BIGINT NOT NULL, Ms250 BIGINT NOT NULL, Ms500 BIGINT NOT NULL, Ms1000 BIGINT NOT NULL, Ms2500 BIGINT NOT NULL, Ms5000 BIGINT NOT NULL,
            Ms10000 BIGINT NOT NULL, Ms30000 BIGINT NOT NULL, Ms60000 BIGINT NOT NULL, MsMore BIGINT NOT NULL,
            PRIMARY KEY (Hour, SeriesId)) WITHOUT ROWID;

        ALTER TABLE usage ADD COLUMN StartedSecond BIGINT NOT NULL DEFAULT 0;
        ALTER TABLE usage ADD COLUMN SeriesId BIGINT NOT NULL DEFAULT 0;
        ALTER TABLE usage ADD COLUMN CostNanos BIGINT;
        ALTER TABLE usage ADD COLUMN PriceId BIGINT;
        ALTER TABLE usage ADD COLUMN Environment TEXT;
        ALTER TABLE usage ADD COLUMN Revision INTEGER;
        ALTER TABLE usage ADD COLUMN Team TEXT;
        ALTER TABLE usage ADD COLUMN Token TEXT;
        ALTER TABLE usage ADD COLUMN CacheWriteHourTokens BIGINT;
        ALTER TABLE usage ADD COLUMN InputAudioTokens BIGINT;
        ALTER TABLE usage ADD COLUMN OutputAudioTokens BIGINT;
        ALTER TABLE usage ADD COLUMN CachedAudioTokens BIGINT;
        ALTER TABLE usage ADD COLUMN InputImageTokens BIGINT;
        ALTER TABLE usage ADD COLUMN OutputImageTokens BIGINT;
        ALTER TABLE usage ADD COLUMN Requests BIGINT;
        ALTER TABLE usage ADD COLUMN ServiceTier TEXT;
        ALTER TABLE usage ADD COLUMN Incomplete INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE usage ADD COLUMN Turns TEXT;
        UPDATE usage SET StartedSecond = CAST(strftime('%s', substr(StartedAt, 1, 19)) AS INTEGER), Revision = (
            SELECT MAX(r.Number) FROM revisions r
            WHERE r.Kind = 'Prompt' AND r.Namespace = usage.Namespace AND r.Name = usage.Prompt AND r.Hash = usage.PromptHash);
        INSERT INTO usage_series (Source, Environment, Namespace, Flow, Prompt, Revision, Provider, Model, UserName, Team, Token, Currency, CreatedDay)
            SELECT DISTINCT Source, '', COALESCE(Namespace, ''), COALESCE(Flow, ''), COALESCE(Prompt, ''), COALESCE(Revision, 0), Provider, Model,
                COALESCE(Caller, ''), '', '', '', 0
            FROM usage;
        UPDATE usage SET SeriesId = (
            SELECT s.Id FROM usage_series s
            WHERE s.Namespace = COALESCE(usage.Namespace, '') AND s.Flow = COALESCE(usage.Flow, '') AND s.Prompt = COALESCE(usage.Prompt, '')
                AND s.Revision = COALESCE(usage.Revision, 0) AND s.Provider = usage.Provider AND s.Model = usage.Model
                AND s.UserName = COALESCE(usage.Caller, '') AND s.Team = '' AND s.Token = '' AND s.Source = usage.Source);
        INSERT INTO usage_hours
            SELECT StartedSecond / 3600, SeriesId, COUNT(*), SUM(Outcome <> 'OK'), COUNT(*), 0,
                COUNT(*), SUM(COALESCE(InputTokens, 0)), SUM(COALESCE(OutputTokens, 0)), SUM(COALESCE(CachedInputTokens, 0)),
                SUM(COALESCE(CacheWriteTokens, 0)), 0, SUM(COALESCE(ReasoningTokens, 0)), 0, 0, 0, 0, 0, 0, SUM(DurationMicroseconds),
                SUM(DurationMicroseconds <= 10000), SUM(DurationMicroseconds > 10000 AND DurationMicroseconds <= 25000),
                SUM(DurationMicroseconds > 25000 AND DurationMicroseconds <= 50000), SUM(DurationMicroseconds > 50000 AND DurationMicroseconds <= 100000),
                SUM(DurationMicroseconds > 100000 AND DurationMicroseconds <= 250000), SUM(DurationMicroseconds > 250000 AND DurationMicroseconds <= 500000),
                SUM(DurationMicroseconds > 500000 AND DurationMicroseconds <= 1000000), SUM(DurationMicroseconds > 1000000 AND DurationMicroseconds <= 2500000),
                SUM(DurationMicroseconds > 2500000 AND DurationMicroseconds <= 5000000), SUM(DurationMicroseconds > 5000000 AND DurationMicroseconds <= 10000000),
                SUM(DurationMicroseconds > 10000000 AND DurationMicroseconds <= 30000000), SUM(DurationMicroseconds > 30000000 AND DurationMicroseconds <= 60000000),
                SUM(DurationMicroseconds > 60000000)
            FROM usage GROUP BY 1, 2;
        DROP INDEX usage_by_time;
        CREATE INDEX usage_by_time ON usage (StartedSecond, SeriesId);

        CREATE TABLE prices (
            Id INTEGER PRIMARY KEY, Provider TEXT NOT NULL, Model TEXT NOT NULL, ValidFrom TEXT NOT NULL, Currency TEXT NOT NULL,
            Input BIGINT NOT NULL, Output BIGINT NOT NULL, CachedInput BIGINT, CacheWrite BIGINT, CacheWriteHour BIGINT, Reasoning BIGINT,
            InputAudio BIGINT, OutputAudio BIGINT, CachedAudio BIGINT, InputImage BIGINT, OutputImage BIGINT, Request BIGINT,
            BatchDiscount INTEGER NOT NULL, Tiers TEXT, Note TEXT, CreatedAt TEXT NOT NULL, CreatedBy TEXT NOT NULL, RemovedAt TEXT, RemovedBy TEXT);
        CREATE UNIQUE INDEX prices_in_force ON prices (Provider, Model, ValidFrom) WHERE RemovedAt IS NULL;
        CREATE TABLE price_discounts (
            Id INTEGER PRIMARY KEY, Provider TEXT NOT NULL, ValidFrom TEXT NOT NULL, Discount INTEGER NOT NULL, Note TEXT,
            CreatedAt TEXT NOT NULL, CreatedBy TEXT NOT NULL, RemovedAt TEXT, RemovedBy TEXT);
        CREATE UNIQUE INDEX price_discounts_in_force ON price_discounts (Provider, ValidFrom) WHERE RemovedAt IS NULL;
        """;

    public const string Postgres =
        """
        CREATE TABLE usage_series (
            Id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, Source TEXT NOT NULL, Environment TEXT NOT NULL, Namespace TEXT NOT NULL, Flow TEXT NOT NULL, Prompt TEXT NOT NULL,
            Revision INTEGER NOT NULL, Provider TEXT NOT NULL, Model TEXT NOT NULL, UserName TEXT NOT NULL, Team TEXT NOT NULL, Token TEXT NOT NULL,
            Currency TEXT NOT NULL, CreatedDay INTEGER NOT NULL,
            UNIQUE (Namespace, Flow, Prompt, Revision, Provider, Model, UserName, Team, Token, Source, Environment, Currency));
        CREATE INDEX usage_series_by_day ON usage_series (CreatedDay, Namespace, Flow);
        CREATE TABLE usage_hours (
            Hour BIGINT NOT NULL, SeriesId BIGINT NOT NULL, Calls BIGINT NOT NULL, Errors BIGINT NOT NULL, Unpriced BIGINT NOT NULL, Incomplete BIGINT NOT NULL,
            Requests BIGINT NOT NULL, InputTokens BIGINT NOT NULL, OutputTokens BIGINT NOT NULL, CachedInputTokens BIGINT NOT NULL,
            CacheWriteTokens BIGINT NOT NULL, CacheWriteHourTokens BIGINT NOT NULL, ReasoningTokens BIGINT NOT NULL, InputAudioTokens BIGINT NOT NULL,
            OutputAudioTokens BIGINT NOT NULL, CachedAudioTokens BIGINT NOT NULL, InputImageTokens BIGINT NOT NULL, OutputImageTokens BIGINT NOT NULL,
            CostNanos BIGINT NOT NULL, DurationMicroseconds BIGINT NOT NULL, Ms10 BIGINT NOT NULL, Ms25 BIGINT NOT NULL, Ms50 BIGINT NOT NULL,
            Ms100 BIGINT NOT NULL, Ms250 BIGINT NOT NULL, Ms500 BIGINT NOT NULL, Ms1000 BIGINT NOT NULL, Ms2500 BIGINT NOT NULL, Ms5000 BIGINT NOT NULL,
            Ms10000 BIGINT NOT NULL, Ms30000 BIGINT NOT NULL, Ms60000 BIGINT NOT NULL, MsMore BIGINT NOT NULL,
            PRIMARY KEY (Hour, SeriesId));

        ALTER TABLE usage ADD COLUMN StartedSecond BIGINT NOT NULL DEFAULT 0;
        ALTER TABLE usage ADD COLUMN SeriesId BIGINT NOT NULL DEFAULT 0;
        ALTER TABLE usage ADD COLUMN CostNanos BIGINT;
        ALTER TABLE usage ADD COLUMN PriceId BIGINT;
        ALTER TABLE usage ADD COLUMN Environment TEXT;
        ALTER TABLE usage ADD COLUMN Revision INTEGER;
        ALTER TABLE usage ADD COLUMN Team TEXT;
        ALTER TABLE usage ADD COLUMN Token TEXT;
        ALTER TABLE usage ADD COLUMN CacheWriteHourTokens BIGINT;
        ALTER TABLE usage ADD COLUMN InputAudioTokens BIGINT;
        ALTER TABLE usage ADD COLUMN OutputAudioTokens BIGINT;
        ALTER TABLE usage ADD COLUMN CachedAudioTokens BIGINT;
        ALTER TABLE usage ADD COLUMN InputImageTokens BIGINT;
        ALTER TABLE usage ADD COLUMN OutputImageTokens BIGINT;
        ALTER TABLE usage ADD COLUMN Requests INTEGER;
        ALTER TABLE usage ADD COLUMN ServiceTier TEXT;
        ALTER TABLE usage ADD COLUMN Incomplete BOOLEAN NOT NULL DEFAULT FALSE;
        ALTER TABLE usage ADD COLUMN Turns TEXT;
        DROP INDEX usage_by_time;
        CREATE INDEX usage_by_time ON usage (StartedSecond, SeriesId);

        CREATE TABLE prices (
            Id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, Provider TEXT NOT NULL, Model TEXT NOT NULL, ValidFrom TIMESTAMPTZ NOT NULL, Currency TEXT NOT NULL,
            Input BIGINT NOT NULL, Output BIGINT NOT NULL, CachedInput BIGINT, CacheWrite BIGINT, CacheWriteHour BIGINT, Reasoning BIGINT,
            InputAudio BIGINT, OutputAudio BIGINT, CachedAudio BIGINT, InputImage BIGINT, OutputImage BIGINT, Request BIGINT,
            BatchDiscount INTEGER NOT NULL, Tiers TEXT, Note TEXT, CreatedAt TIMESTAMPTZ NOT NULL, CreatedBy TEXT NOT NULL, RemovedAt TIMESTAMPTZ, RemovedBy TEXT);
        CREATE UNIQUE INDEX prices_in_force ON prices (Provider, Model, ValidFrom) WHERE RemovedAt IS NULL;
        CREATE TABLE price_discounts (
            Id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, Provider TEXT NOT NULL, ValidFrom TIMESTAMPTZ NOT NULL, Discount INTEGER NOT NULL, Note TEXT,
            CreatedAt TIMESTAMPTZ NOT NULL, CreatedBy TEXT NOT NULL, RemovedAt TIMESTAMPTZ, RemovedBy TEXT);
        CREATE UNIQUE INDEX price_discounts_in_force ON price_discounts (Provider, ValidFrom) WHERE RemovedAt IS NULL;
        """;
}
