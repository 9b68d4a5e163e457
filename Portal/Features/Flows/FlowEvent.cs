using System.Globalization;
using Portal.Kubernetes.Objects;

namespace Portal.Features.Flows;

/// <summary>A core/v1 Event as people read it.</summary>
public sealed record FlowEvent(string Type, string Reason, string Message, string ObjectKind, string ObjectName, long Count, DateTimeOffset? LastSeen)
{
    /// <summary>Newest first, those that say the same of the same object as one.</summary>
    public static IReadOnlyList<FlowEvent> Merge(IEnumerable<FlowEvent> events) =>
    [
        .. events.GroupBy(item => (item.Type, item.Reason, item.Message, item.ObjectKind, item.ObjectName))
            .Select(same => same.MaxBy(item => item.LastSeen)! with { Count = same.Sum(item => item.Count) })
            .OrderByDescending(item => item.LastSeen),
    ];

    public static FlowEvent Of(KubeObject item)
    {
        var regarding = item.Json["involvedObject"] as JsonObject;
        var seen = item.Json["lastTimestamp"]?.ToString() ?? item.Json["series"]?["lastObservedTime"]?.ToString() ?? item.Json["eventTime"]?.ToString();
        return new FlowEvent(
            item.Json["type"]?.ToString() ?? "Normal",
            item.Json["reason"]?.ToString() ?? "",
            item.Json["message"]?.ToString() ?? "",
            regarding?["kind"]?.ToString() ?? "",
            regarding?["name"]?.ToString() ?? "",
            long.TryParse(item.Json["count"]?.ToString(), CultureInfo.InvariantCulture, out var count) ? count : 1,
            DateTimeOffset.TryParse(seen, CultureInfo.InvariantCulture, out var time) ? time : item.CreationTimestamp);
    }
}
