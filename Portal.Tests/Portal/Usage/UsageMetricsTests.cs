using Portal.Endpoints;
using Portal.Features.Prices;
using Portal.Features.Usage;
using Portal.Runner.Contract;
using Portal.Runner.Telemetry;
using Portal.Tests.Portal.Data;
using Portal.Tests.Runner.Telemetry;

namespace Portal.Tests.Portal.Usage;

public sealed class UsageMetricsTests : IDisposable
{
    private readonly TestDatabase _test = new();

    // A namespace of its own: what other tests count stands beside it.
    private readonly string _namespace = $"metrics-{Guid.NewGuid():N}";

    public void Dispose() => _test.Dispose();

    [Fact]
    public async Task Add_CallsToldTwice_AreCountedOnceWithTokensAndCost()
    {
        using var metrics = new PrometheusMetrics(PortalMeter.Name);
        var log = new UsageLog(_test.Database, new PriceBook(), TimeProvider.System);
        UsageRecord[] records = [Record("a", "openai", "gpt-4o-mini"), Record("b", "openai", "gpt-4o-mini"), Record("c", "nobody", "unknown")];

        await log.AddAsync(records, UsageLog.FromFlow, default);
        await log.AddAsync(records, UsageLog.FromFlow, default);

        var text = metrics.Write();
        var priced = $"namespace=\"{_namespace}\",flow=\"reply\",provider=\"openai\",model=\"gpt-4o-mini\",source=\"flow\"";
        Assert.Contains($"genkit_usage_calls_total{{{priced},outcome=\"OK\"}} 2\n", text, StringComparison.Ordinal);
        Assert.Contains($"genkit_usage_tokens_total{{{priced},type=\"input\"}} 2000000\n", text, StringComparison.Ordinal);
        Assert.Contains($"genkit_usage_cost_total{{{priced},currency=\"USD\"}} 0.3\n", text, StringComparison.Ordinal);
        Assert.Contains($"genkit_usage_unpriced_calls_total{{namespace=\"{_namespace}\",flow=\"reply\",provider=\"nobody\",model=\"unknown\",source=\"flow\"}} 1\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("caller-of-the-test", text, StringComparison.Ordinal);
        await PrometheusMetricsTests.RequirePromtoolAcceptsAsync(text);
    }

    private UsageRecord Record(string id, string provider, string model) => new()
    {
        CallId = $"{_namespace}-{id}",
        StartedAt = TimeProvider.System.GetUtcNow(),
        Namespace = _namespace,
        Flow = "reply",
        Provider = provider,
        Model = model,
        Usage = new TokenUsage { InputTokens = 1_000_000, OutputTokens = 0 },
        FinishReason = "stop",
        Duration = TimeSpan.FromMilliseconds(20),
        Caller = "caller-of-the-test",
    };
}
