using System.Globalization;
using Portal.Kubernetes.Objects;

namespace Portal.Features.Flows;

/// <summary>A core/v1 Event as people read it.</summary>
public sealed record FlowEvent(string Type, string Reason, string Message, string ObjectKind, string ObjectName, long Count, DateTimeOffset? LastSeen)
{
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
