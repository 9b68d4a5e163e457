using System.Globalization;
using Portal.Tests.Shared;

namespace Portal.Tests.ApiServer;

/// <summary>A client that keeps a copy of a selection: lists, watches from there, goes on from its last version, and lists again when told 410.</summary>
internal sealed class ModelWatcher(TestApi api, string selection, int seed)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, string> _objects = new(StringComparer.Ordinal);
    private CancellationTokenSource _stop = new();
    private Task _watching = Task.CompletedTask;
    private TaskCompletionSource _changed = NewSignal();
    private long _version;

    public string Selection { get; } = selection;

    public int Events { get; private set; }

    /// <summary>Takes the present list and follows it from there.</summary>
    public async Task StartAsync()
    {
        await ListAsync();
        Follow();
    }

    private async Task ListAsync()
    {
        var list = await api.GetAsync(Selection);
        lock (_lock)
        {
            _objects.Clear();
            foreach (var item in list["items"]!.AsArray())
            {
                _objects[Key(item!)] = item!.ToJsonString();
            }

            _version = Version(list);
            Signal();
        }
    }

    /// <summary>Drops the connection in the middle of whatever it is doing, and watches on from the last version seen.</summary>
    public void Reconnect() => _ = RestartAsync();

    /// <summary>Waits until everything that was written has been heard of, and compares with the list.</summary>
    public async Task CheckAsync(int step)
    {
        var list = await api.GetAsync(Selection);
        var expected = list["items"]!.AsArray().ToDictionary(item => Key(item!), item => item!.ToJsonString());
        while (true)
        {
            Task changed;
            Dictionary<string, string> actual;
            lock (_lock)
            {
                changed = _changed.Task;
                actual = new Dictionary<string, string>(_objects);
            }

            if (actual.Count == expected.Count && expected.All(pair => actual.GetValueOrDefault(pair.Key) == pair.Value))
            {
                return;
            }

            try
            {
                await changed.WaitAsync(ManualTimeProvider.Patience);
            }
            catch (TimeoutException)
            {
                Assert.Fail($"seed {seed}, step {step}: {Selection} at {_version} has\n{string.Join('\n', actual.Values)}\nand should have at {Version(list)}\n{string.Join('\n', expected.Values)}");
            }
        }
    }

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _watching;
        _stop.Dispose();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static string Key(JsonNode item) => $"{item["metadata"]!["namespace"]}/{item["metadata"]!["name"]}";

    private static long Version(JsonNode target) => long.Parse((string)target["metadata"]!["resourceVersion"]!, CultureInfo.InvariantCulture);

    private async Task RestartAsync()
    {
        CancellationTokenSource before;
        Task ending;
        lock (_lock)
        {
            (before, _stop) = (_stop, new CancellationTokenSource());
            (ending, _watching) = (_watching, Task.CompletedTask);
        }

        await before.CancelAsync();
        await ending;
        Follow();
    }

    private void Follow()
    {
        lock (_lock)
        {
            var stop = _stop.Token;
            var before = _watching;
            _watching = Task.Run(async () =>
            {
                await before;
                await WatchAsync(stop);
            });
        }
    }

    private async Task WatchAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                using var response = await api.Http.GetAsync(
                    new Uri($"{Selection}&watch=true&allowWatchBookmarks=true&resourceVersion={_version}", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, stop);
                using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(stop));
                while (await reader.ReadLineAsync(stop) is { } line)
                {
                    if (!Take(JsonNode.Parse(line)!.AsObject()))
                    {
                        await ListAsync();
                        break;
                    }
                }
            }
            catch (Exception problem) when (problem is OperationCanceledException or IOException or HttpRequestException)
            {
                // Cut off on purpose.
            }
        }
    }

    /// <summary>Applies one event; false when the history is gone.</summary>
    private bool Take(JsonObject change)
    {
        var type = (string)change["type"]!;
        var item = change["object"]!;
        if (type == "ERROR")
        {
            Assert.Equal(410, (int?)item["code"]);
            return false;
        }

        lock (_lock)
        {
            var version = Version(item);
            if (version <= _version && type != "BOOKMARK")
            {
                _objects["order"] = $"{type} {version} came after {_version}";
            }

            _version = Math.Max(version, _version);
            Events++;
            if (type == "DELETED")
            {
                Remove(item);
            }
            else if (type != "BOOKMARK")
            {
                Put(type, item);
            }

            Signal();
        }

        return true;
    }

    private void Signal()
    {
        var changed = _changed;
        _changed = NewSignal();
        changed.TrySetResult();
    }

    private void Remove(JsonNode item)
    {
        if (!_objects.Remove(Key(item)))
        {
            _objects["unknown"] = $"DELETED {Key(item)} was not there";
        }
    }

    private void Put(string type, JsonNode item)
    {
        if (_objects.ContainsKey(Key(item)) != (type == "MODIFIED"))
        {
            _objects["unknown"] = $"{type} {Key(item)} does not fit what was there";
        }

        _objects[Key(item)] = item.ToJsonString();
    }
}
