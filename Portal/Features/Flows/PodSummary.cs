using System.Globalization;
using Portal.Kubernetes.Objects;

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
        var container = pod.Json["status"]?["containerStatuses"]?[0];
        var waiting = container?["state"]?["waiting"];
        var ended = container?["state"]?["terminated"] ?? container?["lastState"]?["terminated"];
        var state = waiting?["reason"]?.ToString()
            ?? (container?["state"]?["running"] is not null ? "Running" : pod.Json["status"]?["phase"]?.ToString() ?? "Pending");
        var crash = ended is null ? null : $"The process ended with exit code {ended["exitCode"]}: {ended["message"]}".TrimEnd(' ', ':');
        var message = waiting?["message"]?.ToString();
        return new PodSummary(
            pod.Name,
            pod.FindCondition("Ready")?.IsTrue == true,
            state,
            state == "CrashLoopBackOff" && crash is not null ? crash : message ?? (state == "Running" ? null : crash),
            long.TryParse(container?["restartCount"]?.ToString(), CultureInfo.InvariantCulture, out var restarts) ? restarts : 0,
            pod.CreationTimestamp)
        {
            Containers = [.. (pod.Json["spec"]?["containers"] as JsonArray ?? []).Select(item => item?["name"]?.ToString()).OfType<string>()],
            Node = pod.Json["spec"]?["nodeName"]?.ToString(),
            GoesOn = pod.Json["spec"]?["restartPolicy"]?.ToString() is null or "Always" && pod.DeletionTimestamp is null,
        };
    }
}
