using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Portal.Data;
using Portal.Embedded;
using Portal.Features.Costs.Reconcile;
using Portal.Features.Prices;
using Portal.Features.Usage.Recompute;
using Portal.Runner.Contract;
using Portal.Runner.Evaluation.Datasets;
using Portal.Tests.Portal.Auth;
using Portal.Tests.Shared;

namespace Portal.Tests.Portal.Costs;

/// <summary>Thousands of random calls through the real ingest, beside an accountant who has the price list and nothing of the portal.</summary>
[Collection(PortalCollection.Name)]
public sealed class InvoiceToTheCentTests(PortalFixture fixture)
{
    private const int Providers = 6;
    private const int Calls = 3_000;
    private const string Zone = "Asia/Kolkata"; // its days begin at half past an hour of UTC

    private readonly RunningPortal _portal = fixture.Portal;
    private readonly string _name = $"ledger-{Guid.NewGuid():N}";

    [Fact]
    public async Task Totals_RandomCallsOfEveryClass_AreTheInvoiceAlsoAfterAPastPriceChanged()
    {
        var seed = TestMode.Seed;
        var now = TimeProvider.System.GetUtcNow();
        var from = new DateTimeOffset(now.UtcDateTime.Date.AddDays(-6), TimeSpan.Zero);
        var ledger = new Ledger(new Random(seed), _name, from, change: from.AddDays(2).AddHours(9).AddMinutes(31).AddSeconds(7));
        ledger.Fill(Providers, Calls);
        await EnterPricesAsync(ledger);
        await SendAsync(ledger.Calls);

        await RequireSameAsync(ledger, from, $"seed {seed}");

        await ChangeOldestPriceAsync(ledger);
        await RecomputeAsync(from);

        await RequireSameAsync(ledger, from, $"seed {seed}, after a price of the past changed");
        await RequireReconcilesAsync(ledger);
    }

    private async Task EnterPricesAsync(Ledger ledger)
    {
        foreach (var price in ledger.Prices)
        {
            using var answer = await _portal.Http.PostAsJsonAsync("/api/v1/prices", price);
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        }

        foreach (var (provider, percent) in ledger.Discounts)
        {
            using var answer = await _portal.Http.PostAsJsonAsync(
                "/api/v1/prices/discounts", new PriceDiscountForm { Provider = provider, Percent = percent, ValidFrom = ledger.Prices.Max(price => price.ValidFrom) });
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        }
    }

