using System.Net;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;
using Portal.Tests.Shared;

namespace Portal.Tests.Kubernetes.Client;

/// <summary>What the client sends again by itself. Time stands still: a pause is over when the test says so.</summary>
public sealed class RetryTests
{
    private const string Found = """{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a","namespace":"ns"}}""";
    private static readonly KubeObject s_map = new(new JsonObject { ["metadata"] = new JsonObject { ["name"] = "a", ["namespace"] = "ns" } });
    private static readonly Exception s_loss = new HttpRequestException("An error occurred while sending the request.", new IOException("Connection reset by peer"));

    private readonly FakeServer _server = new();
    private readonly ManualTimeProvider _time = new();
    private readonly Resource<KubeObject> _maps;

    public RetryTests() => _maps = _server.ClientAt(_time).Resource(BuiltIn.ConfigMap);

    [Fact]
    public async Task CreateAsync_TooManyRequests_IsSentAgainWhenTheServerSays()
    {
        var create = _maps.CreateAsync(s_map, null, default);
        var first = await _server.NextAsync();
        first.AskForTime(HttpStatusCode.TooManyRequests, "7");
        Assert.Equal(TimeSpan.FromSeconds(7), await _time.AdvanceToTimerAsync(TimeSpan.FromSeconds(7)));
        var second = await _server.NextAsync();
        Assert.Equal(("POST", first.Body), (second.Method, second.Body));
        second.Answer(Found);
        Assert.Equal("a", (await create).Name);
    }

    [Fact]
    public async Task GetAsync_RetryAfterAsDate_IsUnderstood()
    {
        var get = _maps.GetAsync("ns", "a", default);
        (await _server.NextAsync()).AskForTime(HttpStatusCode.ServiceUnavailable, "Tue, 01 Jan 2030 00:00:03 GMT");
        Assert.Equal(TimeSpan.FromSeconds(3), await _time.AdvanceToTimerAsync(TimeSpan.FromSeconds(3)));
        (await _server.NextAsync()).Answer(Found);
        await get;
    }

    [Fact]
    public async Task CreateAsync_Unavailable_IsNotSentAgain()
    {
        var create = _maps.CreateAsync(s_map, null, default);
        (await _server.NextAsync()).AskForTime(HttpStatusCode.ServiceUnavailable, "1");
        var exception = await Assert.ThrowsAsync<KubernetesException>(() => create);
        Assert.Equal(TimeSpan.FromSeconds(1), exception.RetryAfter);
    }

    [Theory]
    [InlineData("")]
    [InlineData("31")]
    [InlineData("soon")]
    public async Task GetAsync_TooManyRequestsWithoutAFairTime_IsTold(string retryAfter)
    {
        var get = _maps.GetAsync("ns", "a", default);
        (await _server.NextAsync()).AskForTime(HttpStatusCode.TooManyRequests, retryAfter);
        Assert.Equal("TooManyRequests", (await Assert.ThrowsAsync<KubernetesException>(() => get)).Reason);
    }

    [Fact]
    public async Task GetAsync_ServerAlwaysBusy_GivesUpAfterEightMore()
    {
        var get = _maps.GetAsync("ns", "a", default);
        for (var i = 0; i < 8; i++)
        {
            (await _server.NextAsync()).AskForTime(HttpStatusCode.TooManyRequests, "1");
            await _time.AdvanceToTimerAsync(TimeSpan.FromSeconds(1));
        }

        (await _server.NextAsync()).AskForTime(HttpStatusCode.TooManyRequests, "1");
        await Assert.ThrowsAsync<KubernetesException>(() => get);
    }

    [Fact]
    public async Task GetAsync_WaitIsLongerThanTheTimeLeft_TellsTheRefusalAtOnce()
    {
        var get = _maps.GetAsync("ns", "a", default);
        foreach (var wait in new[] { 30, 25 })
        {
            (await _server.NextAsync()).AskForTime(HttpStatusCode.TooManyRequests, $"{wait}");
            Assert.Equal(TimeSpan.FromSeconds(wait), await _time.AdvanceToTimerAsync(TimeSpan.FromSeconds(wait)));
        }

        (await _server.NextAsync()).AskForTime(HttpStatusCode.TooManyRequests, "10");
        Assert.Equal("TooManyRequests", (await Assert.ThrowsAsync<KubernetesException>(() => get)).Reason);
    }

    [Fact]
    public async Task GetAsync_CancelledWhileWaiting_Ends()
    {
        using var stop = new CancellationTokenSource();
        var get = _maps.GetAsync("ns", "a", stop.Token);
        (await _server.NextAsync()).AskForTime(HttpStatusCode.TooManyRequests, "25");
        await _time.TimerWithinAsync(TimeSpan.FromSeconds(25));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => get);
    }

    [Fact]
    public async Task GetAsync_ConnectionLost_IsSentTwiceMore()
    {
        var get = _maps.GetAsync("ns", "a", default);
        foreach (var pause in new[] { 100, 200 })
        {
            (await _server.NextAsync()).Fail(s_loss);
            Assert.Equal(TimeSpan.FromMilliseconds(pause), await _time.AdvanceToTimerAsync(TimeSpan.FromSeconds(1)));
        }

        (await _server.NextAsync()).Fail(s_loss);
        await Assert.ThrowsAsync<KubeUnreachableException>(() => get);
    }

    [Fact]
    public async Task GetAsync_ConnectionLostInsideTheBody_IsSentAgain()
    {
        var get = _maps.GetAsync("ns", "a", default);
        var body = (await _server.NextAsync()).AnswerWatch();
        await body.SendTextAsync("""{"kind":"Conf""");
        body.Break();
        await _time.AdvanceToTimerAsync(TimeSpan.FromSeconds(1));
        (await _server.NextAsync()).Answer(Found);
        Assert.Equal("a", (await get).Name);
    }

    [Fact]
    public async Task Writes_ConnectionLost_AreNotSentAgain()
    {
        var create = _maps.CreateAsync(s_map, null, default);
        (await _server.NextAsync()).Fail(s_loss);
        await Assert.ThrowsAsync<KubeUnreachableException>(() => create);
    }

    [Fact]
    public async Task GetAsync_ConnectionRefused_IsToldAtOnce()
    {
        var get = _maps.GetAsync("ns", "a", default);
        (await _server.NextAsync()).Fail(new HttpRequestException(HttpRequestError.ConnectionError, "Connection refused"));
        await Assert.ThrowsAsync<KubeUnreachableException>(() => get);
    }
}
