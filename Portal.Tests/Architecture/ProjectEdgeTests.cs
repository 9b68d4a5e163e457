using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;
using Portal.Tests.Shared;

namespace Portal.Tests.Architecture;

/// <summary>Holds the table of docs/architecture.md: which project may know which.</summary>
public class ProjectEdgeTests
{
    public static TheoryData<string, string[]> Projects => new()
    {
        { "Portal.Kubernetes", [] },
        { "Portal.Dotprompt", [] },
        { "Portal.ApiServer", ["Portal.Kubernetes"] },
        { "Portal.Runner", ["Portal.Dotprompt"] },
        { "Portal.Operator", ["Portal.Dotprompt", "Portal.Kubernetes", "Portal.Runner"] },
        { "Portal", ["Portal.ApiServer", "Portal.Dotprompt", "Portal.Kubernetes", "Portal.Operator", "Portal.Runner"] },
    };

    [Theory]
    [MemberData(nameof(Projects))]
    public void ProjectReferences_OfEachProject_AreThoseOfTheMap(string project, string[] expected)
    {
        var references = ReadProject(project).Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value))
            .Order(StringComparer.Ordinal);

        Assert.Equal(expected, references);
    }

    [Theory]
    [InlineData("Portal.Kubernetes")]
    [InlineData("Portal.Dotprompt")]
    public void Library_NeverUses_AspNetCore(string project)
    {
        Assert.DoesNotContain(ReferencedAssemblies(project), name => name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal));
    }

    [Fact]
    public void Operator_OfTheRunner_UsesOnlyTheContract()
    {
        var used = ReferencedNamespaces("Portal.Operator").Where(name => name.StartsWith("Portal.Runner", StringComparison.Ordinal)).Distinct();

        Assert.All(used, name => Assert.Equal("Portal.Runner.Contract", name));
    }

    [Fact]
    public void ApiServer_Source_NamesNoGenkitKind()
    {
        var offenders = Directory.EnumerateFiles(Repository.Path("Portal.ApiServer"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && File.ReadAllText(file).Contains("genkit.dev", StringComparison.Ordinal));

        Assert.Empty(offenders);
    }

    [Fact]
    public void Solution_Always_HoldsEveryProject()
    {
        var solution = File.ReadAllText(Repository.Path("GenkitPortal.sln"));

        Assert.All(Directory.EnumerateFiles(Repository.Root, "*.csproj", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 1 }),
            file => Assert.Contains(Path.GetFileName(file), solution, StringComparison.Ordinal));
    }

    private static XDocument ReadProject(string project) => XDocument.Load(Repository.Path(project, project + ".csproj"));

    private static IReadOnlyList<string> ReferencedAssemblies(string project) =>
        Read(project, metadata => metadata.AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name)));

    private static IReadOnlyList<string> ReferencedNamespaces(string project) =>
        Read(project, metadata => metadata.TypeReferences.Select(handle => metadata.GetString(metadata.GetTypeReference(handle).Namespace)));

    private static List<string> Read(string project, Func<MetadataReader, IEnumerable<string>> select)
    {
        using var reader = new PEReader(File.OpenRead(Path.Combine(AppContext.BaseDirectory, project + ".dll")));
        return [.. select(reader.GetMetadataReader())];
    }
}
