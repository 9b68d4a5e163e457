using System.Globalization;
using Portal.Kubernetes.Objects;
using Portal.Operator.Api;

namespace Portal.Features.Flows;

/// <summary>One pod of a flow in a line.</summary>
/// <param name="Name">Name of the pod.</param>
/// <param name="Ready">Whether it answers.</param>
/// <param name="State">What it does: <c>Running</c>, or why it waits.</param>
/// <param name="Message">More about that; the end of the last crash when there was one.</param>
/// <param name="Restarts">How often its process was started again.</param>
/// <param name="CreatedAt">When it was made.</param>
public sealed record PodSummary(string Name, bool Ready, string State, string? Message, long Restarts, DateTimeOffset? CreatedAt)
{
    /// <summary>Names of its containers, the runner first.</summary>
    public IReadOnlyList<string> Containers { get; init; } = [];

    /// <summary>Node it runs on; null before it is known.</summary>
    public string? Node { get; init; }

    /// <summary>Whether its container is started again when it ends.</summary>
    public bool GoesOn { get; init; } = true;

    public static PodSummary Of(KubeObject pod)
    {
        // The flow's own container first, wherever it stands; one that is stuck says more than one that runs.
        var statuses = StatusesIn(pod, "containerStatuses").OrderBy(status => IsOwn(status) ? 0 : 1).ToList();
        var container = statuses.Concat(StatusesIn(pod, "initContainerStatuses")).FirstOrDefault(IsStuck) ?? statuses.FirstOrDefault();
        var waiting = container?["state"]?["waiting"];
        var ended = container?["state"]?["terminated"] ?? container?["lastState"]?["terminated"];
        var unscheduled = container is null && pod.FindCondition("PodScheduled") is { Status: "False" } condition ? condition : null;
        var state = waiting?["reason"]?.ToString()
            ?? (container?["state"]?["running"] is not null ? "Running" : unscheduled?.Reason ?? pod.Json["status"]?["phase"]?.ToString() ?? "Pending");
        var crash = ended is null ? null : $"The process ended with exit code {ended["exitCode"]}: {ended["message"]}".TrimEnd(' ', ':');
        var message = waiting?["message"]?.ToString() ?? unscheduled?.Message;
        var text = state == "CrashLoopBackOff" && crash is not null ? crash : message ?? (state == "Running" ? null : crash);
        return new PodSummary(
            pod.Name,
            pod.FindCondition("Ready")?.IsTrue == true,
            state,
            text is null || container is null || IsOwn(container) || statuses.Count == 1 ? text : $"container {container["name"]}: {text}",
            long.TryParse(statuses.FirstOrDefault()?["restartCount"]?.ToString(), CultureInfo.InvariantCulture, out var restarts) ? restarts : 0,
            pod.CreationTimestamp)
        {
            Containers =
            [
                .. (pod.Json["spec"]?["containers"] as JsonArray ?? []).Select(item => item?["name"]?.ToString()).OfType<string>().OrderBy(name => GenkitApi.IsOwnContainer(name) ? 0 : 1),
            ],
            Node = pod.Json["spec"]?["nodeName"]?.ToString(),
            GoesOn = pod.Json["spec"]?["restartPolicy"]?.ToString() is null or "Always" && pod.DeletionTimestamp is null,
        };
    }

    private static IEnumerable<JsonObject> StatusesIn(KubeObject pod, string field) => (pod.Json["status"]?[field] as JsonArray ?? []).OfType<JsonObject>();

    private static bool IsOwn(JsonObject status) => GenkitApi.IsOwnContainer(status["name"]?.ToString());

    private static bool IsStuck(JsonObject status) => status["state"]?["waiting"]?["reason"]?.ToString() is { } reason and not ("ContainerCreating" or "PodInitializing");
}
