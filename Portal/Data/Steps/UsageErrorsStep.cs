namespace Portal.Data.Steps;

/// <summary>Finds the calls of a flow that failed without looking at those that did not.</summary>
internal static class UsageErrorsStep
{
    public const string Sql = "CREATE INDEX usage_errors ON usage (SeriesId, StartedSecond) WHERE Outcome <> 'OK';";
}
