using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Portal.Data;
using Portal.Features.Prices;
using Portal.Features.Runs;
using Portal.Features.Usage;
using Portal.Runner.Contract;
using Portal.Tests.Portal.Data;
using Portal.Tests.Shared;

namespace Portal.Tests.Portal.Usage;

/// <summary>The portal as a process that is killed while it takes usage: what it acknowledged is there, and nothing is there twice.</summary>
public sealed class UsageKillTests : IDisposable
{
    private const string Token = "usage-kill-test";
    private const int AtOnce = 40;
    private const int Senders = 4;
    private const int EnoughBatches = 30;

    private readonly string _data = Directory.CreateTempSubdirectory("portal-tests-").FullName;
    private readonly ConcurrentQueue<UsageRecord[]> _sent = [];
    private readonly ConcurrentQueue<UsageRecord> _acknowledged = [];

    public void Dispose()
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        TestPostgres.DropFor(_data);
        Directory.Delete(_data, recursive: true);
    }

    [Fact]
    public async Task Kill_WhileUsageIsTaken_LosesNothingAcknowledgedAndCountsNothingTwice()
    {
        using var portal = Start();
        var address = await AddressAsync(portal);
        using (var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = address, Timeout = RunningPortal.Patience })
        {
            using (var set = await http.PutAsJsonAsync("/api/v1/namespaces/test/run-policy", new { playground = "Full", flows = "Full", samplePercent = 100, retentionDays = 90 }))
            {
                Assert.True(set.IsSuccessStatusCode, await set.Content.ReadAsStringAsync());
            }

            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
            var senders = Enumerable.Range(0, Senders).Select(sender => Task.Run(() => SendAsync(http, sender, portal))).ToList();
            await Task.WhenAll(senders).WaitAsync(RunningPortal.Patience);
        }

        await portal.WaitForExitAsync().WaitAsync(RunningPortal.Patience);

        using var database = TestDatabase.OfPortal(_data);
        var kept = (await database.ReadAsync(context => context.Usage.Select(row => row.CallId).ToListAsync())).ToHashSet();
        Assert.True(_acknowledged.Count >= EnoughBatches * AtOnce);
        Assert.DoesNotContain(_acknowledged, record => !kept.Contains(record.CallId));
        await RequireSumsAreThoseOfCallsAsync(database);

        // What was said is kept in the same transaction.
        Assert.Equal(kept, (await database.ReadAsync(context => context.Runs.Select(row => row.Id).ToListAsync())).ToHashSet());

        // What a sender was not told it sends again, and what it was told it may send again.
        var log = new UsageLog(database, new PriceBook(), TimeProvider.System, contents: new KeptCalls((_, _) => [], NullLogger<KeptCalls>.Instance));
        foreach (var batch in _sent)
        {
            await log.AddAsync(batch, UsageLog.FromFlow, default);
        }

        Assert.Equal(_sent.Count * AtOnce, await database.ReadAsync(context => context.Usage.CountAsync(row => row.Flow == "killed")));
        Assert.Equal(_sent.Count * AtOnce, await database.ReadAsync(context => context.Runs.CountAsync(row => row.Flow == "killed")));
        await RequireSumsAreThoseOfCallsAsync(database);
    }

    private static async Task RequireSumsAreThoseOfCallsAsync(PortalDatabase database)
    {
        var (calls, cost, hours, days) = await database.ReadAsync(async context => (
            await context.Usage.CountAsync(), await context.Usage.SumAsync(row => row.CostNanos ?? 0),
            new { Calls = await context.UsageHours.SumAsync(hour => hour.Calls), Cost = await context.UsageHours.SumAsync(hour => hour.CostNanos) },
            new { Calls = await context.UsageDays.SumAsync(day => day.Calls), Cost = await context.UsageDays.SumAsync(day => day.CostNanos) }));
        Assert.Equal((calls, cost), (hours.Calls, hours.Cost));
        Assert.Equal((calls, cost), (days.Calls, days.Cost));
    }

    /// <summary>Sends until the portal is gone; whoever sees enough acknowledged kills it, with batches of the others under way.</summary>
    private async Task SendAsync(HttpClient http, int sender, Process portal)
    {
        for (var batch = 0; ; batch++)
        {
            var records = Enumerable.Range(0, AtOnce).Select(index => Record($"kill-{sender}-{batch}-{index}")).ToArray();
            _sent.Enqueue(records);
            try
            {
                var body = new { records = records.Select(record => JsonSerializer.SerializeToElement(record, UsageJson.Default.UsageRecord)) };
                using var response = await http.PostAsJsonAsync(UsageBatch.Path, body);
                response.EnsureSuccessStatusCode();
                Assert.Equal(AtOnce, (await response.Content.ReadFromJsonAsync(UsageJson.Default.UsageReceipt))!.Accepted);
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException)
            {
                return;
            }

            foreach (var record in records)
            {
                _acknowledged.Enqueue(record);
            }

            if (_acknowledged.Count >= EnoughBatches * AtOnce)
            {
                portal.Kill();
            }
        }
    }

    private Process Start()
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var argument in (string[])[Path.Combine(AppContext.BaseDirectory, "Portal.dll"), .. RunningPortal.Arguments(_data), "--Portal:Usage:Token", Token])
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start)!;
    }

    private static async Task<Uri> AddressAsync(Process portal)
    {
        const string Said = "GenkitPortal is running at ";
        using var timeout = new CancellationTokenSource(RunningPortal.Patience);
        while (await portal.StandardOutput.ReadLineAsync(timeout.Token) is { } line)
        {
            if (line.StartsWith(Said, StringComparison.Ordinal))
            {
                return new Uri(line[Said.Length..]);
            }
        }

        throw new InvalidOperationException($"The portal ended: {await portal.StandardError.ReadToEndAsync(timeout.Token)}");
    }

    private static UsageRecord Record(string id) => new()
    {
        CallId = id,
        StartedAt = TimeProvider.System.GetUtcNow(),
        Namespace = "test",
        Flow = "killed",
        Provider = "openai",
        Model = "gpt-4o",
        Usage = new TokenUsage { InputTokens = 10, OutputTokens = 1 },
        FinishReason = "stop",
        Duration = TimeSpan.FromMilliseconds(5),
        Content = new CallContent { Kept = RunKeeping.Full, Input = $"{{\"id\":\"{id}\"}}", Output = "Hi" },
    };
}
