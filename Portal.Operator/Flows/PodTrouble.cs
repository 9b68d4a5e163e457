using System.Net;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;
using Portal.Operator.Api;
using Portal.Operator.Reconciliation;

namespace Portal.Operator.Flows;

/// <summary>Finds out what is the matter with the pods of a roll-out that does not get on. Pods are asked for only then, and not watched.</summary>
internal sealed class PodTrouble(KubeClient client)
{
    private const int MaxPods = 20;
    private const int MaxDetail = 300;

    /// <summary>The words of the first pod that is in trouble, such as <c>pod "a" CrashLoopBackOff: …</c>; null when none says anything.</summary>
    public async Task<string?> FindAsync(ChildOwner owner, CancellationToken cancellationToken)
    {
        IReadOnlyList<KubeObject> pods;
        try
        {
            var options = new ListOptions { LabelSelector = owner.Selector(), Limit = MaxPods };
            pods = (await client.Resource(BuiltIn.Pod).ListAsync(owner.Object.Namespace, options, cancellationToken).ConfigureAwait(false)).Items;
        }
        catch (KubernetesException exception) when (exception.StatusCode == HttpStatusCode.Forbidden)
        {
            // A nicety, for which nobody has to give the right.
            return null;
        }

        return pods.Where(pod => pod.DeletionTimestamp is null && pod.FindCondition("Ready")?.IsTrue != true)
            .OrderByDescending(pod => pod.CreationTimestamp)
            .Select(Describe).FirstOrDefault(text => text is not null);
    }

    private static string? Describe(KubeObject pod)
    {
        var (reason, message) = Container(pod) ?? Scheduling(pod) ?? (null, null);
        var detail = message is { Length: > MaxDetail } ? string.Concat(message.AsSpan(0, MaxDetail - 1), "…") : message;
        return reason is null ? null : $"pod {Names.Quoted(pod.Name)} {reason}{(string.IsNullOrWhiteSpace(detail) ? "" : $": {detail.Trim()}")}";
    }

    /// <summary>Why the container does not run. Why it ended the last time tells more than that it will be started again.</summary>
    private static (string? Reason, string? Message)? Container(KubeObject pod)
    {
        // The flow's own first: others may stand before it.
        var statuses = (pod.Json["status"]?["containerStatuses"] as JsonArray ?? []).OfType<JsonObject>().OrderBy(status => GenkitApi.IsOwnContainer(status["name"]?.ToString()) ? 0 : 1);
        return statuses.Select(Trouble).FirstOrDefault(trouble => trouble is not null);
    }

    private static (string? Reason, string? Message)? Trouble(JsonObject status)
    {
        var (waiting, last) = (status["state"]?["waiting"], status["lastState"]?["terminated"]);
        var ended = last is null ? null : last["message"]?.ToString() is { Length: > 0 } words ? words : $"exit code {last["exitCode"]}";
        return waiting?["reason"]?.ToString() is { } reason and not ("ContainerCreating" or "PodInitializing")
            ? (reason, ended ?? waiting["message"]?.ToString())
            : last is null ? null : (last["reason"]?.ToString() ?? "Error", ended);
    }

    private static (string? Reason, string? Message)? Scheduling(KubeObject pod) =>
        pod.FindCondition("PodScheduled") is { Status: "False" } condition ? (condition.Reason, condition.Message) : null;
}