    private async Task SendAsync(IEnumerable<(UsageRecord Record, IReadOnlyList<Ledger.Pieces> Requests)> calls)
    {
        foreach (var batch in calls.Chunk(600))
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, UsageBatch.Path)
            {
                Content = JsonContent.Create(new { records = batch.Select(call => JsonSerializer.SerializeToElement(call.Record, UsageJson.Default.UsageRecord)) }),
            };
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _portal.Services.GetRequiredService<UsageToken>().Local);
            using var answer = await _portal.Http.SendAsync(request);
            Assert.Equal($$"""{"accepted":{{batch.Length}},"duplicates":0,"rejected":[]}""", await answer.Content.ReadAsStringAsync());
        }
    }

    private async Task ChangeOldestPriceAsync(Ledger ledger)
    {
        var wrong = ledger.Prices[0];
        var right = wrong with { PerMillion = wrong.PerMillion! with { Input = wrong.PerMillion.Input * 2, Output = 3.333333333m }, PerRequest = 0.000000001m };
        ledger.Prices[0] = right;
        var items = (await _portal.Http.GetFromJsonAsync<JsonObject>("/api/v1/prices"))!["items"]!.AsArray();
        var id = (long)items.Single(item => (string?)item!["price"]!["provider"] == wrong.Provider && (string?)item["price"]!["model"] == wrong.Model
            && (DateTimeOffset)item["price"]!["validFrom"]! == wrong.ValidFrom)!["id"]!;
        using var answer = await _portal.Http.PutAsJsonAsync($"/api/v1/prices/{id}", right);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    private async Task RecomputeAsync(DateTimeOffset from)
    {
        var jobs = _portal.Services.GetRequiredService<Recomputations>();
        using var changed = new SemaphoreSlim(0);
        void OnChanged() => changed.Release();
        jobs.Changed += OnChanged;
        try
        {
            using var begun = await _portal.Http.PostAsJsonAsync("/api/v1/prices/recompute", new { from });
            Assert.True(begun.IsSuccessStatusCode, await begun.Content.ReadAsStringAsync());
            while ((string?)(await _portal.Http.GetFromJsonAsync<JsonObject>("/api/v1/prices/recompute"))!["items"]![0]!["state"] is not Recomputation.Done)
            {
                Assert.True(await changed.WaitAsync(RunningPortal.Patience), "It never ended.");
            }
        }
        finally
        {
            jobs.Changed -= OnChanged;
        }
    }

    /// <summary>By model, flow and user, and by the days of a zone: exactly, in JSON and in CSV, and call by call.</summary>
    private async Task RequireSameAsync(Ledger ledger, DateTimeOffset from, string what)
    {
        var costs = ledger.Calls.Select(call => (call.Record, Cost: ledger.CostOf(call))).ToList();
        var address = $"/api/v1/costs?team={_name}&tz={Zone}&from={Local(from)}&to={Local(from.AddDays(8))}";
        foreach (var (group, keyOf) in new (string, Func<UsageRecord, string>)[]
        {
            ("model", record => $"{record.Provider}/{record.Model}"), ("flow", record => $"{record.Namespace}/{record.Flow}"), ("user", record => record.Caller!), ("provider", record => record.Provider),
        })
        {
            var expected = Sum(costs, call => keyOf(call.Record));
            var report = (await _portal.Http.GetFromJsonAsync<JsonObject>($"{address}&group={group}"))!;
            var rows = report["rows"]!.AsArray().SelectMany(row => row!["now"]!["costs"]!.AsObject().Select(cost => (Key: (string)row["value"]!, Currency: cost.Key, Amount: (decimal)cost.Value!)));
            Same(expected, rows, $"{what}, JSON by {group}");
            var csv = Csv.Read(await _portal.Http.GetStringAsync($"{address}&group={group}&format=csv")).Skip(1).Where(line => line.Fields[3].Length > 0)
                .Select(line => (Key: line.Fields[2], Currency: line.Fields[3], Amount: decimal.Parse(line.Fields[4], CultureInfo.InvariantCulture)));
            Same(expected, csv, $"{what}, CSV by {group}");
            Assert.Equal(costs.Count(cost => cost.Cost is null), (int)report["total"]!["sums"]!["unpriced"]!);
            Assert.Equal(Calls, (int)report["total"]!["sums"]!["calls"]!);
        }

        await RequireDaysAsync(costs, address, what);
        await RequireCallsAsync(costs, address, what);
    }

    private async Task RequireDaysAsync(List<(UsageRecord Record, (decimal Amount, string Currency)? Cost)> costs, string address, string what)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(Zone);
        foreach (var currency in new[] { "USD", "EUR" })
        {
            var report = (await _portal.Http.GetFromJsonAsync<JsonObject>($"{address}&group=team&bucket=day&currency={currency}"))!;
            var days = report["rows"]!.AsArray().SelectMany(row => row!["points"]!.AsArray()).Where(point => (decimal)point!["cost"]! != 0)
                .Select(point => (Key: Day((DateTimeOffset)point!["from"]!), Currency: currency, Amount: (decimal)point["cost"]!));
            Same(Sum(costs.Where(cost => cost.Cost?.Currency == currency), call => Day(call.Record.StartedAt)), days, $"{what}, by day in {currency}");
        }

        string Day(DateTimeOffset time) => TimeZoneInfo.ConvertTime(time, zone).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
    }

    private async Task RequireCallsAsync(List<(UsageRecord Record, (decimal Amount, string Currency)? Cost)> costs, string address, string what)
    {
        var lines = Csv.Read(await _portal.Http.GetStringAsync(address.Replace("/costs?", "/costs/calls?format=csv&", StringComparison.Ordinal))).ToList();
        var (id, cost, currency) = (lines[0].Fields.IndexOf("CallId"), lines[0].Fields.IndexOf("Cost"), lines[0].Fields.IndexOf("Currency"));
        Same(
            Sum(costs, call => call.Record.CallId),
            lines.Skip(1).Where(line => line.Fields[currency].Length > 0).Select(line => (line.Fields[id], line.Fields[currency], decimal.Parse(line.Fields[cost], CultureInfo.InvariantCulture))),
            $"{what}, call by call");
    }

    /// <summary>What a provider would export of the same calls agrees; and with one call more it does not.</summary>
    private async Task RequireReconcilesAsync(Ledger ledger)
    {
        var provider = ledger.ProviderOf(2);
        var priced = ledger.Calls.Where(call => call.Record.Provider == provider && ledger.CostOf(call) is not null).ToList();
        var german = new NumberFormatInfo { NumberDecimalSeparator = ",", NumberGroupSeparator = "." };
        var table = new StringBuilder("Datum;Modell;Kosten;Währung\r\n");
        foreach (var day in priced.GroupBy(call => (call.Record.StartedAt.UtcDateTime.Date, call.Record.Model)))
        {
            table.Append(german, $"{day.Key.Date:yyyy-MM-dd};{day.Key.Model};{day.Sum(call => ledger.CostOf(call)!.Value.Amount):N2};EUR\r\n");
        }

        var columns = new Dictionary<string, string> { ["day"] = "Datum", ["model"] = "Modell", ["cost"] = "Kosten", ["currency"] = "Währung" };
        var (invoice, problems) = InvoiceReader.Read(table.ToString(), new InvoiceOptions(TimeZoneInfo.Utc, columns));
        Assert.Empty(problems);
        var reconciler = _portal.Services.GetRequiredService<Reconciler>();
        async Task<IReadOnlyList<ReconciledLine>> CompareAsync(Invoice with) =>
            (await reconciler.CompareAsync(TestUsers.Administrator(), with, provider, TimeZoneInfo.Utc, default)).Reconciliation.Lines;

        // What has no price is on no line of theirs, and is told all the same.
        var lines = await CompareAsync(invoice!);
        Assert.All(lines, line => Assert.True(line.Verdict == Verdict.Agrees, $"{line}"));
        Assert.All(lines.Where(line => line.Ours!.Unpriced > 0), line => Assert.Contains("have no price here", line.Reason, StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Ours!.Unpriced > 0);
        var more = invoice! with { Lines = [invoice.Lines[0] with { Cost = invoice.Lines[0].Cost + 0.01m }, .. invoice.Lines.Skip(1)] };
        Assert.Equal(Verdict.MissingCalls, Assert.Single(await CompareAsync(more), line => line.Verdict != Verdict.Agrees).Verdict);
    }

    private static List<(string Key, string Currency, decimal Amount)> Sum(
        IEnumerable<(UsageRecord Record, (decimal Amount, string Currency)? Cost)> costs, Func<(UsageRecord Record, (decimal Amount, string Currency)? Cost), string> keyOf) =>
        [.. costs.Where(cost => cost.Cost is not null).GroupBy(cost => (Key: keyOf(cost), cost.Cost!.Value.Currency))
            .Select(group => (group.Key.Key, group.Key.Currency, group.Sum(cost => cost.Cost!.Value.Amount)))];

    private static void Same(IEnumerable<(string Key, string Currency, decimal Amount)> expected, IEnumerable<(string Key, string Currency, decimal Amount)> actual, string what)
    {
        var (left, right) = (Sorted(expected), Sorted(actual));
        Assert.NotEmpty(left);
        var wrong = left.Except(right).Concat(right.Except(left)).ToList();
        Assert.True(wrong.Count == 0, $"{what}: {string.Join(", ", wrong.Take(6))}");

        static List<string> Sorted(IEnumerable<(string Key, string Currency, decimal Amount)> rows) =>
            [.. rows.Where(row => row.Amount != 0).Select(row => $"{row.Key} {row.Currency} {row.Amount:0.000000000}").Order(StringComparer.Ordinal)];
    }

    private static string Local(DateTimeOffset time) => time.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
