namespace Portal.Data.Steps;

/// <summary>Sums of calls by the day, so that a month takes no longer to add up than a day.</summary>
internal static class UsageDaysStep
{
    public const string Sqlite = Table + ") WITHOUT ROWID;" + Fill;

    public const string Postgres = Table + ");" + Fill;

    private const string Table =
        """
        CREATE TABLE usage_days (
            Day BIGINT NOT NULL, SeriesId BIGINT NOT NULL, Calls BIGINT NOT NULL, Errors BIGINT NOT NULL, Unpriced BIGINT NOT NULL, Incomplete BIGINT NOT NULL,
            Requests BIGINT NOT NULL, InputTokens BIGINT NOT NULL, OutputTokens BIGINT NOT NULL, CachedInputTokens BIGINT NOT NULL,
            CacheWriteTokens BIGINT NOT NULL, CacheWriteHourTokens BIGINT NOT NULL, ReasoningTokens BIGINT NOT NULL, InputAudioTokens BIGINT NOT NULL,
            OutputAudioTokens BIGINT NOT NULL, CachedAudioTokens BIGINT NOT NULL, InputImageTokens BIGINT NOT NULL, OutputImageTokens BIGINT NOT NULL,
            CostNanos BIGINT NOT NULL, DurationMicroseconds BIGINT NOT NULL,
            PRIMARY KEY (Day, SeriesId)
        """;

    private const string Fill =
        """

        INSERT INTO usage_days
            SELECT Hour / 24, SeriesId, SUM(Calls), SUM(Errors), SUM(Unpriced), SUM(Incomplete), SUM(Requests), SUM(InputTokens), SUM(OutputTokens),
                SUM(CachedInputTokens), SUM(CacheWriteTokens), SUM(CacheWriteHourTokens), SUM(ReasoningTokens), SUM(InputAudioTokens), SUM(OutputAudioTokens),
                SUM(CachedAudioTokens), SUM(InputImageTokens), SUM(OutputImageTokens), SUM(CostNanos), SUM(DurationMicroseconds)
            FROM usage_hours GROUP BY Hour / 24, SeriesId;
        """;
}
