using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Portal.Data;
using Portal.Embedded;
using Portal.Runner.Contract;
using Portal.Tests.Shared;

namespace Portal.Tests.Portal.BadInput;

/// <summary>A portal whose data directory is on a disk that is really full.</summary>
public sealed class FullDiskTests
{
    private const int AtOnce = 200;
    private const int MostBatches = 300;

    [SmallDiskFact]
    public async Task Ingest_DiskFull_Is503SaysSoKeepsWhatItAcknowledgedAndGoesOnWhenThereIsRoom()
    {
        if (TestPostgres.Server is not null)
        {
            return; // what is full here is not the disk of the database
        }

        using var disk = new SmallDisk(kibibytes: 32 * 1024);
        await using var portal = await PortalApplication.StartAsync(
            RunningPortal.Arguments(disk.Path), builder => builder.Logging.SetMinimumLevel(LogLevel.None), CancellationToken.None);
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = portal.Address, Timeout = RunningPortal.Patience };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", portal.Services.GetRequiredService<UsageToken>().Local);
        disk.Fill(left: 1024 * 1024);
        List<string> acknowledged = [];
        var batch = 0;
        var (status, body, retryAfter) = await SendAsync(http, batch);
        while (status == HttpStatusCode.OK)
        {
            acknowledged.AddRange(Ids(batch));
            Assert.True(++batch < MostBatches, "The disk never was full.");
            (status, body, retryAfter) = await SendAsync(http, batch);
        }

        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Contains("The disk of the portal's database is full", body, StringComparison.Ordinal);
        Assert.Contains("Send the same batch again later", body, StringComparison.Ordinal);
        Assert.NotNull(retryAfter);
        using var read = await http.GetAsync("/api/v1/costs?range=24h&flow=team/full");
        Assert.Equal(acknowledged.Count, (int)(await read.Content.ReadFromJsonAsync<JsonObject>())!["total"]!["sums"]!["calls"]!);

        disk.MakeRoom();

        Assert.Equal((HttpStatusCode.OK, $$"""{"accepted":{{AtOnce}},"duplicates":0,"rejected":[]}""", null), await SendAsync(http, batch));
        acknowledged.AddRange(Ids(batch));
        var (calls, hours) = await portal.Services.GetRequiredService<PortalDatabase>().ReadAsync(async context => (
            await context.Usage.Where(row => row.Flow == "full").Select(row => row.CallId).Order().ToListAsync(), await context.UsageHours.SumAsync(hour => hour.Calls)));
        Assert.Equal(acknowledged.Order(StringComparer.Ordinal), calls);
        Assert.Equal(acknowledged.Count, hours);
    }

    private static async Task<(HttpStatusCode Status, string Body, TimeSpan? RetryAfter)> SendAsync(HttpClient http, int batch)
    {
        var records = Ids(batch).Select(id => JsonSerializer.SerializeToElement(
            new UsageRecord
            {
                CallId = id,
                StartedAt = TimeProvider.System.GetUtcNow(),
                Namespace = "team",
                Flow = "full",
                Provider = "openai",
                Model = "gpt-4o",
                Usage = new TokenUsage { InputTokens = 10, OutputTokens = 1 },
                FinishReason = "stop",
                Duration = TimeSpan.FromMilliseconds(5),
            },
            UsageJson.Default.UsageRecord));
        using var answer = await http.PostAsJsonAsync(UsageBatch.Path, new { records });
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(), answer.Headers.RetryAfter?.Delta);
    }

    private static IEnumerable<string> Ids(int batch) => Enumerable.Range(0, AtOnce).Select(index => $"full-{batch:000}-{index:000}");
}
