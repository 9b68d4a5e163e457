using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Portal.Data;
using Portal.Embedded;
using Portal.Features.Usage;
using Portal.Runner.Contract;
using Portal.Tests.Runner.Telemetry;

namespace Portal.Tests.Portal.Usage;

[Collection(PortalCollection.Name)]
public sealed class UsageIngestTests(PortalFixture fixture)
{
    private readonly RunningPortal _portal = fixture.Portal;
    private readonly string _flow = $"flow-{Guid.NewGuid():N}";

    [Fact]
    public async Task Post_SameBatchTwice_CountsEachCallOnce()
    {
        var first = await SendAsync(Batch(Record("a"), Record("b")));
        var second = await SendAsync(Batch(Record("b"), Record("c"), Record("c")));

        Assert.Equal((2, 0), (first.Accepted, first.Duplicates));
        Assert.Equal((1, 2), (second.Accepted, second.Duplicates));
        var rows = await RowsAsync();
        Assert.Equal([Id("a"), Id("b"), Id("c")], rows.Select(row => row.CallId).Order());
        Assert.Equal((11L, 2L, 1500L, UsageLog.FromFlow), (rows[0].InputTokens!.Value, rows[0].OutputTokens!.Value, rows[0].DurationMicroseconds, rows[0].Source));
    }

    [Fact]
    public async Task Post_OutcomeLeftOut_WasAnswered()
    {
        var record = Record("a");
        record.Remove("outcome");

        await SendAsync(Batch(record));

        Assert.Equal("OK", Assert.Single(await RowsAsync()).Outcome);
    }

