using Portal.Kubernetes.Objects;

namespace Portal.Embedded.Workloads;

/// <summary>A pod as the Deployment sees it.</summary>
internal sealed record ObservedPod(string Name, string Hash, bool Ready, DateTimeOffset Created)
{
    public static ObservedPod Of(KubeObject pod) => new(
        pod.Name,
        pod.Labels.GetValueOrDefault(LocalNode.HashLabel, ""),
        pod.FindCondition("Ready")?.IsTrue == true,
        pod.CreationTimestamp ?? DateTimeOffset.MinValue);
}

/// <summary>What to do next so that the pods come nearer to what a Deployment asks for.</summary>
/// <param name="Create">How many pods of the current template to create.</param>
/// <param name="Delete">Names of the pods to delete.</param>
internal sealed record DeploymentPlan(int Create, IReadOnlyList<string> Delete)
{
    /// <summary>
    /// One step of a rolling update: never more than desired + surge pods, and ready pods of an older template go only
    /// while at least desired − unavailable stay ready. Old pods that are not ready serve nobody and go at once.
    /// </summary>
    public static DeploymentPlan For(int desired, string hash, RolloutLimits limits, bool recreate, IReadOnlyList<ObservedPod> pods)
    {
        var current = pods.Where(pod => pod.Hash == hash).ToList();
        var old = pods.Where(pod => pod.Hash != hash).ToList();
        if (recreate && old.Count > 0)
        {
            return new DeploymentPlan(0, [.. old.Select(pod => pod.Name)]);
        }

        var delete = new List<string>();
        delete.AddRange(Worst(current).Take(current.Count - desired));
        delete.AddRange(old.Where(pod => !pod.Ready).Select(pod => pod.Name));

        var ready = pods.Count(pod => pod.Ready && !delete.Contains(pod.Name));
        var spare = Math.Max(0, ready - Math.Max(0, desired - limits.Unavailable));
        delete.AddRange(old.Where(pod => pod.Ready).OrderBy(pod => pod.Created).Take(spare).Select(pod => pod.Name));

        var room = desired + limits.Surge - (pods.Count - delete.Count);
        return new DeploymentPlan(Math.Max(0, Math.Min(desired - current.Count, room)), delete);
    }

    private static IEnumerable<string> Worst(IEnumerable<ObservedPod> pods) =>
        pods.OrderBy(pod => pod.Ready).ThenByDescending(pod => pod.Created).ThenBy(pod => pod.Name, StringComparer.Ordinal).Select(pod => pod.Name);
}
