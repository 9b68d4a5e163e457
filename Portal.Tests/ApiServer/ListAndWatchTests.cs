using System.Net;
using static Portal.Tests.ApiServer.TestApi;

namespace Portal.Tests.ApiServer;

public sealed class ListAndWatchTests : IAsyncLifetime
{
    private TestApi _api = null!;

    public async Task InitializeAsync() => _api = await StartWithThingsAsync();

    public async Task DisposeAsync() => await _api.DisposeAsync();

    [Fact]
    public async Task List_InPages_ShowsOneSnapshot()
    {
        await CreateAsync("a", "b", "c");
        var first = await _api.GetAsync($"{ConfigMaps}?limit=2");
        await CreateAsync("bb");
        await _api.SendAsync("DELETE", $"{ConfigMaps}/c", null, HttpStatusCode.OK);
        var second = await _api.GetAsync($"{ConfigMaps}?limit=2&continue={(string?)first["metadata"]!["continue"]}");

        Assert.Equal(["a", "b"], Names(first));
        Assert.Equal(1, (int?)first["metadata"]!["remainingItemCount"]);
        Assert.Equal(["c"], Names(second));
        Assert.Null(second["metadata"]!["continue"]);
        Assert.Equal((string?)first["metadata"]!["resourceVersion"], (string?)second["metadata"]!["resourceVersion"]);
    }

    [Theory]
    [InlineData("continue=garbage")]
    [InlineData("limit=many")]
    [InlineData("limit=-1")]
    [InlineData("resourceVersion=abc")]
    [InlineData("labelSelector=a+in+(b")]
    [InlineData("fieldSelector=data.k%3Dv")]
    public async Task List_WithABadParameter_IsRefused(string query)
    {
        var status = await _api.SendAsync("GET", $"{ConfigMaps}?{query}", null, HttpStatusCode.BadRequest);

        Assert.Equal("BadRequest", (string?)status["reason"]);
    }

    [Fact]
    public async Task List_AtAnExactRevision_ShowsThatState()
    {
        await CreateAsync("a");
        var then = (string?)(await _api.GetAsync(ConfigMaps))["metadata"]!["resourceVersion"];
        await CreateAsync("b");

        Assert.Equal(["a"], Names(await _api.GetAsync($"{ConfigMaps}?resourceVersion={then}&resourceVersionMatch=Exact")));
        Assert.Equal(["a", "b"], Names(await _api.GetAsync($"{ConfigMaps}?resourceVersion={then}&resourceVersionMatch=NotOlderThan")));
    }

    [Fact]
    public async Task Watch_WithoutVersion_BeginsWithWhatIsThere()
    {
        await CreateAsync("a");
        using var watch = await _api.WatchAsync($"{ConfigMaps}?watch=true");
        Assert.Equal("ADDED a", await watch.NextTextAsync());

        await _api.MergeAsync($"{ConfigMaps}/a", JsonNode.Parse("""{"data":{"k":"w"}}""")!);
        await _api.SendAsync("DELETE", $"{ConfigMaps}/a", null, HttpStatusCode.OK);

        Assert.Equal("MODIFIED a", await watch.NextTextAsync());
        var deleted = await watch.NextAsync();
        Assert.Equal("DELETED", (string?)deleted!["type"]);
        Assert.Equal("w", (string?)deleted["object"]!["data"]!["k"]);
    }

    [Fact]
    public async Task Watch_FromAVersion_ReplaysWhatCameAfter()
    {
        await CreateAsync("a");
        var list = await _api.GetAsync(ConfigMaps);
        await CreateAsync("b", "c");

        using var watch = await _api.WatchAsync($"{ConfigMaps}?watch=true&resourceVersion={(string?)list["metadata"]!["resourceVersion"]}");

        Assert.Equal("ADDED b", await watch.NextTextAsync());
        Assert.Equal("ADDED c", await watch.NextTextAsync());
    }

    [Fact]
    public async Task Watch_WithALabel_TellsEnteringAndLeaving()
    {
        await CreateAsync("a");
        var list = await _api.GetAsync(ConfigMaps);
        using var watch = await _api.WatchAsync(
            $"{ConfigMaps}?watch=true&labelSelector=on%3Dyes&resourceVersion={(string?)list["metadata"]!["resourceVersion"]}");

        await _api.MergeAsync($"{ConfigMaps}/a", JsonNode.Parse("""{"metadata":{"labels":{"on":"yes"}}}""")!);
        var left = await _api.MergeAsync($"{ConfigMaps}/a", JsonNode.Parse("""{"metadata":{"labels":{"on":"no"}}}""")!);

        Assert.Equal("ADDED a", await watch.NextTextAsync());
        var deleted = await watch.NextAsync();
        Assert.Equal("DELETED", (string?)deleted!["type"]);
        Assert.Equal("yes", (string?)deleted["object"]!["metadata"]!["labels"]!["on"]);
        Assert.Equal((string?)left["metadata"]!["resourceVersion"], (string?)deleted["object"]!["metadata"]!["resourceVersion"]);
    }

    [Fact]
    public async Task Watch_WithATimeout_EndsWithABookmark()
    {
        using var watch = await _api.WatchAsync($"{ConfigMaps}?watch=true&allowWatchBookmarks=true&timeoutSeconds=1");

        Assert.Equal("BOOKMARK", (string?)(await watch.NextAsync())!["type"]);
        Assert.Null(await watch.NextAsync());
    }

    [Fact]
    public async Task Watch_AskedForInitialEvents_TellsTheirEnd()
    {
        await CreateAsync("a");
        using var watch = await _api.WatchAsync(
            $"{ConfigMaps}?watch=true&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan");

        Assert.Equal("ADDED a", await watch.NextTextAsync());
        var end = await watch.NextAsync();
        Assert.Equal("true", (string?)end!["object"]!["metadata"]!["annotations"]!["k8s.io/initial-events-end"]);
    }

    [Fact]
    public async Task Watch_WhenTheServerStops_Ends()
    {
        var watch = await _api.WatchAsync($"{ConfigMaps}?watch=true");

        await _api.Server.DisposeAsync();

        Assert.Null(await watch.NextAsync());
    }

    [Fact]
    public async Task Watch_OfACrdThatGoes_Ends()
    {
        await _api.SendAsync("POST", Things, Thing("a"), HttpStatusCode.Created);
        using var watch = await _api.WatchAsync($"{Things}?watch=true");
        Assert.Equal("ADDED a", await watch.NextTextAsync());

        await _api.SendAsync("DELETE", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.test.example.org", null, HttpStatusCode.OK);

        Assert.Equal("DELETED a", await watch.NextTextAsync());
        Assert.Equal("end", await watch.NextTextAsync());
    }

    private static IEnumerable<string?> Names(JsonObject list) => list["items"]!.AsArray().Select(item => (string?)item!["metadata"]!["name"]);

    private async Task CreateAsync(params string[] names)
    {
        foreach (var name in names)
        {
            await _api.SendAsync("POST", ConfigMaps, ConfigMap(name), HttpStatusCode.Created);
        }
    }
}
