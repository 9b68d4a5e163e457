using System.Text;
using Portal.Embedded.Workloads;
using Portal.Kubernetes.Serialization;

namespace Portal.Tests.Portal.Workloads;

public sealed class VolumeFilesTests : IDisposable
{
    private const string Volumes = """
        [{"name":"config","configMap":{"name":"web-config"}},{"name":"prompts","configMap":{"name":"web-prompts"}},
         {"name":"keys","secret":{"secretName":"keys"}},{"name":"one","secret":{"secretName":"keys","items":[{"key":"a","path":"dir/b"}]}},
         {"name":"gone","configMap":{"name":"gone"}},{"name":"maybe","configMap":{"name":"gone","optional":true}},
         {"name":"all","projected":{"sources":[{"configMap":{"name":"web-config"}},{"secret":{"name":"keys"}}]}},
         {"name":"empty","emptyDir":{}},{"name":"disk","hostPath":{"path":"/"}},
         {"name":"escape","configMap":{"name":"web-config","items":[{"key":"config.json","path":"../x"}]}},
         {"name":"nokey","configMap":{"name":"web-config","items":[{"key":"other","path":"x"}]}}]
        """;

    private readonly string _root = Directory.CreateTempSubdirectory("portal-tests-").FullName;
    private readonly FakeConfigSource _source = new FakeConfigSource()
        .ConfigMap("web-config", ("config.json", "{}")).ConfigMap("web-prompts", ("a.prompt", "hello")).Secret("keys", ("a", "secret"));

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData("""[{"name":"config","mountPath":"/genkit"},{"name":"prompts","mountPath":"/genkit/prompts"}]""", "genkit/config.json genkit/prompts/a.prompt")]
    [InlineData("""[{"name":"prompts","mountPath":"/genkit/prompts"},{"name":"config","mountPath":"/genkit"}]""", "genkit/config.json genkit/prompts/a.prompt")]
    [InlineData("""[{"name":"one","mountPath":"/genkit/"}]""", "genkit/dir/b")]
    [InlineData("""[{"name":"all","mountPath":"/genkit"}]""", "genkit/a genkit/config.json")]
    [InlineData("""[{"name":"maybe","mountPath":"/genkit"},{"name":"empty","mountPath":"/tmp/x"}]""", "")]
    [InlineData("""[{"name":"prompts","mountPath":"/genkit/one.prompt","subPath":"a.prompt"}]""", "genkit/one.prompt")]
    public async Task ReadAsync_Mounts_PlacesTheirFiles(string mounts, string expected) =>
        Assert.Equal(expected, string.Join(' ', (await ReadAsync(mounts)).Files.Select(file => file.Path)));

    [Theory]
    [InlineData("""[{"name":"gone","mountPath":"/genkit"}]""", "configmap \"gone\" not found")]
    [InlineData("""[{"name":"other","mountPath":"/genkit"}]""", "volumeMounts: there is no volume \"other\"")]
    [InlineData("""[{"name":"config","mountPath":"/genkit/../../etc"}]""", "mountPath of \"config\": \"/genkit/../../etc\" is not a path to put files at")]
    [InlineData("""[{"name":"config","mountPath":"genkit"}]""", "mountPath of \"config\": \"genkit\" is not a path to put files at")]
    [InlineData("""[{"name":"escape","mountPath":"/genkit"}]""", "path in configmap \"web-config\": \"/../x\" is not a path to put files at")]
    [InlineData("""[{"name":"nokey","mountPath":"/genkit"}]""", "couldn't find key \"other\" in configmap \"web-config\"")]
    [InlineData("""[{"name":"disk","mountPath":"/genkit"}]""", "volume \"disk\": only configMap, secret, projected and emptyDir are known here")]
    public async Task ReadAsync_Wrong_NamesIt(string mounts, string message) =>
        Assert.Equal(message, (await Assert.ThrowsAsync<ContainerConfigException>(() => ReadAsync(mounts))).Message);

    [Fact]
    public async Task WriteTo_Again_ReplacesTheTreeAndKeepsItPrivate()
    {
        var target = Path.Combine(_root, "fs");
        (await ReadAsync("""[{"name":"keys","mountPath":"/genkit/keys"},{"name":"prompts","mountPath":"/genkit/prompts"}]""")).WriteTo(target);
        (await ReadAsync("""[{"name":"keys","mountPath":"/genkit/keys"}]""")).WriteTo(target);

        Assert.False(Directory.Exists(Path.Combine(target, "genkit/prompts")));
        var file = Path.Combine(target, "genkit/keys/a");
        Assert.Equal("secret", await File.ReadAllTextAsync(file, Encoding.UTF8));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(target));
        }
    }

    [Fact]
    public async Task Update_SourcesChange_FilesFollowWithoutATornVolume()
    {
        const string Mounts = """[{"name":"config","mountPath":"/genkit"},{"name":"prompts","mountPath":"/genkit/prompts"},{"name":"empty","mountPath":"/tmp"},{"name":"keys","mountPath":"/one","subPath":"a"}]""";
        var target = Path.Combine(_root, "fs");
        (await ReadAsync(Mounts)).WriteTo(target);
        await File.WriteAllTextAsync(Path.Combine(target, "tmp/own"), "the container's");
        using var open = File.OpenText(Path.Combine(target, "genkit/prompts/a.prompt"));
        Assert.False((await ReadAsync(Mounts)).Update(target));

        _source.ConfigMap("web-prompts", ("a.prompt", "changed"), ("b.prompt", "new")).Secret("keys", ("a", "rotated"));
        Assert.True((await ReadAsync(Mounts)).Update(target));

        Assert.Equal("changed new", $"{Read("genkit/prompts/a.prompt")} {Read("genkit/prompts/b.prompt")}");
        Assert.Equal("hello", await open.ReadToEndAsync());
        Assert.Equal("secret", Read("one"));
        Assert.Equal("the container's", Read("tmp/own"));

        _source.ConfigMap("web-prompts", ("b.prompt", "new"));
        Assert.True((await ReadAsync(Mounts)).Update(target));

        Assert.Equal(["b.prompt"], Directory.EnumerateFiles(Path.Combine(target, "genkit/prompts")).Select(Path.GetFileName));
        Assert.Equal("{}", Read("genkit/config.json"));

        string Read(string path) => File.ReadAllText(Path.Combine(target, path));
    }

    private Task<VolumeFiles> ReadAsync(string mounts)
    {
        var spec = JsonSerializer.Deserialize<PodSpec>($$"""{"volumes":{{Volumes}},"containers":[{"volumeMounts":{{mounts}}}]}""", KubernetesJson.Options)!;
        return VolumeFiles.ReadAsync("demo", spec, spec.Runner, _source, CancellationToken.None);
    }
}
