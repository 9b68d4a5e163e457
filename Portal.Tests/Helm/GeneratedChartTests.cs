using Portal.Operator.Manifests;
using Portal.Tests.Helm.Chart;
using Portal.Tests.Shared;

namespace Portal.Tests.Helm;

/// <summary>What of the chart follows from the kinds is up to date.</summary>
[Trait("Category", "Generated")]
public sealed class GeneratedChartTests
{
    private static readonly Lazy<IReadOnlyDictionary<string, string>> s_templates = new(ChartTemplates.RenderAll);

    public static TheoryData<string> Templates => [.. s_templates.Value.Keys];

    [Theory]
    [MemberData(nameof(Templates))]
    public void ChartTemplates_EachFile_IsInTheChart(string file) => Snapshot.Matches($"{HelmChart.Folder}/templates/{file}", s_templates.Value[file]);

    public static TheoryData<string> Bases => [.. KustomizeFiles.RenderAll().Keys];

    [Theory]
    [MemberData(nameof(Bases))]
    public void KustomizeFiles_EachFile_IsInTheRepository(string file) => Snapshot.Matches($"helm/{file}", KustomizeFiles.RenderAll()[file]);

    [Fact]
    public void ValuesPage_MatchesTheSchema() => Snapshot.Matches("docs/chart-values.md", ValuesPage.Render());
}
