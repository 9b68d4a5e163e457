using System.Globalization;
using Portal.Kubernetes.Objects;

namespace Portal.Kubernetes.Runtime;

/// <summary>One thing that happened to one object.</summary>
internal sealed record Occurrence(JsonObject Regarding, string Type, string Reason, string Message, DateTimeOffset At)
{
    /// <summary>What it is about, which is also what its rate is limited by.</summary>
    public string Subject { get; } = Regarding.ToJsonString();

    /// <summary>Occurrences of the same key are one Event with a count.</summary>
    public string Key => IsCombined ? Kin : string.Join('\n', Kin, Message);

    /// <summary>Stands for all of its kin.</summary>
    public bool IsCombined { get; init; }

    /// <summary>Occurrences that differ only in their message.</summary>
    public string Kin => string.Join('\n', Subject, Type, Reason);

    public string Namespace => Regarding["namespace"]?.ToString() ?? "default";
}

/// <summary>
/// Keeps the number of Events and of writes small, as client-go's correlator does. Repeats raise the count of one Event; from the eleventh message of a
/// kind within ten minutes on, all further ones share one Event; and each object has a bucket of 25 writes that fills by one in five minutes. Not thread-safe.
/// </summary>
internal sealed class EventAggregator(string component, Func<long> random)
{
    private const int Capacity = 2048;
    private const int MaxMessageLength = 1024;
    private const int MaxNameLength = 253;
    private const int MaxMessages = 10;
    private const int Burst = 25;
    private const string CombinedPrefix = "(combined from similar events): ";

    /// <summary>A repeat after a longer rest is a new Event; the server's old one may be gone by then.</summary>
    private static readonly TimeSpan s_memory = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan s_refill = TimeSpan.FromMinutes(5);

    private readonly Dictionary<string, Written> _written = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Kin> _kin = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Bucket> _buckets = new(StringComparer.Ordinal);

    /// <summary>The occurrence to write: itself, or one for all of its kin when those have too many messages.</summary>
    public Occurrence Combine(Occurrence occurrence)
    {
        var key = occurrence.Kin;
        if (!_kin.TryGetValue(key, out var kin) || occurrence.At - kin.Last > s_memory)
        {
            Limit(_kin, static known => known.Last);
            _kin[key] = kin = new Kin();
        }

        kin.Last = occurrence.At;
        if (kin.Messages.Count < MaxMessages || kin.Messages.Contains(occurrence.Message))
        {
            kin.Messages.Add(occurrence.Message);
            return occurrence;
        }

        // One key for all of them, while the newest message is what people read.
        return occurrence with { Message = CombinedPrefix + occurrence.Message, IsCombined = true };
    }

    /// <summary>Whether the object may have another write now; takes it from its bucket.</summary>
    public bool TryTake(Occurrence occurrence)
    {
        if (!_buckets.TryGetValue(occurrence.Subject, out var bucket))
        {
            Limit(_buckets, static known => known.Filled);
            _buckets[occurrence.Subject] = bucket = new Bucket(Burst, occurrence.At);
        }

        var left = Math.Min(Burst, bucket.Left + ((occurrence.At - bucket.Filled) / s_refill));
        _buckets[occurrence.Subject] = new Bucket(left < 1 ? left : left - 1, occurrence.At);
        return left >= 1;
    }

    /// <summary>The Event that is there already for the like of this, or null.</summary>
    public Written? Find(Occurrence occurrence) =>
        _written.TryGetValue(occurrence.Key, out var written) && occurrence.At - written.Last <= s_memory ? written : null;

    public void Remember(Occurrence occurrence, string name, int count)
    {
        Limit(_written, static known => known.Last);
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
            ["message"] = Cut(last.Message),
            ["source"] = new JsonObject { ["component"] = component },
            ["reportingComponent"] = component,
            ["reportingInstance"] = "",
            ["firstTimestamp"] = Time(first.At),
            ["lastTimestamp"] = Time(last.At),
            ["count"] = count,
        });
    }

    public static JsonObject Repeat(Occurrence last, int count) => new()
    {
        ["count"] = count,
        ["lastTimestamp"] = Time(last.At),
        ["message"] = Cut(last.Message),
    };

    private static string Cut(string message) => message.Length > MaxMessageLength ? message[..(MaxMessageLength - 1)] + "…" : message;

    /// <summary>Forgets the older half when there are too many: rare enough that a sweep beats keeping an order.</summary>
    private static void Limit<TKnown>(Dictionary<string, TKnown> known, Func<TKnown, DateTimeOffset> last)
    {
        if (known.Count >= Capacity)
        {
            foreach (var (key, _) in known.OrderBy(entry => last(entry.Value)).Take(Capacity / 2).ToList())
            {
                known.Remove(key);
            }
        }
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private readonly record struct Bucket(double Left, DateTimeOffset Filled);

    private sealed class Kin
    {
        public HashSet<string> Messages { get; } = new(StringComparer.Ordinal);

        public DateTimeOffset Last { get; set; }
    }

    internal readonly record struct Written(string Name, int Count, DateTimeOffset Last);
}
