using System.Net;
using Portal.Tests.Shared;
using static Portal.Tests.ApiServer.TestApi;

namespace Portal.Tests.ApiServer;

/// <summary>
/// Random operations on a few objects while watches with several selectors follow, break off and go on: what a watch made of its events must in
/// the end be what a list with its selector says, and its versions must only rise.
/// </summary>
public sealed class WatchModelTests : IAsyncLifetime
{
    private static readonly int s_steps = TestMode.IsLong ? 60_000 : 2_000;

    private static readonly string[] s_selections =
    [
        $"{ConfigMaps}?", $"{ConfigMaps}?labelSelector=color%3Dred", $"{ConfigMaps}?labelSelector=color+notin+(red,blue)",
        $"{ConfigMaps}?fieldSelector=metadata.name%3Do1", "/api/v1/configmaps?labelSelector=color", $"{Things}?", $"{Things}?labelSelector=color+in+(red,green)",
    ];

    private readonly int _seed = TestMode.Seed;
    private TestApi _api = null!;

    public async Task InitializeAsync() => _api = await StartWithThingsAsync();

    public async Task DisposeAsync() => await _api.DisposeAsync();

    [Fact]
    public async Task EveryWatch_ReplaysToWhatTheListSays()
    {
        var random = new Random(_seed);
        var watchers = s_selections.Select(selection => new ModelWatcher(_api, selection, _seed)).ToList();
        await Task.WhenAll(watchers.Select(watcher => watcher.StartAsync()));
        for (var step = 0; step < s_steps; step++)
        {
            await OperateAsync(random);
            if (random.Next(60) == 0)
            {
                watchers[random.Next(watchers.Count)].Reconnect();
            }

            if (random.Next(250) == 0)
            {
                _api.Server.Compact();
            }

            if (step % 500 == 499)
            {
                await Task.WhenAll(watchers.Select(watcher => watcher.CheckAsync(step)));
            }
        }

        Assert.All(watchers, watcher => Assert.True(watcher.Events > 0, $"seed {_seed}: {watcher.Selection} saw nothing"));
        await Task.WhenAll(watchers.Select(watcher => watcher.StopAsync()));
    }

    private async Task OperateAsync(Random random)
    {
        var things = random.Next(2) == 0;
        var collection = things ? Things : ConfigMaps;
        var name = $"o{random.Next(8)}";
        var path = $"{collection}/{name}";
        string[] colors = ["red", "green", "blue"];
        var color = colors[random.Next(3)];
        var target = things ? Thing(name, new JsonObject { ["size"] = random.Next(1, 11) }) : ConfigMap(name, $"v{random.Next(100)}");
        if (random.Next(3) > 0)
        {
            target["metadata"]!["labels"] = new JsonObject { ["color"] = color };
        }

        var (status, _) = random.Next(12) switch
        {
            0 or 1 or 2 => await _api.SendAsync("POST", collection, target),
            3 => await _api.SendAsync("PATCH", path, Merge("labels", new JsonObject { ["color"] = color }), MergePatch),
            4 => await _api.SendAsync("PATCH", path, Merge("labels", null), MergePatch),
            5 => await _api.SendAsync("PATCH", path, Merge("finalizers", new JsonArray("test.example.org/hold")), MergePatch),
            6 => await _api.SendAsync("PATCH", path, Merge("finalizers", null), MergePatch),
            7 => await _api.SendAsync("PATCH", $"{path}?fieldManager=m{random.Next(2)}&force=true", target, "application/apply-patch+yaml"),
            8 => await ReplaceAsync(path, target),
            9 when things => await _api.SendAsync("PATCH", $"{path}/status", new JsonObject { ["status"] = new JsonObject { ["phase"] = color } }, MergePatch),
            10 when random.Next(20) == 0 => await _api.SendAsync("DELETE", $"{collection}?labelSelector=color%3D{color}"),
            _ => await _api.SendAsync("DELETE", path),
        };
        Assert.True((int)status < 500, $"seed {_seed}: {status}");
    }

    private const string MergePatch = "application/merge-patch+json";

    private static JsonObject Merge(string field, JsonNode? value) => new() { ["metadata"] = new JsonObject { [field] = value } };

    private async Task<(HttpStatusCode, JsonObject)> ReplaceAsync(string path, JsonObject target)
    {
        var (status, current) = await _api.SendAsync("GET", path);
        if (status == HttpStatusCode.OK)
        {
            target["metadata"]!["resourceVersion"] = (string?)current["metadata"]!["resourceVersion"];
        }

        return await _api.SendAsync("PUT", path, target);
    }
}
