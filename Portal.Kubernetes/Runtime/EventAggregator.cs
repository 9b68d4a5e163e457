using System.Globalization;
using Portal.Kubernetes.Objects;

namespace Portal.Kubernetes.Runtime;

/// <summary>One thing that happened to one object.</summary>
internal sealed record Occurrence(JsonObject Regarding, string Type, string Reason, string Message, DateTimeOffset At)
{
    /// <summary>Occurrences of the same key are one Event with a count.</summary>
    public string Key { get; } = string.Join('\n', Regarding.ToJsonString(), Type, Reason, Message);

    public string Namespace => Regarding["namespace"]?.ToString() ?? "default";
}

/// <summary>Knows which Event objects were written lately, so that repeats raise a count. Not thread-safe.</summary>
internal sealed class EventAggregator(string component, Func<long> random)
{
    private const int Capacity = 2048;
    private const int MaxMessageLength = 1024;
    private const int MaxNameLength = 253;

    /// <summary>A repeat after a longer rest is a new Event; the server's old one may be gone by then.</summary>
    private static readonly TimeSpan s_memory = TimeSpan.FromMinutes(10);

    private readonly Dictionary<string, Written> _written = new(StringComparer.Ordinal);

    /// <summary>The Event that is there already for the like of this, or null.</summary>
    public Written? Find(Occurrence occurrence) =>
        _written.TryGetValue(occurrence.Key, out var written) && occurrence.At - written.Last <= s_memory ? written : null;

    public void Remember(Occurrence occurrence, string name, int count)
    {
        if (_written.Count >= Capacity)
        {
            // Rare enough that a sweep beats keeping an order.
            foreach (var (key, _) in _written.OrderBy(entry => entry.Value.Last).Take(Capacity / 2).ToList())
            {
                _written.Remove(key);
            }
        }

        _written[occurrence.Key] = new Written(name, count, occurrence.At);
    }

    public void Forget(Occurrence occurrence) => _written.Remove(occurrence.Key);

    public KubeObject NewEvent(Occurrence first, Occurrence last, int count)
    {
        var subject = first.Regarding["name"]?.ToString() ?? "";
        var suffix = "." + random().ToString("x16", CultureInfo.InvariantCulture);
        var stem = subject.Length + suffix.Length > MaxNameLength ? subject[..(MaxNameLength - suffix.Length)].TrimEnd('.', '-') : subject;
        return new KubeObject(new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Event",
            ["metadata"] = new JsonObject { ["name"] = stem + suffix, ["namespace"] = first.Namespace },
            ["involvedObject"] = first.Regarding.DeepClone(),
            ["type"] = first.Type,
            ["reason"] = first.Reason,
            ["message"] = first.Message.Length > MaxMessageLength ? first.Message[..(MaxMessageLength - 1)] + "…" : first.Message,
            ["source"] = new JsonObject { ["component"] = component },
            ["reportingComponent"] = component,
            ["reportingInstance"] = "",
            ["firstTimestamp"] = Time(first.At),
            ["lastTimestamp"] = Time(last.At),
            ["count"] = count,
        });
    }

    public static JsonObject Repeat(Occurrence last, int count) => new() { ["count"] = count, ["lastTimestamp"] = Time(last.At) };

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    internal readonly record struct Written(string Name, int Count, DateTimeOffset Last);
}
