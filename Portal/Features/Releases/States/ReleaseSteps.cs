namespace Portal.Features.Releases.States;

/// <summary>The words of a request's history.</summary>
public static class ReleaseSteps
{
    public const string Submitted = "submitted";
    public const string Revised = "revised";
    public const string Approved = "approved";
    public const string ChangesRequested = "changes-requested";
    public const string Rejected = "rejected";
    public const string Withdrawn = "withdrawn";
    public const string Commented = "commented";
    public const string Bypassed = "bypassed";
    public const string EvalPassed = "eval-passed";
    public const string EvalFailed = "eval-failed";
    public const string EvalOverridden = "eval-overridden";
    public const string Retried = "retried";
    public const string Publishing = "publishing";
    public const string Published = "published";
    public const string Failed = "failed";
    public const string RolledOut = "rolled-out";
    public const string RolloutFailed = "rollout-failed";
    public const string Expired = "expired";
}
