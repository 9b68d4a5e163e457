using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;

namespace Portal.Embedded.Workloads;

/// <summary>The Deployment controller of this machine: owns pods directly, one step of a rolling update at a time.</summary>
internal sealed class DeploymentReconciler(
    KubeClient client, Informer<KubeObject> deployments, EventRecorder events, TimeProvider timeProvider) : IReconciler
{
    public async Task<ReconcileResult> ReconcileAsync(ResourceRef key, CancellationToken cancellationToken)
    {
        var deployment = deployments.Store.Find(key.Namespace, key.Name);
        if (deployment is null || deployment.DeletionTimestamp is not null)
        {
            return ReconcileResult.Done;
        }

        var spec = DeploymentSpec.Of(deployment);
        var hash = PodTemplate.Hash(spec.Template);
        var pods = await ListPodsAsync(deployment, spec, cancellationToken);
        // Paused is the roll-out of a new template, not the number of pods.
        if (!spec.Paused || spec.Desired == 0 || (pods.Count > 0 && pods.All(pod => pod.Hash == hash)))
        {
            var plan = DeploymentPlan.For(spec.Desired, hash, RolloutLimits.Of(spec), spec.Strategy.Type == "Recreate", pods);
            pods = await CarryOutAsync(deployment, spec, hash, plan, pods, cancellationToken);
        }

        var status = DeploymentStatus.Compute(deployment, spec, hash, pods, timeProvider.GetUtcNow());
        if (!JsonNode.DeepEquals(deployment.Json["status"], status.Status))
        {
            await client.Resource(BuiltIn.Deployment).MergePatchAsync(
                deployment.Namespace, deployment.Name, new JsonObject { ["status"] = status.Status }, "status",
                new WriteOptions { Manager = FieldManager.Local }, cancellationToken);
        }

        return status.DeadlineIn is { } deadline ? ReconcileResult.After(deadline) : ReconcileResult.Done;
    }

    // From the server, not from a cache that may not yet hold the pods created a moment ago.
    private async Task<IReadOnlyList<ObservedPod>> ListPodsAsync(KubeObject deployment, DeploymentSpec spec, CancellationToken cancellationToken)
    {
        var selector = string.Join(',', spec.Selector.MatchLabels.Select(label => $"{label.Key}={label.Value}"));
        var pods = new List<ObservedPod>();
        await foreach (var pod in client.Resource(BuiltIn.Pod).ListAllAsync(
            deployment.Namespace, new ListOptions { LabelSelector = selector }, cancellationToken))
        {
            if (pod.ControllerOwner?.Uid == deployment.Uid && pod.DeletionTimestamp is null)
            {
                pods.Add(ObservedPod.Of(pod));
            }
        }

        return pods;
    }

    private async Task<IReadOnlyList<ObservedPod>> CarryOutAsync(
        KubeObject deployment, DeploymentSpec spec, string hash, DeploymentPlan plan, IReadOnlyList<ObservedPod> pods, CancellationToken cancellationToken)
    {
        var resource = client.Resource(BuiltIn.Pod);
        var after = pods.Where(pod => !plan.Delete.Contains(pod.Name)).ToList();
        for (var i = 0; i < plan.Create; i++)
        {
            var pod = PodTemplate.NewPod(deployment, spec, hash, PodTemplate.NewSuffix());
            await resource.CreateAsync(pod, new WriteOptions { Manager = FieldManager.Local }, cancellationToken);
            after.Add(new ObservedPod(pod.Name, hash, Ready: false, timeProvider.GetUtcNow()));
            events.Record(deployment, "Normal", "PodCreated", $"Created pod {pod.Name}");
        }

        foreach (var name in plan.Delete)
        {
            await resource.DeleteAsync(deployment.Namespace, name, new DeleteOptions { GracePeriodSeconds = 0 }, cancellationToken);
            events.Record(deployment, "Normal", "PodDeleted", $"Deleted pod {name}");
        }

        return after;
    }
}
