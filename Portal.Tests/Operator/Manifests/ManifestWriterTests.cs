using Portal.Operator.Manifests;
using Portal.Tests.Shared;

namespace Portal.Tests.Operator.Manifests;

public class ManifestWriterTests
{
    public static TheoryData<string> Files => [.. ManifestWriter.RenderAll().Keys];

    [Theory]
    [Trait("Category", "Generated")]
    [MemberData(nameof(Files))]
    public void RenderAll_EachKind_MatchesTheChart(string file) => Snapshot.Matches($"helm/crds/{file}", ManifestWriter.RenderAll()[file]);

    [Fact]
    public void RenderAll_Always_HasOneFileForEveryCrdInTheChart()
    {
        var chart = Directory.GetFiles(Repository.Path("helm", "crds"), "*.yaml").Select(Path.GetFileName).Except(["kustomization.yaml"]);

        Assert.Equal(ManifestWriter.RenderAll().Keys.Order(StringComparer.Ordinal), chart.Order(StringComparer.Ordinal));
    }

    public static TheoryData<string> AccessFiles => [.. ManifestWriter.RenderRbac().Keys];

    [Theory]
    [Trait("Category", "Generated")]
    [MemberData(nameof(AccessFiles))]
    public void RenderRbac_EachFile_MatchesTheChart(string file) => Snapshot.Matches($"helm/rbac/{file}", ManifestWriter.RenderRbac()[file]);

    [Fact]
    public void RenderRbac_Always_HasOneFileForEachInTheChart()
    {
        var chart = Directory.GetFiles(Repository.Path("helm", "rbac"), "*.yaml").Select(Path.GetFileName).Except(["kustomization.yaml"]);

        Assert.Equal(ManifestWriter.RenderRbac().Keys.Order(StringComparer.Ordinal), chart.Order(StringComparer.Ordinal));
    }

    public static TheoryData<string> WebhookFiles => [.. ManifestWriter.RenderWebhooks().Keys];

    [Theory]
    [Trait("Category", "Generated")]
    [MemberData(nameof(WebhookFiles))]
    public void RenderWebhooks_EachFile_MatchesTheChart(string file) => Snapshot.Matches($"helm/webhooks/{file}", ManifestWriter.RenderWebhooks()[file]);

    /// <summary>What <c>kubectl explain</c> shows.</summary>
    [Fact]
    public void Definitions_EveryField_HasADescription()
    {
        var bare = CrdManifests.All.SelectMany(crd => Undescribed(
            crd["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!.AsObject(), crd["spec"]!["names"]!["singular"]!.ToString())).ToList();

        Assert.True(bare.Count == 0, string.Join('\n', bare));
    }

    private static IEnumerable<string> Undescribed(JsonObject schema, string path)
    {
        foreach (var (name, property) in schema["properties"] as JsonObject ?? [])
        {
            var place = $"{path}.{name}";
            if (name != "metadata" && string.IsNullOrWhiteSpace(property!["description"]?.ToString()))
            {
                yield return place;
            }

            foreach (var inner in Undescribed(property!.AsObject(), place))
            {
                yield return inner;
            }
        }

        foreach (var items in new[] { schema["items"], schema["additionalProperties"] }.OfType<JsonObject>())
        {
            foreach (var inner in Undescribed(items, $"{path}[]"))
            {
                yield return inner;
            }
        }
    }

    [Fact]
    public void WriteAll_NewDirectory_WritesWhatRenderAllMakes()
    {
        var directory = Directory.CreateTempSubdirectory("manifests-");
        try
        {
            var target = Path.Combine(directory.FullName, "crds");
            ManifestWriter.WriteAll(target);

            Assert.Equal(ManifestWriter.RenderAll(), Directory.GetFiles(target).ToDictionary(path => Path.GetFileName(path), File.ReadAllText));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }
}