    [Theory]
    [InlineData("callId", "\"\"", "callId", "is empty")]
    [InlineData("callId", "null", "callId", "is empty")]
    [InlineData("outcome", "\"a\\u0000b\"", "outcome", "control character")]
    [InlineData("durationMs", "-1", "durationMs", "negative")]
    [InlineData("durationMs", "1e300", "durationMs", "type expected")]
    [InlineData("durationMs", "\"fast\"", "durationMs", "type expected")]
    [InlineData("usage", "{\"inputTokens\":-5}", "usage.inputTokens", "must be from 0")]
    [InlineData("usage", "{\"outputTokens\":9223372036854775807}", "usage.outputTokens", "must be from 0")]
    [InlineData("usage", "{\"outputImageTokens\":-1}", "usage.outputImageTokens", "must be from 0")]
    [InlineData("usage", "{\"requests\":2000000}", "usage.requests", "must be from 0 to 10000")]
    [InlineData("turns", "[{},{\"inputTokens\":-1}]", "turns[1].inputTokens", "must be from 0")]
    [InlineData("durationMs", "1e9", "durationMs", "more than 7 days")]
    [InlineData("team", "\"a\\nb\"", "team", "control character")]
    [InlineData("source", "\"playground\"", "source", "must be")]
    [InlineData("content", "{}", "content", "type expected")]
    [InlineData("content", "{\"kept\":\"All\",\"input\":\"{}\"}", "content.kept", "type expected")]
    [InlineData("usage", "null", "usage", "is null")]
    [InlineData("model", "null", "model", "is null")]
    [InlineData("startedAt", "\"2001-01-01T00:00:00Z\"", "startedAt", "longer ago than records are kept (90 days)")]
    [InlineData("startedAt", "\"a year ago\"", "startedAt", "longer ago than records are kept (90 days)")]
    [InlineData("startedAt", "\"0001-01-01T00:00:00Z\"", "startedAt", "longer ago")]
    [InlineData("startedAt", "\"yesterday\"", "startedAt", "type expected")]
    public async Task Post_OneWrongRecord_IsNamedAndTheOthersAreTaken(string field, string value, string named, string reason)
    {
        var wrong = Record("wrong");
        wrong[field] = value == "\"a year ago\"" ? TimeProvider.System.GetUtcNow().AddYears(-1).ToString("O") : JsonNode.Parse(value);

        var receipt = await SendAsync(Batch(Record("good"), wrong));

        Assert.Equal(1, receipt.Accepted);
        var rejection = Assert.Single(receipt.Rejected);
        Assert.Equal((1, named), (rejection.Index, rejection.Field));
        Assert.Contains(reason, rejection.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_JudgeOfAnEval_CountsAsSuch()
    {
        var judged = Record("judged");
        judged["source"] = "eval";

        Assert.Equal(1, (await SendAsync(Batch(judged))).Accepted);

        Assert.Equal(UsageLog.FromEval, Assert.Single(await RowsAsync()).Source);
    }

    [Fact]
    public async Task Post_RecordThatLacksFields_NamesThem()
    {
        var receipt = await SendAsync("""{"records":[{"callId":"x"},7,null]}""");

        Assert.Equal(3, receipt.Rejected.Count);
        Assert.Contains("startedAt", receipt.Rejected[0].Reason, StringComparison.Ordinal);
        Assert.Equal("x", receipt.Rejected[0].CallId);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{\"records\":{}}")]
    [InlineData("{\"sentAt\":\"soon\",\"records\":[]}")]
    [InlineData("{\"sentAt\":\"\\ud800\",\"records\":[]}")]
    public async Task Post_NoBatch_IsABadRequest(string body)
    {
        using var response = await PostAsync(body);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Post_HalfASurrogatePair_RefusesThatRecordAlone()
    {
        var receipt = await SendAsync($$"""{"records":[{"callId":"\ud800"},{{Record("a").ToJsonString()}}]}""");

        Assert.Equal((1, null), (receipt.Accepted, Assert.Single(receipt.Rejected).CallId));
    }

    [Fact]
    public async Task Post_MoreThanFits_IsTooLarge()
    {
        using var many = await PostAsync($$"""{"records":[{{string.Join(',', Enumerable.Repeat("0", UsageBatch.MaxRecords + 1))}}]}""");
        using var large = await PostAsync(new string(' ', UsageBatch.MaxBytes + 1));

        Assert.Equal(HttpStatusCode.BadRequest, many.StatusCode);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Bearer wrong")]
    [InlineData("Basic x")]
    public async Task Post_WithoutTheToken_IsUnauthorized(string? authorization)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, UsageBatch.Path) { Content = new StringContent(Batch(Record("a"))) };
        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        using var response = await _portal.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Contains("Bearer", response.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
        Assert.Empty(await RowsAsync());
    }

    [Fact]
    public async Task Post_SenderWithAWrongClock_IsCorrected()
    {
        var now = TimeProvider.System.GetUtcNow();
        var record = Record("a");
        record["startedAt"] = now.AddDays(-400).AddSeconds(-10).ToString("O");

        await SendAsync(new JsonObject { ["sentAt"] = now.AddDays(-400).ToString("O"), ["records"] = new JsonArray(record) }.ToJsonString());

        var row = Assert.Single(await RowsAsync());
        Assert.InRange(row.StartedAt, now.UtcDateTime.AddSeconds(-11), now.UtcDateTime.AddMinutes(2));
    }

    [Fact]
    public async Task Post_CallOfAFlowThatIsGone_CountsAndIsFound()
    {
        var record = Record("a");
        record["namespace"] = "demo";
        record["prompt"] = "deleted too";
        record["promptHash"] = new string('0', 64);

        await SendAsync(Batch(record));

        var report = await _portal.Http.GetFromJsonAsync<JsonObject>($"/api/v1/costs?range=24h&group=flow&flow=demo/{_flow}");
        Assert.Equal(($"demo/{_flow}", 1), ((string?)report!["rows"]![0]!["value"], (int)report["total"]!["sums"]!["calls"]!));
        var calls = await _portal.Http.GetFromJsonAsync<JsonObject>($"/api/v1/namespaces/demo/flows/{_flow}/calls");
        Assert.Equal(Id("a"), (string?)Assert.Single(calls!["items"]!.AsArray())!["callId"]);
        foreach (var page in new[] { $"/ns/demo/flows/{_flow}", $"/costs/calls/{Id("a")}", $"/costs?flow=demo/{_flow}" })
        {
            using var answer = await _portal.Http.GetAsync(page);
            Assert.True(answer.IsSuccessStatusCode, page);
        }
    }

    [Fact]
    public async Task Post_CallFromTheFuture_BeganNow()
    {
        var record = Record("a");
        record["startedAt"] = "9999-12-31T23:59:59Z";

        await SendAsync(Batch(record));

        var row = Assert.Single(await RowsAsync());
        Assert.True(row.StartedAt <= row.ReceivedAt);
    }

    [Fact]
    public async Task Post_WhenTheDatabaseRefuses_Is503AndTheSameBatchIsTakenLater()
    {
        var database = _portal.Services.GetRequiredService<PortalDatabase>();
        await ExecuteAsync(database, "ALTER TABLE usage_hours RENAME TO usage_hours_away"); // on every database a write that fails
        try
        {
            using var response = await PostAsync(Batch(Record("a")));

            Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
            Assert.NotNull(response.Headers.RetryAfter);
            Assert.Empty(await RowsAsync());
        }
        finally
        {
            await ExecuteAsync(database, "ALTER TABLE usage_hours_away RENAME TO usage_hours");
        }

        Assert.Equal(1, (await SendAsync(Batch(Record("a")))).Accepted);
        Assert.Single(await RowsAsync());
    }

    private static Task ExecuteAsync(PortalDatabase database, string sql) => database.WriteAsync(async context =>
    {
        await using var command = context.CommandOf(sql);
        await command.ExecuteNonQueryAsync();
    }, default);

    [Fact]
    public async Task Flow_Called_TellsThePortal()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/flows/demo/support-reply")
        {
            Content = JsonContent.Create(new { customer_name = "Ada", question = "Where is my parcel?" }),
            Headers = { { "x-genkit-caller", "usage test" } },
        };

        using var response = await _portal.Http.SendAsync(request);

        var callId = response.Headers.GetValues("x-genkit-call-id").Single();
        var row = await _portal.UntilToldAsync(callId);
        Assert.Equal(("demo", "support-reply", "OK", "usage test"), (row.Namespace, row.Flow, row.Outcome, row.Caller));
        Assert.True(row.OutputTokens > 0);
        Assert.Equal(64, row.PromptHash?.Length);
        Assert.Equal(32, row.TraceId?.Length);
    }

    [Fact]
    public async Task Metrics_Always_ArePromtoolsAndTellOfTheControllers()
    {
        var text = await _portal.Http.GetStringAsync(new Uri("/metrics", UriKind.Relative));

        Assert.Contains("kubernetes_controller_reconcile_duration_seconds_count{", text, StringComparison.Ordinal);
        await PrometheusMetricsTests.RequirePromtoolAcceptsAsync(text);
    }

    private string Id(string name) => $"{_flow}-{name}";

    private JsonObject Record(string name) => new()
    {
        ["callId"] = Id(name),
        ["startedAt"] = TimeProvider.System.GetUtcNow().ToString("O"),
        ["namespace"] = "test",
        ["flow"] = _flow,
        ["provider"] = "demo",
        ["model"] = "echo",
        ["usage"] = new JsonObject { ["inputTokens"] = 11, ["outputTokens"] = 2 },
        ["outcome"] = "OK",
        ["finishReason"] = "stop",
        ["durationMs"] = 1.5,
    };

    private static string Batch(params JsonObject[] records) => new JsonObject { ["records"] = new JsonArray([.. records]) }.ToJsonString();

    private Task<IReadOnlyList<UsageRow>> RowsAsync() =>
        _portal.Services.GetRequiredService<UsageLog>().RecentAsync("test", _flow, 100, CancellationToken.None);

    private async Task<HttpResponseMessage> PostAsync(string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, UsageBatch.Path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _portal.Services.GetRequiredService<UsageToken>().Local);

        // What is too large is refused before it is sent; without asking first, the connection may break while it is.
        request.Headers.ExpectContinue = body.Length > UsageBatch.MaxBytes;
        return await _portal.Http.SendAsync(request);
    }

    private async Task<UsageReceipt> SendAsync(string body)
    {
        using var response = await PostAsync(body);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return (await response.Content.ReadFromJsonAsync(UsageJson.Default.UsageReceipt))!;
    }
}
