using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Serialization;

namespace Portal.Embedded.Workloads;

/// <summary>The part of <c>batch/v1 JobSpec</c> that matters on one machine.</summary>
internal sealed record JobSpec
{
    public int? Parallelism { get; init; }
    public int? Completions { get; init; }
    public int? BackoffLimit { get; init; }
    public long? ActiveDeadlineSeconds { get; init; }
    public int? TtlSecondsAfterFinished { get; init; }
    public bool? Suspend { get; init; }
    public JsonObject Template { get; init; } = [];

    public static JobSpec Of(KubeObject job) => job.Json["spec"]?.Deserialize<JobSpec>(KubernetesJson.Options) ?? new();
}

/// <summary>The part of <c>batch/v1 CronJobSpec</c> that matters on one machine.</summary>
internal sealed record CronJobSpec
{
    public string Schedule { get; init; } = "";
    public string? TimeZone { get; init; }
    public string? ConcurrencyPolicy { get; init; }
    public long? StartingDeadlineSeconds { get; init; }
    public bool? Suspend { get; init; }
    public int? SuccessfulJobsHistoryLimit { get; init; }
    public int? FailedJobsHistoryLimit { get; init; }
    public JsonObject JobTemplate { get; init; } = [];

    public static CronJobSpec Of(KubeObject cronJob) => cronJob.Json["spec"]?.Deserialize<CronJobSpec>(KubernetesJson.Options) ?? new();
}
