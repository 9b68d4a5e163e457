using Portal.Dotprompt.Documents;
using Portal.Dotprompt.Messages;
using Portal.Runner.Contract;
using Portal.Runner.Engine;
using Portal.Runner.Providers;
using Portal.Tests.Runner.Flows;

namespace Portal.Tests.Runner.Engine;

public class ModelRetriesTests
{
    private readonly InstantTimeProvider _time = new();

    [Theory]
    [InlineData(GenkitStatus.ResourceExhausted, 429)]
    [InlineData(GenkitStatus.Unavailable, 502)]
    [InlineData(GenkitStatus.Unavailable, 503)]
    [InlineData(GenkitStatus.Unavailable, 529)]
    [InlineData(GenkitStatus.Unavailable, null)] // no connection
    public async Task StreamAsync_FailureThatMayPass_IsRetriedWithGrowingWaits(GenkitStatus status, int? providerStatus)
    {
        var (provider, _) = await RunAsync(Failing(2, status, providerStatus));

        Assert.Equal(3, provider.Requests.Count);
        var waits = _time.Delays.ToList();
        Assert.Equal(2, waits.Count);
        Assert.InRange(waits[0].TotalMilliseconds, 375, 625);
        Assert.InRange(waits[1].TotalMilliseconds, 750, 1250);
    }

    [Theory]
    [InlineData(GenkitStatus.InvalidArgument, 400)]
    [InlineData(GenkitStatus.Unauthenticated, 401)]
    [InlineData(GenkitStatus.Unavailable, 500)]
    [InlineData(GenkitStatus.DeadlineExceeded, null)]
    [InlineData(GenkitStatus.Internal, null)]
    public async Task StreamAsync_OtherFailure_IsPassedOnAtOnce(GenkitStatus status, int? providerStatus)
    {
        var provider = Failing(1, status, providerStatus);

        await Assert.ThrowsAsync<GenkitException>(() => RunAsync(provider));

        Assert.Single(provider.Requests);
        Assert.Empty(_time.Delays);
    }

    [Fact]
    public async Task StreamAsync_FailsForGood_GivesUpAfterThree()
    {
        var provider = Failing(99, GenkitStatus.Unavailable, 503);

        Assert.Equal(GenkitStatus.Unavailable, (await Assert.ThrowsAsync<GenkitException>(() => RunAsync(provider))).Status);

        Assert.Equal(3, provider.Requests.Count);
    }

    [Fact]
    public async Task StreamAsync_RetryAfter_IsWaitedFor()
    {
        await RunAsync(Failing(1, GenkitStatus.ResourceExhausted, 429, TimeSpan.FromSeconds(9)));

        Assert.Equal(TimeSpan.FromSeconds(9), _time.Delays.Single());
    }

    [Fact]
    public async Task StreamAsync_LongRetryAfter_IsLeftToTheCaller()
    {
        var provider = Failing(1, GenkitStatus.ResourceExhausted, 429, TimeSpan.FromSeconds(11));

        Assert.Equal(TimeSpan.FromSeconds(11), (await Assert.ThrowsAsync<GenkitException>(() => RunAsync(provider))).RetryAfter);

        Assert.Single(provider.Requests);
    }

    [Fact]
    public async Task StreamAsync_FailureAfterTheFirstChunk_IsNotRetried()
    {
        var provider = FakeProvider.Throwing(new GenkitException(GenkitStatus.Unavailable, "cut"), "Hel");

        await Assert.ThrowsAsync<GenkitException>(() => RunAsync(provider));

        Assert.Single(provider.Requests);
    }

    [Fact]
    public async Task StreamAsync_FailureAfterTools_RepeatsOnlyTheModel()
    {
        var tools = new FakeTool(static (_, _) => Task.FromResult<JsonNode?>("x"));
        var asked = 0;
        var provider = new FakeProvider((_, _) => Interlocked.Increment(ref asked) switch
        {
            1 => new[] { new ModelChunk { Content = [new ToolRequestPart("a", "1", null)] } }.ToAsyncEnumerable(),
            2 => Fail(new GenkitException(GenkitStatus.Unavailable, "busy")),
            _ => new[] { FakeProvider.Text("ok") }.ToAsyncEnumerable(),
        });

        var (_, result) = await RunAsync(provider, tools: tools);

        Assert.Equal(("ok", 1, 3), (result.Message.Text, tools.Calls.Count, provider.Requests.Count));
    }

    [Theory]
    [InlineData("0", 1)]
    [InlineData("4", 5)]
    public async Task StreamAsync_MaxRetries_IsTheLimit(string maxRetries, int requests)
    {
        var provider = Failing(99, GenkitStatus.Unavailable, 503);

        await Assert.ThrowsAsync<GenkitException>(() => RunAsync(provider, maxRetries));

        Assert.Equal(requests, provider.Requests.Count);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("\"two\"")]
    public async Task StreamAsync_WrongMaxRetries_SaysSo(string maxRetries) => Assert.Contains("extraConfig.maxRetries of the plugin must be a whole number from 0 to 10",
        (await Assert.ThrowsAsync<GenkitException>(() => RunAsync(FakeProvider.Saying("x"), maxRetries))).Message, StringComparison.Ordinal);

    private static FakeProvider Failing(int times, GenkitStatus status, int? providerStatus, TimeSpan? retryAfter = null)
    {
        var asked = 0;
        return new FakeProvider((_, _) => Interlocked.Increment(ref asked) > times
            ? new[] { FakeProvider.Text("ok"), FakeProvider.End }.ToAsyncEnumerable()
            : Fail(new GenkitException(status, "It failed.")
            {
                RetryAfter = retryAfter,
                Details = providerStatus is null ? null : new JsonObject { ["providerStatus"] = providerStatus },
            }));
    }

    private static async IAsyncEnumerable<ModelChunk> Fail(GenkitException exception)
    {
        await Task.Yield();
        yield return exception.Details is null ? new ModelChunk() : throw exception;
        throw exception;
    }

    private async Task<(FakeProvider Provider, GenerateResult Result)> RunAsync(FakeProvider provider, string? maxRetries = null, FakeTool? tools = null)
    {
        var extra = maxRetries is null ? null : new JsonObject { ["maxRetries"] = JsonNode.Parse(maxRetries) };
        var call = new GenerateCall
        {
            Prompt = DotpromptDocument.Parse(tools is null ? "Hi" : "---\ntools: [a]\n---\nHi"),
            Runtime = new RuntimeConfig
            {
                DefaultModel = new RuntimeModel { Provider = "fake", Model = "m" },
                Plugin = new RuntimePlugin { Type = "fake", ExtraConfig = extra },
            },
            Credentials = new EnvironmentCredentials(),
            Tools = [FakeTool.Tool("a") with { Settings = new JsonObject { ["timeoutSeconds"] = 600 } }],
        };
        var events = await new FlowEngine(new ProviderCatalog([provider]), _time, tools?.Catalog).StreamAsync(call, CancellationToken.None).ToListAsync();
        return (provider, events.OfType<GenerateEvent.Completed>().Single().Result);
    }
}
