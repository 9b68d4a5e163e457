using System.Globalization;
using Portal.Kubernetes.Objects;

namespace Portal.Embedded.Workloads;

/// <summary>The status of a Deployment, computed from its pods.</summary>
/// <param name="Status">The whole status, as a merge patch of it.</param>
/// <param name="DeadlineIn">When the roll-out is given up if nothing moves until then; null when there is no roll-out under way.</param>
internal sealed record DeploymentStatus(JsonObject Status, TimeSpan? DeadlineIn)
{
    private const int DefaultDeadlineSeconds = 600;
    private const string PausedReason = "DeploymentPaused";

    public static DeploymentStatus Compute(KubeObject deployment, DeploymentSpec spec, string hash, IReadOnlyList<ObservedPod> pods, DateTimeOffset now)
    {
        var before = deployment.Json["status"] as JsonObject ?? [];
        var ready = pods.Count(pod => pod.Ready);
        var updated = pods.Count(pod => pod.Hash == hash);
        var counts = new JsonObject
        {
            ["observedGeneration"] = deployment.Generation,
            ["replicas"] = pods.Count,
            ["updatedReplicas"] = updated,
            ["readyReplicas"] = ready,
            ["availableReplicas"] = ready,
            ["unavailableReplicas"] = Math.Max(spec.Desired, pods.Count) - ready,
        };
        var complete = updated == spec.Desired && pods.Count == spec.Desired && ready == spec.Desired;
        var available = Available(spec, ready);
        var (progressing, deadlineIn) = Progressing(deployment, spec, before, counts, complete, now);
        counts["conditions"] = new JsonArray(Stamp(before, available, now), progressing);
        return new DeploymentStatus(counts, deadlineIn);
    }

    private static JsonObject Available(DeploymentSpec spec, int ready)
    {
        var enough = ready >= spec.Desired - RolloutLimits.Of(spec).Unavailable;
        return enough
            ? Condition("Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
            : Condition("Available", "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.");
    }

    private static (JsonObject Condition, TimeSpan? DeadlineIn) Progressing(
        KubeObject deployment, DeploymentSpec spec, JsonObject before, JsonObject counts, bool complete, DateTimeOffset now)
    {
        var last = Find(before, "Progressing");
        var sameGeneration = Number(before, "observedGeneration") == deployment.Generation;
        if (complete)
        {
            return (Stamp(before, Condition("Progressing", "True", "NewReplicaSetAvailable", $"Deployment \"{deployment.Name}\" has successfully progressed."), now), null);
        }

        // A finished roll-out stays finished when a pod later fails: Available tells about that.
        if (sameGeneration && last?["reason"]?.ToString() == "NewReplicaSetAvailable")
        {
            return ((JsonObject)last.DeepClone(), null);
        }

        if (spec.Paused)
        {
            return (Stamp(before, Condition("Progressing", "Unknown", PausedReason, "Deployment is paused"), now), null);
        }

        var deadline = TimeSpan.FromSeconds(spec.ProgressDeadlineSeconds ?? DefaultDeadlineSeconds);
        var updatedAt = Time(last, "lastUpdateTime");
        if (!sameGeneration || updatedAt is null || last?["reason"]?.ToString() == PausedReason || HasProgressed(before, counts))
        {
            var moved = Condition("Progressing", "True", "ReplicaSetUpdated", $"Deployment \"{deployment.Name}\" is progressing.");
            return (Stamp(before, moved, now, touch: true), deadline);
        }

        var left = updatedAt.Value + deadline - now;
        return left > TimeSpan.Zero
            ? ((JsonObject)last!.DeepClone(), left)
            : (Stamp(before, Condition("Progressing", "False", "ProgressDeadlineExceeded", $"Deployment \"{deployment.Name}\" has timed out progressing."), now), null);
    }

    private static bool HasProgressed(JsonObject before, JsonObject counts) =>
        Number(counts, "updatedReplicas") > Number(before, "updatedReplicas") ||
        Number(counts, "readyReplicas") > Number(before, "readyReplicas") ||
        Number(counts, "replicas") - Number(counts, "updatedReplicas") < Number(before, "replicas") - Number(before, "updatedReplicas");

    private static JsonObject Condition(string type, string status, string reason, string message) =>
        new() { ["type"] = type, ["status"] = status, ["reason"] = reason, ["message"] = message };

    // lastTransitionTime moves when the status flips, lastUpdateTime when anything in the condition changes, or when told to.
    private static JsonObject Stamp(JsonObject before, JsonObject condition, DateTimeOffset now, bool touch = false)
    {
        var last = Find(before, condition["type"]!.ToString());
        var same = last is not null && Same(last, condition, "status") && Same(last, condition, "reason") && Same(last, condition, "message");
        var time = LocalNode.Timestamp(now);
        condition["lastUpdateTime"] = same && !touch ? last!["lastUpdateTime"]?.DeepClone() : time;
        condition["lastTransitionTime"] = last is not null && Same(last, condition, "status") ? last["lastTransitionTime"]?.DeepClone() : time;
        return condition;
    }

    private static bool Same(JsonObject a, JsonObject b, string key) => a[key]?.ToString() == b[key]?.ToString();

    private static JsonObject? Find(JsonObject status, string type) =>
        (status["conditions"] as JsonArray)?.OfType<JsonObject>().FirstOrDefault(condition => condition["type"]?.ToString() == type);

    private static long Number(JsonObject json, string key) =>
        long.TryParse(json[key]?.ToString(), CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static DateTimeOffset? Time(JsonObject? json, string key) =>
        DateTimeOffset.TryParse(json?[key]?.ToString(), CultureInfo.InvariantCulture, out var time) ? time : null;
}
