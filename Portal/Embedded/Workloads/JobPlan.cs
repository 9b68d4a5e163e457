using Portal.Kubernetes.Objects;

namespace Portal.Embedded.Workloads;

/// <summary>A pod as its Job sees it.</summary>
/// <param name="Name">Name of the pod.</param>
/// <param name="Phase">Phase of its status.</param>
/// <param name="EndedAt">When its container ended; null while it runs.</param>
/// <param name="Message">The last line it wrote.</param>
internal sealed record JobPod(string Name, string Phase, DateTimeOffset? EndedAt, string Message)
{
    public static JobPod Of(KubeObject pod)
    {
        var ended = pod.Json["status"]?["containerStatuses"]?[0]?["state"]?["terminated"];
        return new JobPod(
            pod.Name,
            pod.Json["status"]?["phase"]?.ToString() ?? "Pending",
            DateTimeOffset.TryParse(ended?["finishedAt"]?.ToString(), System.Globalization.CultureInfo.InvariantCulture, out var time) ? time : null,
            ended?["message"]?.ToString() ?? "");
    }
}

/// <summary>How a Job ended: the type of its condition, with reason and message.</summary>
internal sealed record JobEnd(string Type, string Reason, string Message);

/// <summary>What to do next for a Job.</summary>
/// <param name="Create">Pods to create now.</param>
/// <param name="End">How the Job has ended; null while it goes on.</param>
/// <param name="Again">When to look again though nothing happens; null for never.</param>
internal sealed record JobPlan(int Create, JobEnd? End, TimeSpan? Again)
{
    private const int DefaultBackoffLimit = 6;
    private static readonly TimeSpan s_firstBackOff = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestBackOff = TimeSpan.FromMinutes(1);

    public static JobPlan For(JobSpec spec, IReadOnlyList<JobPod> pods, DateTimeOffset startedAt, DateTimeOffset now)
    {
        var failed = pods.Where(pod => pod.Phase == "Failed").ToList();
        var (succeeded, active) = (pods.Count(pod => pod.Phase == "Succeeded"), pods.Count(pod => pod.Phase is not ("Succeeded" or "Failed")));
        if (spec.Completions is { } wanted ? succeeded >= wanted : succeeded > 0 && active == 0)
        {
            return new JobPlan(0, new JobEnd("Complete", "CompletionsReached", "Reached expected number of succeeded pods"), null);
        }

        if (failed.Count > (spec.BackoffLimit ?? DefaultBackoffLimit))
        {
            var last = failed.MaxBy(pod => pod.EndedAt)!.Message;
            return new JobPlan(0, new JobEnd("Failed", "BackoffLimitExceeded", $"Job has reached the specified backoff limit{(last.Length > 0 ? $": {last}" : "")}"), null);
        }

        TimeSpan? left = spec.ActiveDeadlineSeconds is { } seconds ? startedAt + TimeSpan.FromSeconds(seconds) - now : null;
        if (left <= TimeSpan.Zero)
        {
            return new JobPlan(0, new JobEnd("Failed", "DeadlineExceeded", "Job was active longer than specified deadline"), null);
        }

        // Without a number of completions one success is enough, so that no more pods begin after it.
        var open = spec.Completions is { } all ? all - succeeded : succeeded > 0 ? 0 : int.MaxValue;
        var missing = spec.Suspend == true ? 0 : Math.Min(spec.Parallelism ?? 1, open) - active;
        var wait = missing > 0 && failed.Count > 0 ? BackOff(failed.Count) - (now - (failed.Max(pod => pod.EndedAt) ?? now)) : TimeSpan.Zero;
        return wait > TimeSpan.Zero
            ? new JobPlan(0, null, left is { } limit && limit < wait ? limit : wait)
            : new JobPlan(Math.Max(0, missing), null, left);
    }

    private static TimeSpan BackOff(int failures)
    {
        var delay = s_firstBackOff * Math.Pow(2, Math.Min(failures - 1, 10));
        return delay < s_longestBackOff ? delay : s_longestBackOff;
    }
}
