using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Npgsql;
using Portal.Runner.Contract;
using Portal.Tests.Shared;

namespace Portal.Tests.Portal;

/// <summary>A running portal whose PostgreSQL goes away and comes back.</summary>
public sealed class PostgresOutageTests
{
    private const string Token = "outage-token";

    [PostgresFact]
    public async Task Database_AwayAndBack_IsToldToRunnersAndProbesAndNothingIsLostOrCountedTwice()
    {
        await using var portal = await RunningPortal.StartAsync("--Portal:Usage:Token", Token);
        var database = new NpgsqlConnectionStringBuilder(TestPostgres.Of(portal.DataDirectory)).Database!;
        Assert.Equal((1, 0), await TakenAsync(portal, "before"));

        TestPostgres.Execute($"ALTER DATABASE {database} WITH ALLOW_CONNECTIONS false");
        TestPostgres.Execute($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'");
        using (var refused = await SendAsync(portal, "during"))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.Equal(TimeSpan.FromSeconds(5), refused.Headers.RetryAfter?.Delta);
            Assert.Contains("later", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        using (var ready = await portal.Http.GetAsync("/readyz"))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
            Assert.Contains("the portal's database", await ready.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        TestPostgres.Execute($"ALTER DATABASE {database} WITH ALLOW_CONNECTIONS true");
        Assert.Equal((1, 0), await TakenAsync(portal, "during"));
        Assert.Equal((0, 1), await TakenAsync(portal, "before"));
        (await portal.Http.GetAsync("/readyz")).EnsureSuccessStatusCode().Dispose();
        (await portal.Http.GetAsync("/costs")).EnsureSuccessStatusCode().Dispose();
    }

    private static async Task<(int Accepted, int Duplicates)> TakenAsync(RunningPortal portal, string callId)
    {
        using var answer = await SendAsync(portal, callId);
        var receipt = (await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync(UsageJson.Default.UsageReceipt))!;
        return (receipt.Accepted, receipt.Duplicates);
    }

    private static async Task<HttpResponseMessage> SendAsync(RunningPortal portal, string callId)
    {
        var record = new JsonObject
        {
            ["callId"] = callId,
            ["startedAt"] = TimeProvider.System.GetUtcNow().ToString("o"),
            ["namespace"] = "demo",
            ["flow"] = "outage",
            ["provider"] = "demo",
            ["model"] = "echo",
            ["usage"] = new JsonObject { ["inputTokens"] = 1 },
            ["outcome"] = "OK",
            ["finishReason"] = "stop",
            ["durationMs"] = 1,
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/usage")
        {
            Content = JsonContent.Create(new JsonObject { ["sentAt"] = TimeProvider.System.GetUtcNow().ToString("o"), ["records"] = new JsonArray(record) }),
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", Token) },
        };
        return await portal.Http.SendAsync(request);
    }
}
