using System.Text.RegularExpressions;
using Portal.Tests.Helm.Chart;
using Portal.Tests.Shared;

namespace Portal.Tests.Helm;

/// <summary>The Containerfiles hold together. There is no engine to build them with here: stages, sources, user and ports are read.</summary>
public sealed partial class ContainerfileTests
{
    private static readonly string[] s_known = ["ARG", "FROM", "COPY", "RUN", "WORKDIR", "LABEL", "ENV", "EXPOSE", "USER", "ENTRYPOINT"];

    [Theory]
    [InlineData("Portal", "8080 8081")]
    [InlineData("Portal.Runner", "8080")]
    public void Containerfile_LastStage_IsSmallAndWithoutRoot(string project, string ports)
    {
        var final = Stages(project)[^1];

        Assert.EndsWith("-noble-chiseled", final.Image, StringComparison.Ordinal);
        Assert.Equal("1654", final.Instructions.Last(instruction => instruction.Word == "USER").Text);
        Assert.Equal(ports, final.Instructions.Single(instruction => instruction.Word == "EXPOSE").Text);
        Assert.Equal($"[\"dotnet\", \"/app/{project}.dll\"]", final.Instructions.Single(instruction => instruction.Word == "ENTRYPOINT").Text);
        Assert.DoesNotContain(final.Instructions, instruction => instruction.Word == "RUN");
        Assert.Equal(1654, (long)HelmChart.Instance.Values["podSecurityContext"]!["runAsUser"]!);
    }

    [Theory]
    [InlineData("Portal")]
    [InlineData("Portal.Runner")]
    public void Containerfile_EachInstruction_RefersToWhatIsThere(string project)
    {
        var stages = Stages(project);
        for (var index = 0; index < stages.Count; index++)
        {
            Assert.All(stages[index].Instructions, instruction => Assert.Contains(instruction.Word, s_known));
            foreach (var copy in stages[index].Instructions.Where(instruction => instruction.Word == "COPY"))
            {
                var words = copy.Text.Split(' ');
                var from = words.FirstOrDefault(word => word.StartsWith("--from=", StringComparison.Ordinal))?["--from=".Length..];
                var source = words.First(word => !word.StartsWith("--", StringComparison.Ordinal));
                if (from is null)
                {
                    Assert.True(Path.Exists(Repository.Path(source)), $"{source} is not in the repository");
                }
                else
                {
                    Assert.Contains(from, stages.Take(index).Select(stage => stage.Name));
                }
            }
        }

        // Only what is made of other files runs on the builder's processor; the image itself is of the target's.
        Assert.All(stages.SkipLast(1), stage => Assert.True(stage.OnBuilder, $"{stage.Name} would be emulated"));
        Assert.False(stages[^1].OnBuilder);
    }

    [Theory]
    [InlineData("Portal")]
    [InlineData("Portal.Runner")]
    public void Containerfile_Publish_IsOfThisProject(string project)
    {
        var publish = Stages(project).SelectMany(stage => stage.Instructions).Single(instruction => instruction.Text.StartsWith("dotnet publish ", StringComparison.Ordinal)).Text;

        Assert.StartsWith($"dotnet publish {project} -c Release -o /app ", publish, StringComparison.Ordinal);
        Assert.True(File.Exists(Repository.Path(project, $"{project}.csproj")));
    }

    [Fact]
    public void Ignored_Files_AreNotNeededByABuild()
    {
        var ignored = File.ReadAllLines(Repository.Path(".dockerignore")).Where(line => line.Length > 0 && line[0] != '#').ToList();

        Assert.Contains("**/obj", ignored);
        foreach (var needed in (string[])["Portal", "Portal.Runner", "Portal.Operator", "wwwroot-assets", "Directory.Build.props", "Directory.Packages.props", "global.json"])
        {
            Assert.DoesNotContain(needed, ignored);
        }
    }

    private static List<Stage> Stages(string project)
    {
        var text = File.ReadAllText(Repository.Path(project, "Containerfile")).Replace("\\\n", " ", StringComparison.Ordinal);
        var stages = new List<Stage>();
        var arguments = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in text.Split('\n').Select(line => Blanks().Replace(line.Trim(), " ")).Where(line => line.Length > 0 && line[0] != '#'))
        {
            var (word, rest) = (line.Split(' ')[0], line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..]);
            if (word == "FROM")
            {
                var from = From().Match(Expand(rest, arguments));
                Assert.True(from.Success, line);
                stages.Add(new Stage(from.Groups["name"].Value, from.Groups["image"].Value, from.Groups["platform"].Success, []));
            }
            else if (stages.Count == 0)
            {
                Assert.Equal("ARG", word);
                arguments.Add(rest.Split('=')[0], rest.Split('=')[1]);
            }
            else
            {
                stages[^1].Instructions.Add((word, rest));
            }
        }

        return stages;
    }

    private static string Expand(string text, Dictionary<string, string> arguments) => Variable().Replace(text, match => arguments[match.Groups[1].Value]);

    [GeneratedRegex(@"^(?<platform>--platform=\$BUILDPLATFORM )?(?<image>[a-z0-9./-]+:[a-z0-9.-]+) AS (?<name>[a-z]+)$")]
    private static partial Regex From();

    [GeneratedRegex(@"\$\{(\w+)\}")]
    private static partial Regex Variable();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();

    private sealed record Stage(string Name, string Image, bool OnBuilder, List<(string Word, string Text)> Instructions);
}
