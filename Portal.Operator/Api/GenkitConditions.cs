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

    /// <summary>A roll-out is under way or done; false when it has stopped before its end, unknown while it is paused.</summary>
    public const string Progressing = "Progressing";

    /// <summary>Something is broken that will not heal by itself; the message names the first broken link. What serves may go on.</summary>
    public const string Degraded = "Degraded";

    internal static IReadOnlyList<string> Owned { get; } = [Ready, Valid, Serving, Progressing, Degraded];
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

    /// <summary>Every replica is of the current revision.</summary>
    public const string NewReplicaSetAvailable = "NewReplicaSetAvailable";

    /// <summary>Replicas of the current revision are coming up.</summary>
    public const string ReplicaSetUpdated = "ReplicaSetUpdated";

    /// <summary>The roll-out was done, and since then too few replicas answer.</summary>
    public const string MinimumReplicasUnavailable = "MinimumReplicasUnavailable";

    /// <summary>A roll-out is under way and its pods do not start; the message has the words of the first.</summary>
    public const string PodsFailing = "PodsFailing";

    /// <summary>Pods have not yet read a change that they take without a restart.</summary>
    public const string Reloading = "Reloading";

    /// <summary>A runner says that it cannot serve a flow as it is written.</summary>
    public const string FlowBroken = "FlowBroken";

    /// <summary><c>spec.paused</c> is true.</summary>
    public const string Paused = "Paused";

    /// <summary>The spec asks for an HTTPRoute and the cluster has no Gateway API.</summary>
    public const string GatewayApiMissing = "GatewayApiMissing";

    /// <summary>The Deployment was scaled by somebody although the spec says how many replicas there are.</summary>
    public const string ReplicasRestored = "ReplicasRestored";

    /// <summary>Nothing is known to be broken.</summary>
    public const string AsExpected = "AsExpected";

    /// <summary>The last run of an Eval failed; the message is the Job's.</summary>
    public const string RunFailed = "RunFailed";

    /// <summary>A budget is used up that an Eval would spend; the message says which, until when and whom to ask. Its runs wait.</summary>
    public const string BudgetExhausted = "BudgetExhausted";
    public const string Valid = "Valid";
    public const string InvalidDocument = "InvalidDocument";
    public const string MissingKeys = "MissingKeys";
    public const string ReplicasAvailable = "ReplicasAvailable";
    public const string NoReplicasAvailable = "NoReplicasAvailable";
}
