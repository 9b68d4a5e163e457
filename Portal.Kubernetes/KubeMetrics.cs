using System.Diagnostics.Metrics;

namespace Portal.Kubernetes;

/// <summary>
/// What this library measures, under one meter. No tag takes more values than there are verbs, status codes, kinds, controllers and leases:
/// never a name, a namespace or a message.
/// </summary>
public static class KubeMetrics
{
    public const string MeterName = "Portal.Kubernetes";

    private static readonly Meter s_meter = new(MeterName);

    /// <summary>Until the headers of an answer. Tags: <c>verb</c> (HTTP method, or WATCH), <c>code</c> (status, or <c>error</c> without an answer).</summary>
    internal static Histogram<double> RequestDuration { get; } =
        s_meter.CreateHistogram<double>("kubernetes.client.request.duration", "s", "Time until the API server answered, by verb and status code.");

    /// <summary>Tag: <c>verb</c>.</summary>
    internal static Counter<long> RequestRetries { get; } =
        s_meter.CreateCounter<long>("kubernetes.client.request.retries", "{request}", "Requests sent again, as the server asked for time or the connection was lost.");

    /// <summary>Tag: <c>resource</c>.</summary>
    internal static Counter<long> Lists { get; } =
        s_meter.CreateCounter<long>("kubernetes.reflector.lists", "{list}", "Complete lists of a kind by an informer.");

    /// <summary>Tags: <c>resource</c>, <c>reason</c> (why the watch before it ended).</summary>
    internal static Counter<long> WatchRestarts { get; } =
        s_meter.CreateCounter<long>("kubernetes.reflector.watch.restarts", "{watch}", "Watches of an informer that ended and were followed by another step.");

    /// <summary>Tag: <c>queue</c>.</summary>
    internal static UpDownCounter<long> QueueDepth { get; } =
        s_meter.CreateUpDownCounter<long>("kubernetes.workqueue.depth", "{item}", "Keys that wait for a worker.");

    /// <summary>Tag: <c>queue</c>.</summary>
    internal static Counter<long> QueueAdds { get; } =
        s_meter.CreateCounter<long>("kubernetes.workqueue.adds", "{item}", "Keys put into the queue; one that waits already does not count.");

    /// <summary>Tag: <c>queue</c>.</summary>
    internal static Counter<long> QueueRetries { get; } =
        s_meter.CreateCounter<long>("kubernetes.workqueue.retries", "{item}", "Keys put back after a failure.");

    /// <summary>Tags: <c>controller</c>, <c>result</c> (<c>done</c>, <c>after</c>, <c>conflict</c>, <c>terminal</c>, <c>error</c>, <c>cancelled</c>).</summary>
    internal static Histogram<double> ReconcileDuration { get; } =
        s_meter.CreateHistogram<double>("kubernetes.controller.reconcile.duration", "s", "Time of one reconcile, by result.");

    /// <summary>Tag: <c>lease</c>.</summary>
    internal static UpDownCounter<long> Leading { get; } =
        s_meter.CreateUpDownCounter<long>("kubernetes.leader", "{lease}", "1 while this process leads, by the Lease or because there is no other.");

    /// <summary>A process that works without election leads too, and says so, or it would look as if nobody did. Until the result is disposed of.</summary>
    public static IDisposable LeadAlone(string lease)
    {
        var tag = new KeyValuePair<string, object?>("lease", lease);
        Leading.Add(1, tag);
        return new Alone(tag);
    }

    private sealed class Alone(KeyValuePair<string, object?> tag) : IDisposable
    {
        public void Dispose() => Leading.Add(-1, tag);
    }
}
