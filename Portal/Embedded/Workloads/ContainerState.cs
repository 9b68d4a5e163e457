using Portal.Kubernetes.Objects;

namespace Portal.Embedded.Workloads;

/// <summary>How the last process of a container ended.</summary>
internal sealed record Termination(int ExitCode, string Message, DateTimeOffset StartedAt, DateTimeOffset FinishedAt);

/// <summary>What a pod's one container is doing: waiting for a reason, or running since a time.</summary>
internal sealed record ContainerState
{
    public string? WaitingReason { get; init; }
    public string? WaitingMessage { get; init; }
    public DateTimeOffset? RunningSince { get; init; }
    public bool Ready { get; init; }
    public int RestartCount { get; init; }
    public Termination? Last { get; init; }

    /// <summary>Whether <see cref="Last"/> was the end of the pod.</summary>
    public bool Finished { get; init; }

    public static ContainerState Waiting(string reason, string? message) => new() { WaitingReason = reason, WaitingMessage = message };
}

/// <summary>Writes a container's state as <c>core/v1 PodStatus</c>.</summary>
internal static class PodStatus
{
    public const string NotRunHere = "This portal runs the flow's own container only; others run in a cluster.";

    /// <param name="pod">The pod.</param>
    /// <param name="container">Its container.</param>
    /// <param name="state">What the container does.</param>
    /// <param name="before">The status written last, for the times that stay.</param>
    /// <param name="now">The time.</param>
    public static JsonObject Compute(KubeObject pod, Container container, ContainerState state, JsonObject? before, DateTimeOffset now)
    {
        var started = state.RunningSince is not null;
        var time = LocalNode.Timestamp(now);
        return new JsonObject
        {
            ["phase"] = state.Finished ? state.Last!.ExitCode == 0 ? "Succeeded" : "Failed" : started || state.RestartCount > 0 ? "Running" : "Pending",
            ["hostIP"] = LocalNode.Address,
            ["podIP"] = started ? LocalNode.Address : null,
            ["podIPs"] = started ? new JsonArray(new JsonObject { ["ip"] = LocalNode.Address }) : null,
            ["startTime"] = before?["startTime"]?.DeepClone() ?? LocalNode.Timestamp(pod.CreationTimestamp ?? now),
            ["conditions"] = new JsonArray(
                Condition("PodScheduled", true, before, time),
                Condition("Initialized", true, before, time),
                Condition("ContainersReady", state.Ready, before, time, state),
                Condition("Ready", state.Ready, before, time, state)),
            ["containerStatuses"] = new JsonArray([ContainerStatus(container, state), .. PodSpec.Of(pod).Containers.Where(other => other.Name != container.Name).Select(other => NotRun(other, time))]),
        };
    }

    /// <summary>Another container beside the flow's own, such as one that somebody has patched in: it counts as ended well, so that the flow goes on.</summary>
    private static JsonObject NotRun(Container other, string time) => new()
    {
        ["name"] = other.Name,
        ["image"] = other.Image,
        ["imageID"] = "",
        ["ready"] = false,
        ["started"] = false,
        ["restartCount"] = 0,
        ["state"] = new JsonObject
        {
            ["terminated"] = new JsonObject { ["exitCode"] = 0, ["reason"] = "Completed", ["message"] = NotRunHere, ["startedAt"] = time, ["finishedAt"] = time },
        },
    };

    private static JsonObject ContainerStatus(Container container, ContainerState state)
    {
        var running = state.Finished
            ? new JsonObject { ["terminated"] = Terminated(state.Last!) }
            : state.RunningSince is { } since
            ? new JsonObject { ["running"] = new JsonObject { ["startedAt"] = LocalNode.Timestamp(since) } }
            : new JsonObject { ["waiting"] = new JsonObject { ["reason"] = state.WaitingReason, ["message"] = state.WaitingMessage } };
        var status = new JsonObject
        {
            ["name"] = container.Name,
            ["image"] = container.Image,
            ["imageID"] = "",
            ["ready"] = state.Ready,
            ["started"] = state.RunningSince is not null,
            ["restartCount"] = state.RestartCount,
            ["state"] = running,
        };
        if (state is { Last: { } last, Finished: false })
        {
            status["lastState"] = new JsonObject { ["terminated"] = Terminated(last) };
        }

        return status;
    }

    private static JsonObject Terminated(Termination last) => new()
    {
        ["exitCode"] = last.ExitCode,
        ["reason"] = last.ExitCode == 0 ? "Completed" : "Error",
        ["message"] = last.Message,
        ["startedAt"] = LocalNode.Timestamp(last.StartedAt),
        ["finishedAt"] = LocalNode.Timestamp(last.FinishedAt),
    };

    private static JsonObject Condition(string type, bool isTrue, JsonObject? before, string time, ContainerState? state = null)
    {
        var last = (before?["conditions"] as JsonArray)?.OfType<JsonObject>().FirstOrDefault(condition => condition["type"]?.ToString() == type);
        var status = isTrue ? "True" : "False";
        var condition = new JsonObject
        {
            ["type"] = type,
            ["status"] = status,
            ["lastProbeTime"] = null,
            ["lastTransitionTime"] = last?["status"]?.ToString() == status ? last["lastTransitionTime"]?.DeepClone() : time,
        };
        if (!isTrue)
        {
            condition["reason"] = "ContainersNotReady";
            condition["message"] = state?.WaitingMessage ?? "the container is not ready";
        }

        return condition;
    }
}
