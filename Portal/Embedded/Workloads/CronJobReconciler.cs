using System.Globalization;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;
using Portal.Operator.Evals;

namespace Portal.Embedded.Workloads;

/// <summary>The CronJob controller of this machine. Of several times that passed while the portal was away, only the last is made up for.</summary>
internal sealed class CronJobReconciler(
    KubeClient client, Informer<KubeObject> cronJobs, Informer<KubeObject> jobs, EventRecorder events, TimeProvider timeProvider) : IReconciler
{
    private const int DefaultSuccessfulHistory = 3;
    private const int DefaultFailedHistory = 1;
    private static readonly TimeSpan s_longestWait = TimeSpan.FromHours(1);
    private static readonly WriteOptions s_local = new() { Manager = FieldManager.Local };

    public async Task<ReconcileResult> ReconcileAsync(ResourceRef key, CancellationToken cancellationToken)
    {
        if (cronJobs.Store.Find(key.Namespace, key.Name) is not { DeletionTimestamp: null } cronJob)
        {
            return ReconcileResult.Done;
        }

        var spec = CronJobSpec.Of(cronJob);
        var children = jobs.Store.List(cronJob.Namespace).Where(job => job.ControllerOwner?.Uid == cronJob.Uid && job.DeletionTimestamp is null).ToList();
        await TrimAsync(children, spec, cancellationToken);
        if (Read(cronJob, spec) is not var (schedule, zone))
        {
            return ReconcileResult.Done;
        }

        var now = timeProvider.GetUtcNow();
        var last = Time(cronJob.Json["status"]?["lastScheduleTime"]) ?? cronJob.CreationTimestamp ?? now;
        var started = last;
        if (spec.Suspend != true && LastDue(schedule, zone, last, now) is { } due)
        {
            started = await StartAsync(cronJob, spec, children, due, now, cancellationToken) ? due : last;
        }

        await WriteAsync(cronJob, children, started > last ? started : null, cancellationToken);
        var wait = schedule.Next(now, zone) - now;
        return wait is null ? ReconcileResult.Done : ReconcileResult.After(wait < s_longestWait ? wait.Value : s_longestWait);
    }

    /// <summary>The last time the schedule came by since <paramref name="last"/>; null when it has not.</summary>
    internal static DateTimeOffset? LastDue(CronSchedule schedule, TimeZoneInfo zone, DateTimeOffset last, DateTimeOffset now)
    {
        // A year of minutes is too much to walk through: what is older than a day is found from a day ago.
        var from = now - last > TimeSpan.FromDays(1) && schedule.Next(now - TimeSpan.FromDays(1), zone) <= now ? now - TimeSpan.FromDays(1) : last;
        DateTimeOffset? due = null;
        for (var next = schedule.Next(from, zone); next <= now; next = schedule.Next(next.Value, zone))
        {
            due = next;
        }

        return due;
    }

    private (CronSchedule Schedule, TimeZoneInfo Zone)? Read(KubeObject cronJob, CronJobSpec spec)
    {
        try
        {
            return (new CronSchedule(spec.Schedule), spec.TimeZone is { Length: > 0 } name ? TimeZoneInfo.FindSystemTimeZoneById(name) : TimeZoneInfo.Utc);
        }
        catch (Exception exception) when (exception is FormatException or TimeZoneNotFoundException or InvalidTimeZoneException)
        {
            events.Record(cronJob, "Warning", "UnparseableSchedule", $"schedule \"{spec.Schedule}\" in time zone \"{spec.TimeZone}\": {exception.Message}");
            return null;
        }
    }

    /// <returns>Whether the time is dealt with.</returns>
    private async Task<bool> StartAsync(
        KubeObject cronJob, CronJobSpec spec, List<KubeObject> children, DateTimeOffset due, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (spec.StartingDeadlineSeconds is { } seconds && now - due > TimeSpan.FromSeconds(seconds))
        {
            events.Record(cronJob, "Warning", "MissSchedule", $"Missed scheduled time to start a job: {LocalNode.Timestamp(due)}");
            return true;
        }

        var active = children.Where(job => !JobReconciler.HasEnded(job)).ToList();
        if (active.Count > 0 && spec.ConcurrencyPolicy == "Forbid")
        {
            // The end of the running Job wakes us; the time is made up for then.
            events.Record(cronJob, "Normal", "JobAlreadyActive", "Not starting job because prior execution is running and concurrency policy is Forbid");
            return false;
        }

        if (spec.ConcurrencyPolicy == "Replace")
        {
            await DeleteAsync(active, cancellationToken);
        }

        var job = NewJob(cronJob, spec, due);
        try
        {
            children.Add(await client.Resource(BuiltIn.Job).CreateAsync(job, s_local, cancellationToken));
            events.Record(cronJob, "Normal", "SuccessfulCreate", $"Created job {job.Name}");
        }
        catch (KubernetesException exception) when (exception.StatusCode == System.Net.HttpStatusCode.Conflict)
        {
            // Made before, when the status could not be written.
        }

        return true;
    }

    private static KubeObject NewJob(KubeObject cronJob, CronJobSpec spec, DateTimeOffset due)
    {
        var metadata = (JsonObject?)spec.JobTemplate["metadata"]?.DeepClone() ?? [];
        metadata["name"] = $"{cronJob.Name}-{(due.ToUnixTimeSeconds() / 60).ToString(CultureInfo.InvariantCulture)}{(due.Second == 0 ? "" : due.Second.ToString("00", CultureInfo.InvariantCulture))}";
        metadata["namespace"] = cronJob.Namespace;
        metadata["ownerReferences"] = new JsonArray(PodTemplate.Owner(cronJob, BuiltIn.CronJob));
        return new KubeObject(new JsonObject
        {
            ["apiVersion"] = BuiltIn.Job.ApiVersion,
            ["kind"] = BuiltIn.Job.Kind,
            ["metadata"] = metadata,
            ["spec"] = spec.JobTemplate["spec"]?.DeepClone(),
        });
    }

    private async Task TrimAsync(List<KubeObject> children, CronJobSpec spec, CancellationToken cancellationToken)
    {
        bool Failed(KubeObject job) => job.FindCondition("Failed") is { IsTrue: true };

        var ended = children.Where(JobReconciler.HasEnded).OrderByDescending(job => job.CreationTimestamp).ToList();
        var surplus = ended.Where(job => !Failed(job)).Skip(spec.SuccessfulJobsHistoryLimit ?? DefaultSuccessfulHistory)
            .Concat(ended.Where(Failed).Skip(spec.FailedJobsHistoryLimit ?? DefaultFailedHistory)).ToList();
        await DeleteAsync(surplus, cancellationToken);
        children.RemoveAll(surplus.Contains);
    }

    private async Task DeleteAsync(IEnumerable<KubeObject> gone, CancellationToken cancellationToken)
    {
        foreach (var job in gone)
        {
            await client.Resource(BuiltIn.Job).DeleteAsync(
                job.Namespace, job.Name, new DeleteOptions { PropagationPolicy = "Background", PreconditionUid = job.Uid }, cancellationToken);
        }
    }

    private async Task WriteAsync(KubeObject cronJob, List<KubeObject> children, DateTimeOffset? scheduled, CancellationToken cancellationToken)
    {
        var active = new JsonArray([.. children.Where(job => !JobReconciler.HasEnded(job)).OrderBy(job => job.Name, StringComparer.Ordinal).Select(job => new JsonObject
        {
            ["apiVersion"] = BuiltIn.Job.ApiVersion,
            ["kind"] = BuiltIn.Job.Kind,
            ["name"] = job.Name,
            ["namespace"] = job.Namespace,
            ["uid"] = job.Uid,
        })]);
        var succeeded = children.Select(job => job.Json["status"]?["completionTime"]?.ToString()).Where(time => time is not null).Order(StringComparer.Ordinal).LastOrDefault();
        var before = cronJob.Json["status"] as JsonObject ?? [];
        var status = new JsonObject
        {
            ["active"] = active.Count > 0 ? active : null,
            ["lastScheduleTime"] = scheduled is { } time ? LocalNode.Timestamp(time) : before["lastScheduleTime"]?.DeepClone(),
            ["lastSuccessfulTime"] = succeeded ?? before["lastSuccessfulTime"]?.DeepClone(),
        };
        if (status.Any(field => !JsonNode.DeepEquals(before[field.Key], field.Value)))
        {
            await client.Resource(BuiltIn.CronJob).MergePatchAsync(
                cronJob.Namespace, cronJob.Name, new JsonObject { ["status"] = status }, "status", s_local, cancellationToken);
        }
    }

    private static DateTimeOffset? Time(JsonNode? text) =>
        DateTimeOffset.TryParse(text?.ToString(), CultureInfo.InvariantCulture, out var time) ? time : null;
}
