using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;
using Portal.Tests.Shared;

namespace Portal.Tests.Kubernetes.Runtime;

public sealed class InformerTests : IAsyncLifetime
{
    private static readonly TimeSpan s_maxBackoff = TimeSpan.FromSeconds(30);

    private readonly FakeServer _server = new();
    private readonly ManualTimeProvider _time = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<string> _changes = [];
    private readonly SemaphoreSlim _changed = new(0);
    private readonly Informer<KubeObject> _informer;
    private int _asked;
    private Task _running = Task.CompletedTask;

    public InformerTests()
    {
        _informer = new Informer<KubeObject>(_server.Client.Resource(BuiltIn.ConfigMap), null, _time, NullLogger.Instance, () => 0);
        _informer.Subscribe(change =>
        {
            _changes.Add($"{change.Kind} {change.Object.Name} {change.Before?.ResourceVersion}>{change.After?.ResourceVersion}");
            _changed.Release();
        });
    }

    [Fact]
    public async Task RunAsync_ListThenWatch_KeepsTheStoreCurrent()
    {
        var watch = await StartAsync("5", "b@2", "a@1");
        Assert.Equal(["a", "b"], _informer.Store.List().Select(item => item.Name));
        await watch.SendAsync("ADDED", "c@6");
        await watch.SendAsync("MODIFIED", "a@7");
        await watch.SendAsync("DELETED", "b@8");
        await ChangesAsync("Added b >2", "Added a >1", "Added c >6", "Modified a 1>7", "Deleted b 8>");
        Assert.Equal(["a", "c"], _informer.Store.List("default").Select(item => item.Name));
        Assert.Null(_informer.Store.Find("default", "b"));
    }

    [Fact]
    public async Task RunAsync_ManyPages_AreOneReplacement()
    {
        _running = _informer.RunAsync(_stop.Token);
        (await _server.NextAsync()).AnswerPage("5", "t1", "a@1");
        var second = await _server.NextAsync();
        Assert.False(_informer.IsSynced);
        second.AnswerPage("5", "", "b@2");
        Assert.Equal("?limit=500&continue=t1", second.Query);
        await _informer.WaitForSyncAsync(default);
        Assert.Equal(2, _informer.Store.Count);
    }

    [Fact]
    public async Task RunAsync_GoneInsideTheStream_ListsAgainAndTellsTheDifference()
    {
        var watch = await StartAsync("5", "same@1", "changed@2", "gone@3", "remade@4@old");
        await watch.SendLineAsync("""{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"6"}}}""");
        await watch.SendLineAsync("""{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}}""");
        (await _server.NextAsync()).AnswerList("20", "same@1", "changed@12", "new@13", "remade@14@new");
        var next = await _server.NextAsync();
        Assert.Equal("20", VersionOf(next));
        Assert.Equal(
            ["Deleted gone 3>", "Modified changed 2>12", "Added new >13", "Deleted remade 4>", "Added remade >14"],
            _changes.Skip(4));
    }

    [Fact]
    public async Task RunAsync_GoneAsHttpStatus_ListsAgainAfterAPause()
    {
        _running = _informer.RunAsync(_stop.Token);
        (await _server.NextAsync()).AnswerList("5", "a@1");
        (await _server.NextAsync()).Refuse(HttpStatusCode.Gone, "Expired");
        var list = await AfterPauseAsync();
        Assert.False(list.IsWatch);
        list.AnswerList("9", "a@1");
        Assert.Equal("9", VersionOf(await _server.NextAsync()));
        Assert.Equal(["Added a >1"], _changes);
    }

    [Fact]
    public async Task RunAsync_StreamEnds_GoesOnFromTheLatestVersionWithoutList()
    {
        var watch = await StartAsync("5", "a@1");
        await watch.SendAsync("MODIFIED", "a@7");
        watch.End();
        var next = await _server.NextAsync();
        Assert.Equal((true, "7"), (next.IsWatch, VersionOf(next)));
        var second = next.AnswerWatch();
        await second.SendLineAsync("""{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"30"}}}""");
        second.End();
        Assert.Equal("30", VersionOf(await _server.NextAsync()));
        Assert.Equal(["Added a >1", "Modified a 1>7"], _changes);
    }

