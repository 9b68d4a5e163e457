using System.Globalization;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;

namespace Portal.Embedded.Workloads;

/// <summary>The Job controller of this machine.</summary>
internal sealed class JobReconciler(KubeClient client, Informer<KubeObject> jobs, EventRecorder events, TimeProvider timeProvider) : IReconciler
{
    private const string NameLabel = "batch.kubernetes.io/job-name";
    private static readonly WriteOptions s_local = new() { Manager = FieldManager.Local };

    public static bool HasEnded(KubeObject job) =>
        job.FindCondition("Complete") is { IsTrue: true } || job.FindCondition("Failed") is { IsTrue: true };

    public async Task<ReconcileResult> ReconcileAsync(ResourceRef key, CancellationToken cancellationToken)
    {
        if (jobs.Store.Find(key.Namespace, key.Name) is not { DeletionTimestamp: null } job)
        {
            return ReconcileResult.Done;
        }

        var (spec, now) = (JobSpec.Of(job), timeProvider.GetUtcNow());
        if (HasEnded(job))
        {
            return await ForgetAsync(job, spec, now, cancellationToken);
        }

        var pods = await ListPodsAsync(job, cancellationToken);
        var startedAt = DateTimeOffset.TryParse(job.Json["status"]?["startTime"]?.ToString(), CultureInfo.InvariantCulture, out var time) ? time : now;
        var plan = JobPlan.For(spec, pods, startedAt, now);
        for (var i = 0; i < plan.Create; i++)
        {
            var pod = PodTemplate.NewPod(job, BuiltIn.Job, spec.Template, PodTemplate.NewSuffix());
            await client.Resource(BuiltIn.Pod).CreateAsync(pod, s_local, cancellationToken);
            pods.Add(JobPod.Of(pod));
            events.Record(job, "Normal", "SuccessfulCreate", $"Created pod: {pod.Name}");
        }

        if (plan.End is { } end)
        {
            foreach (var pod in pods.Where(pod => pod.Phase is not ("Succeeded" or "Failed")).ToList())
            {
                await client.Resource(BuiltIn.Pod).DeleteAsync(job.Namespace, pod.Name, new DeleteOptions { GracePeriodSeconds = 0 }, cancellationToken);
                pods.Remove(pod);
            }

            events.Record(job, end.Type == "Complete" ? "Normal" : "Warning", end.Type == "Complete" ? "Completed" : end.Reason, end.Message);
        }

        await WriteAsync(job, Status(pods, plan.End, startedAt, now), cancellationToken);
        return plan.Again is { } again ? ReconcileResult.After(again) : ReconcileResult.Done;
    }

    private static JsonObject Status(List<JobPod> pods, JobEnd? end, DateTimeOffset startedAt, DateTimeOffset now)
    {
        var (succeeded, failed) = (pods.Count(pod => pod.Phase == "Succeeded"), pods.Count(pod => pod.Phase == "Failed"));
        var (active, time) = (pods.Count - succeeded - failed, LocalNode.Timestamp(now));
        return new JsonObject
        {
            ["startTime"] = LocalNode.Timestamp(startedAt),
            ["active"] = active > 0 ? active : null,
            ["succeeded"] = succeeded > 0 ? succeeded : null,
            ["failed"] = failed > 0 ? failed : null,
            ["completionTime"] = end?.Type == "Complete" ? time : null,
            ["conditions"] = end is null ? null : new JsonArray(new JsonObject
            {
                ["type"] = end.Type,
                ["status"] = "True",
                ["reason"] = end.Reason,
                ["message"] = end.Message,
                ["lastProbeTime"] = time,
                ["lastTransitionTime"] = time,
            }),
        };
    }

    private async Task WriteAsync(KubeObject job, JsonObject status, CancellationToken cancellationToken)
    {
        var before = job.Json["status"] as JsonObject ?? [];
        if (status.Any(field => !JsonNode.DeepEquals(before[field.Key], field.Value)))
        {
            await client.Resource(BuiltIn.Job).MergePatchAsync(job.Namespace, job.Name, new JsonObject { ["status"] = status }, "status", s_local, cancellationToken);
        }
    }

    /// <summary>Deletes what has ended when its time is over.</summary>
    private async Task<ReconcileResult> ForgetAsync(KubeObject job, JobSpec spec, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (spec.TtlSecondsAfterFinished is not { } seconds)
        {
            return ReconcileResult.Done;
        }

        var ended = job.Conditions.Where(condition => condition is { IsTrue: true, Type: "Complete" or "Failed" }).Max(condition => condition.LastTransitionTime) ?? now;
        var left = ended + TimeSpan.FromSeconds(seconds) - now;
        if (left > TimeSpan.Zero)
        {
            return ReconcileResult.After(left);
        }

        await client.Resource(BuiltIn.Job).DeleteAsync(
            job.Namespace, job.Name, new DeleteOptions { PropagationPolicy = "Background", PreconditionUid = job.Uid }, cancellationToken);
        return ReconcileResult.Done;
    }

    // From the server, not from a cache that may not yet hold the pods created a moment ago.
    private async Task<List<JobPod>> ListPodsAsync(KubeObject job, CancellationToken cancellationToken)
    {
        var pods = new List<JobPod>();
        await foreach (var pod in client.Resource(BuiltIn.Pod).ListAllAsync(
            job.Namespace, new ListOptions { LabelSelector = $"{NameLabel}={job.Name}" }, cancellationToken))
        {
            if (pod.ControllerOwner?.Uid == job.Uid && pod.DeletionTimestamp is null)
            {
                pods.Add(JobPod.Of(pod));
            }
        }

        return pods;
    }
}
