using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Portal.Features.Budgets;
using Portal.Tests.Portal;
using Portal.Tests.Shared;

namespace Portal.Tests.Helm;

/// <summary>The dashboard and the alert rules over what a running portal and its runner really say, reckoned by Prometheus' own tool.</summary>
[Collection(PortalCollection.Name)]
public sealed partial class DashboardTests(PortalFixture fixture)
{
    // Empty while no model fails.
    private const string OfFailures = "error_type!=\"\"";

    private readonly RunningPortal _portal = fixture.Portal;
    private readonly string _budget = $"dashboard {Guid.NewGuid():N}";

    [Fact]
    public async Task Dashboard_EveryQueryOverARunningPortal_HasAnAnswer()
    {
        using var made = await _portal.Http.PostAsJsonAsync("/api/v1/budgets", new { name = _budget, scope = "namespace", @namespace = "dashboard", amount = 5, currency = "USD", period = "day" });
        Assert.True(made.IsSuccessStatusCode, await made.Content.ReadAsStringAsync());
        using var answer = await _portal.Http.PostAsJsonAsync("/flows/demo/support-reply", new { customer_name = "Ada", question = "Where?" });
        await _portal.UntilToldAsync(answer.Headers.GetValues("x-genkit-call-id").Single());
        await UntilBudgetCountsAsync();

        var series = await SeriesAsync();
        var queries = Queries().Where(query => !query.Contains(OfFailures, StringComparison.Ordinal)).ToList();
        var answers = await AnswersAsync(series, queries);

        Assert.True(queries.Count > 15);
        Assert.Equal("", answers);
    }

    [Fact]
    public async Task DashboardAndAlerts_LabelsTheyGroupBy_AreThere()
    {
        using var answer = await _portal.Http.PostAsJsonAsync("/flows/demo/support-reply", new { customer_name = "Ada", question = "Where?" });
        await _portal.UntilToldAsync(answer.Headers.GetValues("x-genkit-call-id").Single());
        var labels = (await SeriesAsync()).GroupBy(line => line[..line.IndexOf('{', StringComparison.Ordinal)])
            .ToDictionary(group => group.Key, group => group.SelectMany(line => Label().Matches(line).Select(match => match.Groups[1].Value)).ToHashSet(StringComparer.Ordinal));
        var rules = Expression().Matches(await File.ReadAllTextAsync(Repository.Path("helm", "monitoring", "alerts.yaml"))).Select(match => match.Groups[1].Value);

        // Pods are what the scraping names; errors and budgets have their labels when there are some.
        var missing = Queries().Concat(rules).SelectMany(query => By().Matches(query).SelectMany(by => by.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries)
                .Select(label => (Label: label, Metric: Metric().Match(query, by.Index).Value))))
            .Where(use => use.Label is not ("pod" or "instance" or "error_type") && labels.TryGetValue(use.Metric, out var known) && !known.Contains(use.Label)).Distinct();

        Assert.Empty(missing);
    }

    /// <summary>Series of the portal and of the demo flow's runner, as Prometheus would keep them.</summary>
    private async Task<List<string>> SeriesAsync()
    {
        var services = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(_portal.DataDirectory, "flows", "services.json")))!;
        var runner = (string)services["support-reply.demo.svc"]![0]!;
        var (portal, flow) = (await _portal.Http.GetStringAsync("/metrics"), await _portal.Http.GetStringAsync($"http://{runner}/metrics"));
        return [.. Lines(portal, "portal"), .. Lines(flow, "runner")];

        static IEnumerable<string> Lines(string text, string instance) => text.Split('\n').Where(line => line.Length > 0 && line[0] != '#').Select(line =>
        {
            var name = line[..line.LastIndexOf(' ')];
            return name.EndsWith('}') ? $"{name[..^1]},instance=\"{instance}\"}}" : $"{name}{{instance=\"{instance}\"}}";
        });
    }

    private async Task UntilBudgetCountsAsync()
    {
        var board = _portal.Services.GetRequiredService<BudgetBoard>();
        using var changed = new SemaphoreSlim(0);
        void OnChanged() => changed.Release();
        board.Changed += OnChanged;
        try
        {
            while (!(await _portal.Http.GetStringAsync("/metrics")).Contains($"budget=\"{_budget}\"", StringComparison.Ordinal))
            {
                Assert.True(await changed.WaitAsync(RunningPortal.Patience), "The budget never was counted.");
            }
        }
        finally
        {
            board.Changed -= OnChanged;
        }
    }

    /// <summary>What promtool says of queries whose answer is empty; nothing when there is none.</summary>
    private static async Task<string> AnswersAsync(IReadOnlyList<string> series, IReadOnlyList<string> queries)
    {
        var test = new JsonObject
        {
            ["rule_files"] = new JsonArray(),
            ["tests"] = new JsonArray(new JsonObject
            {
                ["interval"] = "1m",
                ["input_series"] = new JsonArray([.. series.Select(name => (JsonNode)new JsonObject { ["series"] = name, ["values"] = "1+1x6" })]),
                ["promql_expr_test"] = new JsonArray([.. queries.Select(query => (JsonNode)new JsonObject
                {
                    ["expr"] = $"count({query}) > bool 0",
                    ["eval_time"] = "6m",
                    ["exp_samples"] = new JsonArray(new JsonObject { ["labels"] = "{}", ["value"] = 1 }),
                })]),
            }),
        };
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, test.ToJsonString());
            using var promtool = Process.Start(new ProcessStartInfo("promtool", ["test", "rules", file]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var output = await Task.WhenAll(promtool.StandardOutput.ReadToEndAsync(), promtool.StandardError.ReadToEndAsync());
            await promtool.WaitForExitAsync();
            return promtool.ExitCode == 0 ? "" : string.Concat(output);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static IEnumerable<string> Queries() =>
        JsonNode.Parse(File.ReadAllText(Repository.Path("helm", "monitoring", "grafana-dashboard.json")))!["panels"]!.AsArray()
            .SelectMany(panel => panel!["targets"]?.AsArray() ?? []).Select(target => target!["expr"]!.GetValue<string>()
                .Replace("$__rate_interval", "5m", StringComparison.Ordinal).Replace("$namespace", ".*", StringComparison.Ordinal).Replace("$flow", ".*", StringComparison.Ordinal));

    [GeneratedRegex("([a-z_]+)=\"")]
    private static partial Regex Label();

    [GeneratedRegex(@"by \(([a-z_, ]+)\)")]
    private static partial Regex By();

    [GeneratedRegex(@"(?<![.\w])(?:genkit|gen_ai|kubernetes|process)_[a-z_]+(?=[\s{(\[)]|$)")]
    private static partial Regex Metric();

    [GeneratedRegex(@"expr: (?:\|\n)?((?:.+\n)(?:          .+\n)*)")]
    private static partial Regex Expression();
}