    [Fact]
    public async Task RunAsync_StreamEndsAtOnceAgainAndAgain_PausesGrow()
    {
        var watch = await StartAsync("5");
        List<TimeSpan> pauses = [];
        for (var i = 0; i < 9; i++)
        {
            watch.End();
            pauses.Add(await _time.AdvanceToTimerAsync(s_maxBackoff));
            var next = await _server.NextAsync();
            watch = next.AnswerWatch();
        }

        Assert.Equal([250, 500, 1000, 2000, 4000, 8000, 15000, 15000, 15000], pauses.Select(pause => (int)pause.TotalMilliseconds));
    }

    [Fact]
    public async Task RunAsync_ConnectionBreaks_KeepsTheVersionAndSaysSo()
    {
        var watch = await StartAsync("5", "a@1");
        await watch.SendAsync("MODIFIED", "a@7");
        await ChangesAsync("Added a >1", "Modified a 1>7");
        var contact = _informer.LastContact;
        watch.Break();
        await _time.TimerWithinAsync(s_maxBackoff);
        Assert.Contains("cluster.test", _informer.LastError, StringComparison.Ordinal);
        var next = await AfterPauseAsync();
        Assert.Equal("7", VersionOf(next));
        await next.AnswerWatch().SendAsync("MODIFIED", "a@8");
        await ChangesAsync("Modified a 7>8");
        Assert.Null(_informer.LastError);
        Assert.True(_informer.LastContact > contact);
    }

    [Fact]
    public async Task RunAsync_Silence_OpensTheWatchAgain()
    {
        var watch = await StartAsync("5", "a@1");
        await watch.SendAsync("MODIFIED", "a@7");
        await ChangesAsync("Added a >1", "Modified a 1>7");
        _time.Advance(TimeSpan.FromMinutes(2));
        var next = await _server.NextAsync();
        Assert.Equal((true, "7"), (next.IsWatch, VersionOf(next)));
        Assert.Null(_informer.LastError);
    }

    [Fact]
    public async Task RunAsync_ListRefused_TriesAgainUntilItMay()
    {
        _running = _informer.RunAsync(_stop.Token);
        (await _server.NextAsync()).Refuse(HttpStatusCode.Forbidden, "Forbidden", "configmaps is forbidden");
        var second = await AfterPauseAsync();
        Assert.Equal("configmaps is forbidden", _informer.LastError);
        second.AnswerList("5", "a@1");
        await _informer.WaitForSyncAsync(default);
        Assert.Null(_informer.LastError);
    }

    [Fact]
    public async Task RunAsync_GarbageInTheStream_ListsAgain()
    {
        var watch = await StartAsync("5", "a@1");
        await watch.SendLineAsync("garbage");
        var next = await AfterPauseAsync();
        Assert.False(next.IsWatch);
    }

    [Fact]
    public async Task RunAsync_SameVersionTwice_IsOneChange()
    {
        var watch = await StartAsync("5", "a@1");
        await watch.SendAsync("MODIFIED", "a@7");
        await watch.SendAsync("MODIFIED", "a@7");
        await watch.SendAsync("ADDED", "z@8");
        await ChangesAsync("Added a >1", "Modified a 1>7", "Added z >8");
    }

    [Fact]
    public async Task Subscribe_SyncedStore_FirstTellsWhatThereIs()
    {
        await StartAsync("5", "b@2", "a@1");
        List<string> seen = [];
        _informer.Subscribe(change => seen.Add($"{change.Kind} {change.Object.Name}"));
        Assert.Equal(["Added a", "Added b"], seen);
    }

    [Fact]
    public async Task Subscribe_Disposed_HearsNoMore()
    {
        List<string> seen = [];
        var subscription = _informer.Subscribe(change => seen.Add(change.Object.Name));
        var watch = await StartAsync("5", "a@1");
        subscription.Dispose();
        await watch.SendAsync("ADDED", "b@6");
        await ChangesAsync("Added a >1", "Added b >6");
        Assert.Equal(["a"], seen);
    }

