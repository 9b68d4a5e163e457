using Portal.Kubernetes.Objects;

namespace Portal.Kubernetes.Runtime;

/// <summary>Sets conditions the standard way: <c>lastTransitionTime</c> moves only when the status flips.</summary>
public static class Conditions
{
    public static IReadOnlyList<Condition> Set(IReadOnlyList<Condition> existing, Condition condition, DateTimeOffset now)
    {
        var before = existing.FirstOrDefault(item => item.Type == condition.Type);
        var time = before is not null && before.Status == condition.Status ? before.LastTransitionTime : null;
        var set = condition with { LastTransitionTime = time ?? new DateTimeOffset(now.UtcTicks / TimeSpan.TicksPerSecond * TimeSpan.TicksPerSecond, TimeSpan.Zero) };
        return before is null ? [.. existing, set] : [.. existing.Select(item => item.Type == condition.Type ? set : item)];
    }
}
