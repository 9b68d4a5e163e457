using System.Net;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;

namespace Portal.Tests.Kubernetes.Client;

public sealed class WatchTests
{
    private readonly FakeServer _server = new();

    [Fact]
    public async Task WatchAsync_Events_ComeInOrderAndWhole()
    {
        var events = Collect(new WatchOptions { ResourceVersion = "5", Timeout = TimeSpan.FromSeconds(90) });
        var exchange = await _server.NextAsync();
        var watch = exchange.AnswerWatch();
        await watch.SendAsync("ADDED", "a@6");
        await watch.SendTextAsync("""{"type":"MODIFIED","obj""");
        await watch.SendTextAsync("""ect":{"metadata":{"name":"a","resourceVersion":"7"}}}""" + "\n\n");
        await watch.SendAsync("DELETED", "a@8");
        await watch.SendLineAsync("""{"type":"BOOKMARK","object":{"kind":"ConfigMap","metadata":{"resourceVersion":"9"}}}""");
        watch.End();
        Assert.Equal(["Added a 6", "Modified a 7", "Deleted a 8", "Bookmark  9"], await events);
        Assert.Equal("?watch=true&resourceVersion=5&allowWatchBookmarks=true&timeoutSeconds=90", exchange.Query);
    }

    [Fact]
    public async Task WatchAsync_ErrorEvent_ThrowsItsStatus()
    {
        var events = Collect(null);
        var watch = (await _server.NextAsync()).AnswerWatch();
        await watch.SendLineAsync("""{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old resource version"}}""");
        var exception = await Assert.ThrowsAsync<KubernetesException>(() => events);
        Assert.Equal((HttpStatusCode.Gone, true, "too old resource version"), (exception.StatusCode, exception.IsExpired, exception.Message));
    }

    [Fact]
    public async Task WatchAsync_RefusedWithGone_IsExpired()
    {
        var events = Collect(null);
        (await _server.NextAsync()).Refuse(HttpStatusCode.Gone, "Gone");
        Assert.True((await Assert.ThrowsAsync<KubernetesException>(() => events)).IsExpired);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("""{"type":"ADDED"}""")]
    [InlineData("""{"type":"ADDED","object":3}""")]
    [InlineData("""{"type":"OTHER","object":{}}""")]
    [InlineData("[]")]
    public async Task WatchAsync_MalformedLine_Throws(string line)
    {
        var events = Collect(null);
        var watch = (await _server.NextAsync()).AnswerWatch();
        await watch.SendLineAsync(line);
        Assert.Contains("watch of configmaps", (await Assert.ThrowsAsync<KubernetesException>(() => events)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WatchAsync_ConnectionBreaks_NamesTheServer()
    {
        var events = Collect(null);
        var watch = (await _server.NextAsync()).AnswerWatch();
        await watch.SendAsync("ADDED", "a@6");
        watch.Break();
        Assert.Contains("cluster.test", (await Assert.ThrowsAsync<KubeUnreachableException>(() => events)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WatchAsync_StreamEndsInsideAnEvent_LeavesItOut()
    {
        var events = Collect(null);
        var watch = (await _server.NextAsync()).AnswerWatch();
        await watch.SendAsync("ADDED", "a@6");
        await watch.SendTextAsync("""{"type":"ADDED","object":{"metadata":{"name":"b"}}}""");
        watch.End();
        Assert.Equal(["Added a 6"], await events);
    }

    private Task<List<string>> Collect(WatchOptions? options) => _server.Client.Resource(BuiltIn.ConfigMap)
        .WatchAsync("ns", options, default)
        .Select(change => $"{change.Type} {change.Object.Name} {change.Object.ResourceVersion}")
        .ToListAsync()
        .AsTask();
}