    [Fact]
    public async Task Subscribe_HandlerThrows_OthersStillHear()
    {
        _informer.Subscribe(_ => throw new InvalidOperationException());
        List<string> seen = [];
        _informer.Subscribe(change => seen.Add(change.Object.Name));
        await StartAsync("5", "a@1");
        Assert.Equal(["a"], seen);
    }

    [Fact]
    public async Task ByIndex_Changes_FollowTheObjects()
    {
        _informer.Store.AddIndex("version", item => [item.ResourceVersion]);
        var watch = await StartAsync("5", "a@1", "b@2");
        await watch.SendAsync("MODIFIED", "a@7");
        await watch.SendAsync("DELETED", "b@8");
        await ChangesAsync("Added a >1", "Added b >2", "Modified a 1>7", "Deleted b 8>");
        Assert.Empty(_informer.Store.ByIndex("version", "1"));
        Assert.Empty(_informer.Store.ByIndex("version", "2"));
        Assert.Equal(["a"], _informer.Store.ByIndex("version", "7").Select(item => item.Name));
        Assert.Throws<ArgumentException>(() => _informer.Store.ByIndex("none", "1"));
    }

    [Fact]
    public async Task Factory_InformerAskedForLater_StartsAtOnceAndIsShared()
    {
        var factory = new InformerFactory(_server.Client, null, _time, NullLoggerFactory.Instance);
        _running = factory.RunAsync(_stop.Token);
        var informer = factory.Get(BuiltIn.Secret);
        var list = await _server.NextAsync();
        Assert.Equal("/api/v1/secrets", list.Path);
        list.Answer("""{"metadata":{"resourceVersion":"1"},"items":[]}""");
        await factory.WaitForSyncAsync(default);
        Assert.True(informer.IsSynced);
        Assert.Same(informer, factory.Get(BuiltIn.Secret));
    }

    [Fact]
    public async Task Observe_OwnWrite_IsInTheStoreAtOnceAndToldOnce()
    {
        var watch = await StartAsync("5", "a@1");

        _informer.Observe(Object("a@8"));

        Assert.Equal("8", _informer.Store.Find("default", "a")!.ResourceVersion);
        await watch.SendAsync("MODIFIED", "a@7");
        await watch.SendAsync("MODIFIED", "a@8");
        await watch.SendAsync("ADDED", "b@9");
        await ChangesAsync("Added a >1", "Modified a 1>8", "Added b >9");
    }

    [Fact]
    public async Task Observe_WhatTheWatchHasPassed_ChangesNothing()
    {
        var watch = await StartAsync("5", "a@1");
        await watch.SendAsync("DELETED", "a@7");
        await ChangesAsync("Added a >1", "Deleted a 7>");

        _informer.Observe(Object("a@6"));

        Assert.Null(_informer.Store.Find("default", "a"));
    }

    [Fact]
    public async Task Observe_ThenDeletedByAnother_IsGone()
    {
        var watch = await StartAsync("5");
        _informer.Observe(Object("a@6"));
        await watch.SendAsync("ADDED", "a@6");
        await watch.SendAsync("DELETED", "a@7");
        await ChangesAsync("Added a >6", "Deleted a 7>");
        Assert.Equal(0, _informer.Store.Count);
    }

    [Fact]
    public async Task HasSeen_VersionsOfListEventAndBookmark_CountAndOthersDoNot()
    {
        Assert.False(_informer.HasSeen("default", "1"));
        var watch = await StartAsync("5");
        Assert.Equal((true, false, false), (_informer.HasSeen("default", "5"), _informer.HasSeen("default", "6"), _informer.HasSeen("default", "abc")));
        await watch.SendAsync("BOOKMARK", "a@9");
        await watch.SendAsync("ADDED", "b@10");
        await ChangesAsync("Added b >10");
        Assert.Equal((true, false), (_informer.HasSeen("default", "10"), _informer.HasSeen("default", "11")));
    }

