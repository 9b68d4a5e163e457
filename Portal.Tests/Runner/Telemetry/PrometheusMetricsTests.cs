using System.Diagnostics;
using System.Diagnostics.Metrics;
using Portal.Runner.Telemetry;
using Portal.Tests.Runner.Flows;

namespace Portal.Tests.Runner.Telemetry;

public sealed class PrometheusMetricsTests
{
    private readonly string _name = $"Test{Guid.NewGuid():N}";

    [Fact]
    public void Write_EachKindOfInstrument_IsTextThatPrometheusReads()
    {
        using var meter = new Meter(_name);
        using var metrics = new PrometheusMetrics(_name);
        meter.CreateCounter<long>("test.requests", "{request}", "Requests.").Add(3, new KeyValuePair<string, object?>("path", "a\"b\\c\nd"));
        meter.CreateUpDownCounter<long>("test.depth", null, "Depth.").Add(-2);
        meter.CreateGauge<double>("test.size", "By", "Size.").Record(2.5);
        var duration = meter.CreateHistogram("test.duration", "s", "Duration.", null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] });
        foreach (var value in new[] { 0.05, 0.1, 0.5, 7 })
        {
            duration.Record(value);
        }

        var text = metrics.Write();

        Assert.Contains("test_requests_total{path=\"a\\\"b\\\\c\\nd\"} 3\n", text, StringComparison.Ordinal);
        Assert.Contains("# TYPE test_depth gauge\ntest_depth -2\n", text, StringComparison.Ordinal);
        Assert.Contains("test_size_bytes 2.5\n", text, StringComparison.Ordinal);
        Assert.Contains("test_duration_seconds_bucket{le=\"0.1\"} 2\ntest_duration_seconds_bucket{le=\"1\"} 3\ntest_duration_seconds_bucket{le=\"+Inf\"} 4\n", text, StringComparison.Ordinal);
        Assert.Contains("test_duration_seconds_count 4\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Record_AMillionNames_StaysBounded()
    {
        using var meter = new Meter(_name);
        using var metrics = new PrometheusMetrics(_name);
        var counter = meter.CreateCounter<long>("test.names", null, "Names.");
        for (var index = 0; index < 100_000; index++)
        {
            counter.Add(1, new KeyValuePair<string, object?>("name", index.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        }

        var lines = metrics.Write().Split('\n').Where(line => line.StartsWith("test_names_total{", StringComparison.Ordinal)).ToList();

        Assert.Equal(PrometheusMetrics.MaxSeries + 1, lines.Count);
        Assert.Contains($"test_names_total{{otel_metric_overflow=\"true\"}} {100_000 - PrometheusMetrics.MaxSeries}", lines);
    }

    [Fact]
    public async Task Runner_AfterCalls_HasMetricsThatPromtoolAccepts()
    {
        await using var runner = await RunningServer.StartAsync(FakeProvider.Saying("Hello"));
        using var answered = await runner.PostAsync("/hello", "{\"name\":\"Bo\"}");
        using var refused = await runner.PostAsync("/hello", "[]");

        var text = await runner.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative));

        Assert.Contains("genkit_flow_call_duration_seconds_count{genkit_flow=\"hello\",genkit_prompt=\"greeting\",genkit_outcome=\"OK\"}", text, StringComparison.Ordinal);
        Assert.Contains("genkit_outcome=\"INVALID_ARGUMENT\"", text, StringComparison.Ordinal);
        Assert.Contains("gen_ai_client_token_usage_sum{gen_ai_operation_name=\"chat\",gen_ai_provider_name=\"fake\"", text, StringComparison.Ordinal);
        await RequirePromtoolAcceptsAsync(text);
    }

    internal static async Task RequirePromtoolAcceptsAsync(string text)
    {
        using var promtool = Process.Start(new ProcessStartInfo("promtool", ["check", "metrics"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = Task.WhenAll(promtool.StandardOutput.ReadToEndAsync(), promtool.StandardError.ReadToEndAsync());
        await promtool.StandardInput.WriteAsync(text);
        promtool.StandardInput.Close();
        await promtool.WaitForExitAsync();
        Assert.True(promtool.ExitCode == 0, string.Concat(await output));
    }
}
