using System.Text.RegularExpressions;
using Portal.Tests.Shared;

namespace Portal.Tests.Architecture;

/// <summary>A slice under Portal/Features may use another only where the map says so; Components and Embedded know no slice.</summary>
public partial class SliceEdgeTests
{
    /// <summary>Slice → slices it may use.</summary>
    private static readonly Dictionary<string, string[]> s_allowed = new()
    {
        ["Home"] = ["Health", "Budgets", "Playground", "Prompts", "Flows", "Demo", "Costs", "Prices"],
        ["Prompts"] = ["Playground", "Costs", "Prices", "Flows", "Releases", "Ownership"],
        ["Releases"] = ["Costs", "Playground", "Prices", "Usage", "Ownership"],
        ["Demo"] = ["Flows"],
        ["Models"] = ["Flows"],
        ["Playground"] = ["Prices", "Usage", "Budgets"],
        ["Usage"] = ["Prices"],
        ["Costs"] = ["Prices", "Usage", "Budgets"],
        ["Flows"] = ["Usage", "Ownership", "Releases"],
        ["Health"] = ["Flows", "Releases", "Ownership", "Usage", "Prices"],
        ["Budgets"] = ["Prices", "Usage", "Notifications", "Flows"],
        ["Import"] = ["Releases", "Ownership"],
        ["Runs"] = ["Playground", "Prompts", "Prices", "Releases", "Ownership", "Flows", "Usage", "Budgets"],
        ["Digests"] = ["Costs", "Budgets", "Notifications", "Flows"],
        ["Exchange"] = ["Prompts", "Releases", "Playground", "Ownership", "Import"],
    };

    /// <summary>Every decision and change is recorded, so every slice may use it; it uses none.</summary>
    private const string ForAll = "Audit";

    [Fact]
    public void Slices_Always_UseOnlyWhatTheyMay()
    {
        var features = Repository.Path("Portal", "Features");
        var offenders = Sources(features)
            .Select(file => (File: file, Slice: Path.GetRelativePath(features, file).Split('/')[0]))
            .SelectMany(item => UsedSlices(item.File).Where(used => used != item.Slice && used != ForAll && !Allowed(item.Slice).Contains(used))
                .Select(used => $"{Path.GetRelativePath(Repository.Root, item.File)} uses {used}"));

        Assert.Empty(offenders);
    }

    [Theory]
    [InlineData("Embedded")]
    [InlineData("Data")]
    public void Foundations_Never_UseASlice(string folder)
    {
        var offenders = Sources(Repository.Path("Portal", folder)).Where(file => UsedSlices(file).Any())
            .Select(file => Path.GetRelativePath(Repository.Root, file));

        Assert.Empty(offenders);
    }

    private static string[] Allowed(string slice) => s_allowed.GetValueOrDefault(slice, []);

    private static IEnumerable<string> Sources(string folder) =>
        !Directory.Exists(folder) ? [] : Directory.EnumerateFiles(folder, "*.*", SearchOption.AllDirectories).Where(file => file.EndsWith(".cs", StringComparison.Ordinal) || file.EndsWith(".razor", StringComparison.Ordinal));

    private static IEnumerable<string> UsedSlices(string file) =>
        FeatureNamespace().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value).Distinct();

    [GeneratedRegex(@"(?:using|@using|@inject) +(?:static +)?Portal\.Features\.(\w+)")]
    private static partial Regex FeatureNamespace();
}
