using static Portal.ApiServer.Tables.TableColumn;

namespace Portal.ApiServer.Tables;

/// <summary>Columns of pods, whose state is put together from several fields.</summary>
internal static class PodColumns
{
    public static TableColumn[] All { get; } =
    [
        NameColumn,
        BuiltInColumns.Of("Ready", Ready),
        BuiltInColumns.Of("Status", Status),
        BuiltInColumns.Of("Restarts", item => Statuses(item).Sum(status => BuiltInColumns.Number(status, "restartCount"))),
        Age,
        BuiltInColumns.Wide("IP", item => BuiltInColumns.OrNone(Text(item, "status", "podIP"))),
        BuiltInColumns.Wide("Node", item => BuiltInColumns.OrNone(Text(item, "spec", "nodeName"))),
        BuiltInColumns.Wide("Nominated Node", item => BuiltInColumns.OrNone(Text(item, "status", "nominatedNodeName"))),
        BuiltInColumns.Wide("Readiness Gates", _ => "<none>"),
    ];

    private static IEnumerable<JsonObject> Statuses(JsonObject pod) => (At(pod, "status", "containerStatuses") as JsonArray)?.OfType<JsonObject>() ?? [];

    private static JsonNode? Ready(JsonObject pod)
    {
        var ready = Statuses(pod).Count(status => status["ready"] is JsonValue value && value.TryGetValue(out bool yes) && yes);
        return $"{ready}/{(At(pod, "spec", "containers") as JsonArray)?.Count ?? 0}";
    }

    private static JsonNode? Status(JsonObject pod)
    {
        if (At(pod, "metadata", "deletionTimestamp") is not null)
        {
            return "Terminating";
        }

        // The last container that waits or ended badly says more than the phase.
        var state = Text(pod, "status", "reason") is { Length: > 0 } reason ? reason : Text(pod, "status", "phase");
        foreach (var status in Statuses(pod))
        {
            var waiting = Text(status, "state", "waiting", "reason");
            var ended = Text(status, "state", "terminated", "reason");
            state = waiting.Length > 0 ? waiting : ended.Length > 0 ? ended : state;
        }

        // As kubectl's own printer says it of a pod of which one container has ended and another goes on.
        if (state == "Completed" && Statuses(pod).Any(status => At(status, "state", "running") is not null))
        {
            state = "Running";
        }

        return state.Length == 0 ? "Unknown" : state;
    }
}
