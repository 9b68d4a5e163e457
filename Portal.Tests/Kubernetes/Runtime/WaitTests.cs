using System.Net;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;
using Portal.Tests.Shared;

namespace Portal.Tests.Kubernetes.Runtime;

public sealed class WaitTests
{
    private readonly FakeServer _server = new();
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task UntilAsync_TrueAlready_ReturnsAtOnce()
    {
        var wait = UntilAsync(item => item?.ResourceVersion == "3");
        var list = await _server.NextAsync();
        list.AnswerList("5", "a@3");
        Assert.Equal("/api/v1/namespaces/ns/configmaps?fieldSelector=metadata.name=a", list.PathAndQuery);
        Assert.Equal("a", (await wait)!.Name);
    }

    [Fact]
    public async Task UntilAsync_AppearsAndChanges_SeesIt()
    {
        var wait = UntilAsync(item => item?.ResourceVersion == "7");
        (await _server.NextAsync()).AnswerList("5");
        var watch = (await _server.NextAsync()).AnswerWatch();
        await watch.SendAsync("ADDED", "a@6");
        await watch.SendAsync("MODIFIED", "a@7");
        Assert.Equal("7", (await wait)!.ResourceVersion);
    }

    [Fact]
    public async Task UntilAsync_Gone_ReturnsNull()
    {
        var wait = UntilAsync(item => item is null);
        (await _server.NextAsync()).AnswerList("5", "a@3");
        await (await _server.NextAsync()).AnswerWatch().SendAsync("DELETED", "a@6");
        Assert.Null(await wait);
    }

    [Fact]
    public async Task UntilAsync_WatchBreaks_ListsAgain()
    {
        var wait = UntilAsync(item => item?.ResourceVersion == "9");
        (await _server.NextAsync()).AnswerList("5", "a@3");
        (await _server.NextAsync()).AnswerWatch().Break();
        await _time.AdvanceToTimerAsync(TimeSpan.FromSeconds(5));
        (await _server.NextAsync()).AnswerList("12", "a@9");
        Assert.NotNull(await wait);
    }

    [Fact]
    public async Task UntilAsync_NeverTrue_TimesOutAndSaysWhat()
    {
        var wait = UntilAsync(_ => false);
        (await _server.NextAsync()).AnswerList("5", "a@3");
        (await _server.NextAsync()).AnswerWatch();
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("ConfigMap ns/a did not get there within 60 s.", (await Assert.ThrowsAsync<TimeoutException>(() => wait)).Message);
    }

    [Fact]
    public async Task UntilAsync_Forbidden_Throws()
    {
        var wait = UntilAsync(_ => true);
        (await _server.NextAsync()).Refuse(HttpStatusCode.Forbidden, "Forbidden");
        await Assert.ThrowsAsync<KubernetesException>(() => wait);
    }

    private Task<KubeObject?> UntilAsync(Func<KubeObject?, bool> predicate) =>
        Wait.UntilAsync(_server.Client.Resource(BuiltIn.ConfigMap), "ns", "a", predicate, TimeSpan.FromMinutes(1), _time, default);
}
