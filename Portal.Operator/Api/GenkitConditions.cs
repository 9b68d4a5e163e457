namespace Portal.Operator.Api;

/// <summary>Condition types the operator writes.</summary>
public static class ConditionTypes
{
    /// <summary>The object works as it is written now. The verdict every kind has.</summary>
    public const string Ready = "Ready";

    /// <summary>The content is free of errors; absent where there is nothing to judge. Never keeps an object from being Ready.</summary>
    public const string Valid = "Valid";

    /// <summary>Some replica of a Flow answers calls, perhaps of an older revision than the spec.</summary>
    public const string Serving = "Serving";

    internal static IReadOnlyList<string> Owned { get; } = [Ready, Valid, Serving];
}

/// <summary>Reasons that appear in conditions and events.</summary>
public static class ConditionReasons
{
    public const string Ready = "Ready";
    public const string Reconciling = "Reconciling";
    public const string MissingDependency = "MissingDependency";
    public const string InvalidSpec = "InvalidSpec";
    public const string Error = "Error";

    /// <summary>An object the Flow needs to own exists and belongs to someone else.</summary>
    public const string NameConflict = "NameConflict";

    /// <summary>The new revision did not come up in time; older replicas may still serve.</summary>
    public const string ProgressDeadlineExceeded = "ProgressDeadlineExceeded";

    /// <summary>The last run of an Eval failed; the message is the Job's.</summary>
    public const string RunFailed = "RunFailed";
    public const string Valid = "Valid";
    public const string InvalidDocument = "InvalidDocument";
    public const string MissingKeys = "MissingKeys";
    public const string ReplicasAvailable = "ReplicasAvailable";
    public const string NoReplicasAvailable = "NoReplicasAvailable";
}
