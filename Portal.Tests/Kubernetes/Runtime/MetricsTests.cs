using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Portal.Kubernetes;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;
using Portal.Tests.Shared;

namespace Portal.Tests.Kubernetes.Runtime;

/// <summary>What the meter tells. Names are this test's own, as other tests run in the same process.</summary>
public sealed class MetricsTests : IDisposable
{
    private static readonly ResourceDefinition s_kind = new("metrics.test", "v1", "Gauge", "metricgauges", Namespaced: true);

    private readonly string _name = "test-" + Guid.NewGuid().ToString("N");
    private readonly ConcurrentDictionary<string, double> _seen = new(StringComparer.Ordinal);
    private readonly MeterListener _listener = new();
    private readonly ManualTimeProvider _time = new();

    public MetricsTests()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == KubeMetrics.MeterName)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Add(instrument, 1, tags));
        _listener.Start();
    }

    [Fact]
    public async Task WorkQueue_TellsDepthAddsAndRetries()
    {
        using var queue = new WorkQueue<string>(_time, _name);
        queue.Add("a");
        queue.Add("a");
        queue.Add("b");
        Assert.Equal(2, Value("kubernetes.workqueue.depth", _name));
        var (_, item) = await queue.TakeAsync(default);
        queue.Retry(item);
        queue.Done(item);
        Assert.Equal((1, 2, 1), (Value("kubernetes.workqueue.depth", _name), Value("kubernetes.workqueue.adds", _name), Value("kubernetes.workqueue.retries", _name)));
        queue.Dispose();
        queue.Dispose();
        Assert.Equal(0, Value("kubernetes.workqueue.depth", _name));
    }

    [Fact]
    public async Task Controller_TellsEachResult()
    {
        var server = new FakeServer();
        var informer = new Informer<KubeObject>(server.Client.Resource(s_kind), null, _time, NullLogger.Instance, () => 0);
        using var stop = new CancellationTokenSource();
        var reconciler = new ByName();
        var running = Task.WhenAll(
            informer.RunAsync(stop.Token), new Controller(_name, reconciler, 1, _time, NullLogger.Instance).For(informer).RunAsync(stop.Token));
        (await server.NextAsync()).AnswerList("1", "after@1", "conflict@1", "done@1", "error@1", "terminal@1");
        await reconciler.All.WaitAsync(ManualTimeProvider.Patience);
        await stop.CancelAsync();
        await running.WaitAsync(ManualTimeProvider.Patience);
        Assert.All(["after", "conflict", "done", "error", "terminal"], result => Assert.Equal(1, Value("kubernetes.controller.reconcile.duration", _name, result)));
    }

    [Fact]
    public async Task Reflector_TellsListsAndWhyWatchesEnd()
    {
        var server = new FakeServer();
        var kind = s_kind with { Plural = _name };
        var informer = new Informer<KubeObject>(server.Client.Resource(kind), null, _time, NullLogger.Instance, () => 0);
        using var stop = new CancellationTokenSource();
        var running = informer.RunAsync(stop.Token);
        (await server.NextAsync()).AnswerList("1");
        var watch = (await server.NextAsync()).AnswerWatch();
        await watch.SendAsync("ADDED", "a@2");
        watch.End();
        var second = (await server.NextAsync()).AnswerWatch();
        await second.SendLineAsync("""{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"old"}}""");
        await _time.AdvanceToTimerAsync(TimeSpan.FromSeconds(1));
        (await server.NextAsync()).AnswerList("9");
        await server.NextAsync();
        await stop.CancelAsync();
        await running.WaitAsync(ManualTimeProvider.Patience);
        Assert.Equal(
            (2, 1, 1),
            (Value("kubernetes.reflector.lists", _name), Value("kubernetes.reflector.watch.restarts", _name, "ended"), Value("kubernetes.reflector.watch.restarts", _name, "expired")));
    }

    [Fact]
    public async Task Client_TellsVerbAndCode()
    {
        var server = new FakeServer();
        var client = server.ClientAt(_time);
        var before = (Value("kubernetes.client.request.duration", "GET", "418"), Value("kubernetes.client.request.retries", "GET"));
        var get = client.GetJsonAsync("/x", default);
        (await server.NextAsync()).AskForTime(HttpStatusCode.TooManyRequests, "1");
        await _time.AdvanceToTimerAsync(TimeSpan.FromSeconds(1));
        (await server.NextAsync()).Answer((HttpStatusCode)418, "teapot");
        await Assert.ThrowsAsync<KubernetesException>(() => get);
        Assert.Equal(before.Item1 + 1, Value("kubernetes.client.request.duration", "GET", "418"));
        Assert.True(Value("kubernetes.client.request.retries", "GET") > before.Item2);
    }

    public void Dispose() => _listener.Dispose();

    private double Value(string instrument, params string[] tags) => _seen.GetValueOrDefault($"{instrument} {string.Join(' ', tags)}");

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        List<string> values = [];
        foreach (var tag in tags)
        {
            values.Add(Convert.ToString(tag.Value, CultureInfo.InvariantCulture)!);
        }

        _seen.AddOrUpdate($"{instrument.Name} {string.Join(' ', values)}", value, (_, before) => before + value);
    }

    /// <summary>Ends as the object's name says.</summary>
    private sealed class ByName : IReconciler
    {
        private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task All => _all.Task;

        public Task<ReconcileResult> ReconcileAsync(ResourceRef key, CancellationToken cancellationToken)
        {
            switch (key.Name)
            {
                case "after":
                    return Task.FromResult(ReconcileResult.After(TimeSpan.FromHours(1)));
                case "conflict":
                    throw new KubernetesException(HttpStatusCode.Conflict, []);
                case "error":
                    throw new InvalidOperationException("no");
                case "terminal":
                    // The last by order of the list, which is the order of the queue.
                    _all.SetResult();
                    throw new TerminalException("never");
                default:
                    return Task.FromResult(ReconcileResult.Done);
            }
        }
    }
}
