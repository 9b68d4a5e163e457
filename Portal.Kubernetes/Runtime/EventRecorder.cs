using System.Security.Cryptography;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;

namespace Portal.Kubernetes.Runtime;

/// <summary>Records core/v1 Events about objects. Never throws and never blocks: a lost event is logged. Repeats of one event within
/// minutes raise its count, many similar ones share an Event, and no object gets more than a few writes a minute. Disposing writes what is pending, for a few seconds at most.</summary>
public sealed partial class EventRecorder(KubeClient client, string component, TimeProvider timeProvider, ILogger<EventRecorder>? logger = null) : IAsyncDisposable, IDisposable
{
    private const int Capacity = 1000;
    private const int Attempts = 3;
    private static readonly TimeSpan s_flushTime = TimeSpan.FromSeconds(3);

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<Occurrence> _pending = Channel.CreateBounded<Occurrence>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private readonly EventAggregator _aggregator = new(component, () => BitConverter.ToInt64(RandomNumberGenerator.GetBytes(8)));
    private readonly Resource<KubeObject> _events = client.Resource(BuiltIn.Event);
    private readonly ILogger _logger = logger ?? (ILogger)NullLogger.Instance;
    private Task? _writer;

    /// <param name="regarding">The object the event is about.</param>
    /// <param name="type"><c>Normal</c> or <c>Warning</c>.</param>
    /// <param name="reason">CamelCase reason.</param>
    /// <param name="message">For people; must hold no secret.</param>
    public void Record(KubeObject regarding, string type, string reason, string message)
    {
        var about = new JsonObject();
        foreach (var (key, value) in new[]
        {
            ("apiVersion", regarding.ApiVersion), ("kind", regarding.Kind), ("namespace", regarding.Namespace), ("name", regarding.Name), ("uid", regarding.Uid),
        })
        {
            if (!string.IsNullOrEmpty(value))
            {
                about[key] = value;
            }
        }

        if (!_pending.Writer.TryWrite(new Occurrence(about, type, reason, message, timeProvider.GetUtcNow())))
        {
            Log.Dropped(_logger, reason, regarding.Kind, regarding.Namespace, regarding.Name);
            return;
        }

        lock (_lock)
        {
            _writer ??= Task.Run(WriteAllAsync, CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _pending.Writer.TryComplete();
        if (_writer is { } writer)
        {
            await writer.WaitAsync(s_flushTime, timeProvider).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await _stop.CancelAsync();
            await writer;
        }
    }

    /// <summary>For owners that cannot wait: what is pending is lost.</summary>
    public void Dispose()
    {
        _pending.Writer.TryComplete();
        _stop.Cancel();
    }

    private async Task WriteAllAsync()
    {
        try
        {
            while (await _pending.Reader.WaitToReadAsync(_stop.Token))
            {
                List<Occurrence> batch = [];
                while (_pending.Reader.TryRead(out var occurrence))
                {
                    batch.Add(_aggregator.Combine(occurrence));
                }

                foreach (var alike in batch.GroupBy(occurrence => occurrence.Key))
                {
                    await WriteAsync([.. alike]);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped: what is pending now is lost, which the class says.
        }
    }

    private async Task WriteAsync(IReadOnlyList<Occurrence> alike)
    {
        var last = alike[^1];
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await WriteOnceAsync(alike[0], last, alike.Count, attempt == 1);
                return;
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                var temporary = exception is KubeUnreachableException or KubernetesException { StatusCode: >= System.Net.HttpStatusCode.InternalServerError };
                if (!temporary || attempt == Attempts)
                {
                    Log.Lost(_logger, last.Reason, last.Regarding["kind"]?.ToString(), last.Namespace, last.Regarding["name"]?.ToString(), exception.Message);
                    return;
                }

                await Task.Delay(TimeSpan.FromSeconds(attempt), timeProvider, _stop.Token);
            }
        }
    }

    private async Task WriteOnceAsync(Occurrence first, Occurrence last, int times, bool isFirst)
    {
        var found = _aggregator.Find(last);
        if (isFirst && !_aggregator.TryTake(last))
        {
            if (found is { } known)
            {
                // Counted, and told with the next write there is room for.
                _aggregator.Remember(last, known.Name, known.Count + times);
            }

            Log.TooMany(_logger, last.Reason, last.Regarding["kind"]?.ToString(), last.Namespace, last.Regarding["name"]?.ToString());
            return;
        }

        if (found is { } written)
        {
            try
            {
                var patch = EventAggregator.Repeat(last, written.Count + times);
                await _events.MergePatchAsync(last.Namespace, written.Name, patch, null, null, _stop.Token);
                _aggregator.Remember(last, written.Name, written.Count + times);
                return;
            }
            catch (KubernetesException exception) when (exception.IsNotFound)
            {
                // Expired or deleted on the server: a new one takes its place.
                _aggregator.Forget(last);
            }
        }

        var created = await _events.CreateAsync(_aggregator.NewEvent(first, last, times), null, _stop.Token);
        _aggregator.Remember(last, created.Name, times);
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "Too many events at once: {Reason} about {Kind} {Namespace}/{Name} is lost")]
        public static partial void Dropped(ILogger logger, string reason, string kind, string? @namespace, string name);

        [LoggerMessage(LogLevel.Debug, "Too many events about {Kind} {Namespace}/{Name}: {Reason} is not written now")]
        public static partial void TooMany(ILogger logger, string reason, string? kind, string @namespace, string? name);

        [LoggerMessage(LogLevel.Warning, "The event {Reason} about {Kind} {Namespace}/{Name} is lost: {Error}")]
        public static partial void Lost(ILogger logger, string reason, string? kind, string @namespace, string? name, string error);
    }
}
