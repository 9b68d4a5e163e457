using Portal.Tests.Helm.Chart;

namespace Portal.Tests.Helm;

/// <summary>What the chart makes is what an API server takes: every object, strictly validated.</summary>
public sealed class ChartApplyTests : IAsyncLifetime
{
    private ChartCluster _cluster = null!;

    public async Task InitializeAsync() => _cluster = await ChartCluster.StartAsync();

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Theory]
    [MemberData(nameof(ChartValues.Sets), MemberType = typeof(ChartValues))]
    public async Task Render_EachSetOfValues_IsTakenByTheServer(string values)
    {
        foreach (var item in HelmChart.Instance.Render(values))
        {
            await _cluster.ApplyAsync(item, dryRun: true);
        }
    }
}