    [Fact]
    public async Task Namespaces_Two_AreMirroredApartAndSyncedTogether()
    {
        var factory = new InformerFactory(_server.Client, null, _time, NullLoggerFactory.Instance) { Namespaces = ["default", "other"] };
        var informer = factory.Get(BuiltIn.ConfigMap);
        _running = factory.RunAsync(_stop.Token);
        FakeServer.Exchange[] lists = [await _server.NextAsync(), await _server.NextAsync()];
        lists = [.. lists.OrderBy(list => list.Path, StringComparer.Ordinal)];
        Assert.Equal(["/api/v1/namespaces/default/configmaps", "/api/v1/namespaces/other/configmaps"], lists.Select(list => list.Path));
        lists[0].AnswerList("5", "a@1");
        Assert.Equal("/api/v1/namespaces/default/configmaps", (await _server.NextAsync()).Path);
        Assert.False(informer.IsSynced);

        lists[1].Answer("""{"metadata":{"resourceVersion":"3"},"items":[{"metadata":{"name":"b","namespace":"other","uid":"u","resourceVersion":"2"}}]}""");

        await informer.WaitForSyncAsync(default);
        Assert.Equal(["a", "b"], informer.Store.List().Select(item => item.Name));
        Assert.Equal((true, false), (informer.HasSeen("default", "4"), informer.HasSeen("other", "4")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Factory_PacksObjects_KeepsTheContentAndManagedFieldsWhenAsked(bool keepsManagedFields)
    {
        var factory = new InformerFactory(_server.Client, null, _time, NullLoggerFactory.Instance) { PacksObjects = true, KeepsManagedFields = keepsManagedFields };
        var informer = factory.Get(BuiltIn.ConfigMap);
        _running = factory.RunAsync(_stop.Token);
        (await _server.NextAsync()).Answer("""
            {"metadata":{"resourceVersion":"3"},"items":[{"metadata":{"name":"b","namespace":"other","uid":"u","resourceVersion":"2","generation":4,
              "labels":{"a":"b"},"managedFields":[{"manager":"m"}]},"data":{"text":"\u00e9 \"x\" 😀"}}]}
            """);
        await informer.WaitForSyncAsync(default);
        GC.Collect();

        var found = informer.Store.Find("other", "b")!;
        Assert.Equal(("ConfigMap", "v1", "u", "2", 4L, "b"), (found.Kind, found.ApiVersion, found.Uid, found.ResourceVersion, found.Generation, found.Labels["a"]));
        Assert.Equal("é \"x\" 😀", (string?)found.Json["data"]!["text"]);
        Assert.Equal(keepsManagedFields ? "m" : null, (string?)found.Metadata["managedFields"]?[0]!["manager"]);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.WaitAsync(ManualTimeProvider.Patience);
    }

    private async Task<FakeServer.FakeWatch> StartAsync(string version, params string[] items)
    {
        _running = _informer.RunAsync(_stop.Token);
        (await _server.NextAsync()).AnswerList(version, items);
        var watch = await _server.NextAsync();
        Assert.Equal((true, version), (watch.IsWatch, VersionOf(watch)));
        return watch.AnswerWatch();
    }

    /// <summary>Lets the back-off that comes next pass; the silence time-out of a watch is longer.</summary>
    private async Task<FakeServer.Exchange> AfterPauseAsync()
    {
        await _time.AdvanceToTimerAsync(s_maxBackoff);
        return await _server.NextAsync();
    }

    /// <summary>Waits for the changes that follow those asked for before.</summary>
    private async Task ChangesAsync(params string[] expected)
    {
        foreach (var _ in expected)
        {
            Assert.True(await _changed.WaitAsync(ManualTimeProvider.Patience), $"Only {string.Join(", ", _changes)} came.");
        }

        Assert.Equal(expected, _changes.Skip(_asked).Take(expected.Length));
        _asked += expected.Length;
    }

    private static KubeObject Object(string nameAndVersion) => new(JsonNode.Parse(FakeServer.Exchange.Item(nameAndVersion))!.AsObject());

    private static string? VersionOf(FakeServer.Exchange exchange) => System.Web.HttpUtility.ParseQueryString(exchange.Query)["resourceVersion"];
}
