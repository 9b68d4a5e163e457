using System.Net;
using System.Net.Http.Json;
using Portal.Runner.Contract;
using Portal.Runner.Usage;
using Portal.Tests.Runner.Flows;

namespace Portal.Tests.Runner.Budgets;

public sealed class BudgetWatchTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Call_BudgetIsUsedUpAndRaised_IsRefusedWith429AndServedAgain()
    {
        await using var portal = await FakeState.StartAsync();
        portal.Say(new BudgetStop { Id = "b1", Name = "One cent", Flow = "hello", Until = TimeProvider.System.GetUtcNow().AddHours(2), Contact = "Ada" });
        await using var runner = await StartRunnerAsync(portal);
        await portal.HeardAsync(); // it asks the second time when it has taken the first answer

        using var refused = await runner.PostAsync("/greeting", """{"data":{"name":"Ada"}}""");
        using var stream = await runner.PostAsync("/greeting?stream=true", """{"data":{"name":"Ada"}}""", "text/event-stream");
        portal.Say();
        await portal.HeardAsync();
        using var served = await runner.PostAsync("/greeting", """{"data":{"name":"Ada"}}""");

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalMinutes, 110, 120);
        var body = (await refused.Content.ReadFromJsonAsync<JsonObject>())!;
        Assert.Equal(("RESOURCE_EXHAUSTED", "BUDGET_EXHAUSTED", "One cent", "Ada"),
            (body["status"]!.ToString(), body["details"]!["reason"]!.ToString(), body["details"]!["budget"]!.ToString(), body["details"]!["contact"]!.ToString()));
        Assert.Equal(HttpStatusCode.TooManyRequests, stream.StatusCode);
        Assert.Equal(HttpStatusCode.OK, served.StatusCode);
        Assert.All(portal.Asked, asked => Assert.Equal(("Bearer secret", "?wait=30&namespace=shop"), asked));
    }

    [Theory]
    [InlineData(HttpStatusCode.Unauthorized, "no")]
    [InlineData(HttpStatusCode.NotFound, "no")]
    [InlineData(HttpStatusCode.OK, "<html>")]
    [InlineData(HttpStatusCode.OK, "null")]
    [InlineData(HttpStatusCode.OK, """{"stops":null}""")]
    public async Task Call_PortalSaysNonsense_IsServedAndLoggedOnce(HttpStatusCode status, string answer)
    {
        await using var portal = await FakeState.StartAsync();
        portal.SayRaw(status, answer);
        await using var runner = await StartRunnerAsync(portal);
        await portal.HeardAsync();
        await portal.HeardAsync();

        using var served = await runner.PostAsync("/greeting", """{"data":{"name":"Ada"}}""");

        Assert.Equal(HttpStatusCode.OK, served.StatusCode);
        Assert.Single(runner.Log, line => line.Contains("does not tell of budgets", StringComparison.Ordinal));
        Assert.DoesNotContain(runner.Log, line => line.Contains("secret", StringComparison.Ordinal));
    }

    private static Task<RunningServer> StartRunnerAsync(FakeState portal)
    {
        var spool = Directory.CreateTempSubdirectory("budget-spool-").FullName;
        return RunningServer.StartAsync(FakeProvider.Saying("Hi"), change: options => options with
        {
            Namespace = "shop",
            Usage = new UsageOptions { Portal = portal.Url, Token = "secret", SpoolDirectory = spool },
        });
    }
}
