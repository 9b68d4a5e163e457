using System.Globalization;
using Portal.Kubernetes.Objects;
using Portal.Operator.Api;

namespace Portal.Operator.Evals;

/// <summary>The Jobs of an Eval: what runs, and how the last run ended.</summary>
/// <param name="Active">Name of the Job that runs; the newest when there are several.</param>
/// <param name="LastSuccess">When the last good run ended, as the Job says it.</param>
/// <param name="Failure">Why the last run failed; null when it ended well, or none has ended.</param>
internal sealed record EvalRuns(string? Active, string? LastSuccess, string? Failure)
{
    public static EvalRuns Of(IEnumerable<KubeObject> jobs)
    {
        var all = jobs.Where(job => job.DeletionTimestamp is null).ToList();
        var finished = all.Where(HasEnded).OrderBy(EndOf).ToList();
        var last = finished.LastOrDefault();
        return new EvalRuns(
            all.Where(job => !HasEnded(job)).MaxBy(job => job.CreationTimestamp)?.Name,
            finished.LastOrDefault(job => Failed(job) is null)?.Json["status"]?["completionTime"]?.ToString(),
            last is not null && Failed(last) is { } failed ? $"job {Reconciliation.Names.Quoted(last.Name)} failed: {failed.Message}" : null);
    }

    /// <summary>Whether a Job belongs to the Eval, directly or through its CronJob.</summary>
    public static bool IsOf(KubeObject job, Eval eval) => job.Labels.GetValueOrDefault(GenkitApi.EvalLabel) == eval.Name && job.ControllerOwner is { } owner &&
        (owner.Uid == eval.Uid || (owner.Kind == BuiltIn.CronJob.Kind && owner.Name == eval.Name));

    public static Condition? Failed(KubeObject job) => job.FindCondition("Failed") is { IsTrue: true } failed ? failed : null;

    public static bool HasEnded(KubeObject job) => Failed(job) is not null || job.FindCondition("Complete") is { IsTrue: true };

    private static DateTimeOffset EndOf(KubeObject job) =>
        Failed(job)?.LastTransitionTime ??
        (DateTimeOffset.TryParse(job.Json["status"]?["completionTime"]?.ToString(), CultureInfo.InvariantCulture, out var end) ? end : job.CreationTimestamp ?? default);
}
