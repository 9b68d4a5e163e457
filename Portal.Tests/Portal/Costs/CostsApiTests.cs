using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Portal.Features.Usage;
using Portal.Runner.Contract;

namespace Portal.Tests.Portal.Costs;

[Collection(PortalCollection.Name)]
public sealed class CostsApiTests(PortalFixture fixture)
{
    private readonly RunningPortal _portal = fixture.Portal;
    private readonly string _team = $"team-{Guid.NewGuid():N}";

    [Fact]
    public async Task Costs_OfATeam_AreItsCallsAndTheirFileSaysTheSame()
    {
        await AddAsync(Record("=cmd|' /C calc'!A0"), Record("b") with { Usage = new TokenUsage { InputTokens = 2_000_000, OutputTokens = 0 } });

        var report = (await _portal.Http.GetFromJsonAsync<JsonObject>($"/api/v1/costs?range=24h&group=user&team={_team}"))!;

        Assert.Equal(2, (int)report["total"]!["sums"]!["calls"]!);
        Assert.Equal(5.0025m, (decimal)report["total"]!["costs"]!["USD"]!);
        Assert.Equal("b", (string?)report["rows"]![0]!["value"]);
        var csv = await _portal.Http.GetStringAsync($"/api/v1/costs?range=24h&group=user&team={_team}&format=csv");
        Assert.Contains(",\"b\",\"USD\",5,0,", csv, StringComparison.Ordinal);
        Assert.Contains("\"'=cmd|' /C calc'!A0\"", csv, StringComparison.Ordinal);
        var calls = (await _portal.Http.GetFromJsonAsync<JsonObject>($"/api/v1/costs/calls?range=24h&team={_team}&limit=1"))!;
        var next = (await _portal.Http.GetFromJsonAsync<JsonObject>($"/api/v1/costs/calls?range=24h&team={_team}&limit=1&after={calls["next"]}"))!;
        Assert.Null(next["next"]);
        Assert.NotEqual((string?)calls["items"]![0]!["callId"], (string?)next["items"]![0]!["callId"]);
        Assert.Equal(3, (await _portal.Http.GetStringAsync($"/api/v1/costs/calls?range=24h&team={_team}&format=csv")).Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Theory]
    [InlineData("/api/v1/costs?range=never", "range must be one of")]
    [InlineData("/api/v1/costs?group=x&format=xml", "format must be json or csv")]
    [InlineData("/api/v1/costs/calls?only=cheap", "only must be unpriced or errors")]
    [InlineData("/api/v1/costs/calls?limit=0", "limit must be from 1 to 1000")]
    [InlineData("/api/v1/costs/calls?after=1%20OR%201", "after must be what the page before named")]
    public async Task Costs_Nonsense_IsABadRequestThatNamesTheField(string address, string expected)
    {
        using var answer = await _portal.Http.GetAsync(address);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(expected, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Costs_HostileValues_MatchNothing()
    {
        foreach (var value in new[] { "%00", "'%20OR%201=1--", "%F0%9F%92%A3", "%25", "a%0Ab" })
        {
            var report = (await _portal.Http.GetFromJsonAsync<JsonObject>($"/api/v1/costs?range=24h&user={value}"))!;
            Assert.Empty(report["rows"]!.AsArray());
        }

        using var answer = await _portal.Http.GetAsync("/api/v1/costs/calls/nosuch");
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    private Task<int> AddAsync(params UsageRecord[] records) => _portal.Services.GetRequiredService<UsageLog>().AddAsync(records, UsageLog.FromFlow, default);

    private UsageRecord Record(string caller) => new()
    {
        CallId = Guid.NewGuid().ToString("N"),
        StartedAt = TimeProvider.System.GetUtcNow().AddMinutes(-1),
        Namespace = "demo",
        Flow = "f",
        Prompt = "p",
        Provider = "openai",
        Model = "gpt-4o",
        Usage = new TokenUsage { InputTokens = 1_000, OutputTokens = 0 },
        FinishReason = "stop",
        Duration = TimeSpan.FromMilliseconds(5),
        Caller = caller,
        Team = _team,
    };
}
