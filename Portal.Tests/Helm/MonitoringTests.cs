using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Portal.Endpoints;
using Portal.Features.Budgets;
using Portal.Features.Health;
using Portal.Features.Usage;
using Portal.Kubernetes;
using Portal.Operator.Admission;
using Portal.Runner.Telemetry;
using Portal.Tests.Shared;

namespace Portal.Tests.Helm;

/// <summary>Dashboard and alert rules, held against what is measured and against Prometheus' own tool.</summary>
public sealed partial class MonitoringTests
{
    private static readonly string s_folder = Repository.Path("helm", "monitoring");

    [Theory]
    [InlineData("check", "alerts.yaml")]
    [InlineData("test", "alerts.test.yaml")]
    public async Task Alerts_Promtool_Agrees(string verb, string file) => await PromtoolAsync(verb, "rules", Path.Combine(s_folder, file));

    [Fact]
    public async Task Dashboard_EveryQuery_IsPromQl()
    {
        var rules = new JsonArray([.. Queries().Select((query, index) => (JsonNode)new JsonObject { ["record"] = $"query{index}", ["expr"] = Filled(query) })]);
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, new JsonObject { ["groups"] = new JsonArray(new JsonObject { ["name"] = "dashboard", ["rules"] = rules }) }.ToJsonString());
            await PromtoolAsync("check", "rules", file);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void DashboardAndAlerts_EveryMetric_IsMeasured()
    {
        var measured = Measured();
        var used = Queries().Append(File.ReadAllText(Path.Combine(s_folder, "alerts.yaml"))).SelectMany(query => Metric().Matches(query).Select(match => match.Value)).Distinct().ToList();

        Assert.True(used.Count > 15, string.Join(' ', used));
        Assert.DoesNotContain(used, name => !measured.Contains(HistogramPart().Replace(name, "")) && !measured.Contains(name));
    }

    private static HashSet<string> Measured()
    {
        HashSet<string> names = ["process_resident_memory_bytes", "process_cpu_seconds_total"];
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Name == RunnerTelemetry.Name || MetricsEndpoint.Meters.Contains(instrument.Meter.Name))
            {
                names.Add(new MetricFamily(instrument).Name);
            }
        };
        listener.Start();
        foreach (var type in (Type[])[typeof(KubeMetrics), typeof(AdmissionMetrics), typeof(RunnerTelemetry), typeof(UsageMetrics)])
        {
            RuntimeHelpers.RunClassConstructor(type.TypeHandle);
        }

        using var health = new HealthGauges(null!, null!);
        using var budgets = new BudgetGauge(new BudgetBoard());
        return names;
    }

    private static IEnumerable<string> Queries() =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(s_folder, "grafana-dashboard.json")))!["panels"]!.AsArray()
            .SelectMany(panel => panel!["targets"]?.AsArray() ?? []).Select(target => target!["expr"]!.GetValue<string>());

    private static string Filled(string query) => query.Replace("$__rate_interval", "5m", StringComparison.Ordinal).Replace("$namespace", ".*", StringComparison.Ordinal)
        .Replace("$flow", ".*", StringComparison.Ordinal);

    private static async Task PromtoolAsync(params string[] arguments)
    {
        using var promtool = Process.Start(new ProcessStartInfo("promtool", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = await Task.WhenAll(promtool.StandardOutput.ReadToEndAsync(), promtool.StandardError.ReadToEndAsync());
        await promtool.WaitForExitAsync();

        Assert.True(promtool.ExitCode == 0, string.Concat(output));
    }

    [GeneratedRegex(@"(?<![.\w])(?:genkit|gen_ai|kubernetes|process)_[a-z_]+(?=[\s{(\[)]|$)")]
    private static partial Regex Metric();

    [GeneratedRegex("_(?:bucket|count|sum)$")]
    private static partial Regex HistogramPart();
}
