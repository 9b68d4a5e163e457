using Portal.Runner.Flows;
using Portal.Runner.Providers;
using RunnerStartupException = Portal.Runner.Hosting.StartupException;

namespace Portal.Tests.Runner.Flows;

public sealed class FlowCatalogTests : IDisposable
{
    private readonly ContractFolder _folder = new();
    private readonly ProviderCatalog _providers = new([new FakeProvider(static (_, _) => throw new InvalidOperationException("not called")) { DefaultCredentialKeys = ["FAKE_KEY_A", "FAKE_KEY_B"] }]);

    [Fact]
    public void Load_Single_RoutesEachPromptAndTheFlow()
    {
        _folder.Write("config.json", """{"flowName":"hello","entrypoint":"b"}""").Write("prompts/a.prompt", "A").Write("prompts/b.prompt", "B").Write("prompts/_part.prompt", "P")
            .Write("prompts/notes.txt", "x").Write("tools/t.json", "{}");

        var catalog = Load();

        Assert.Equal(["/a", "/b", "/hello"], catalog.Paths);
        Assert.Equal("b", catalog.Find("/hello")!.Route!.PromptName);
        Assert.Equal("P", catalog.Find("/a")!.Route!.Environment.Partial("part"));
    }

    [Fact]
    public void Load_FlowNameFromTheEnvironment_RoutesToTheFirstPrompt()
    {
        _folder.Write("config.json", "{}").Write("prompts/b.prompt", "B").Write("prompts/a.prompt", "A");

        Assert.Equal("a", Load("greeter").Find("/greeter")!.Route!.PromptName);
    }

    [Fact]
    public void Load_PromptOfTheFlowsName_KeepsItsRoute()
    {
        _folder.Write("config.json", """{"flowName":"b","entrypoint":"a"}""").Write("prompts/a.prompt", "A").Write("prompts/b.prompt", "B");

        Assert.Equal("b", Load().Find("/b")!.Route!.PromptName);
    }

    [Fact]
    public void Load_ConfigMapVolume_FollowsTheLinks()
    {
        _folder.Write("config.json", "{}").Write("prompts/..2030_01/a.prompt", "A");
        Directory.CreateSymbolicLink(Path.Combine(_folder.Root, "prompts", "..data"), "..2030_01");
        File.CreateSymbolicLink(Path.Combine(_folder.Root, "prompts", "a.prompt"), "..data/a.prompt");

        Assert.Equal(["/a"], Load().Paths);
    }

    [Fact]
    public void Load_Several_RoutesOnlyTheFlowsEachWithItsCredentials()
    {
        _folder.Write("manifest.json", """{"flows":[{"name":"x","entrypoint":"p","dir":"/genkit/flows/x"},{"name":"y","entrypoint":"q","dir":"/genkit/flows/y"}]}""");
        foreach (var (flow, prompt, key) in new[] { ("x", "p", "key-x"), ("y", "q", "key-y") })
        {
            _folder.Write($"flows/{flow}/config.json", $$"""{"plugin":{"type":"Fake"},"credentialsDir":"/genkit/flows/{{flow}}/credentials"}""")
                .Write($"flows/{flow}/prompts/{prompt}.prompt", "P").Write($"flows/{flow}/prompts/other.prompt", "O").Write($"flows/{flow}/credentials/FAKE_KEY_B", key + "\n");
        }

        var catalog = Load();

        Assert.Equal(["/x", "/y"], catalog.Paths);
        Assert.Equal("key-x", catalog.Find("/x")!.Route!.Credentials.Find("FAKE_KEY_B"));
        Assert.Equal("key-y", catalog.Find("/y")!.Route!.Credentials.Find("FAKE_KEY_B"));
    }

    [Fact]
    public void Load_RelativePaths_AreBelowTheRoot()
    {
        _folder.Write("manifest.json", """{"flows":[{"name":"x","entrypoint":"p","dir":"mine"}]}""")
            .Write("mine/config.json", """{"plugin":{"type":"Fake"},"credentialsDir":"keys"}""").Write("mine/prompts/p.prompt", "P").Write("keys/FAKE_KEY_A", "key");

        Assert.Equal("key", Load().Find("/x")!.Route!.Credentials.Find("FAKE_KEY_A"));
    }

    [Fact]
    public void Credentials_FileRotated_ReadsTheNewValue()
    {
        _folder.Write("config.json", """{"plugin":{"type":"fake"},"credentialsDir":"/genkit/credentials"}""").Write("prompts/a.prompt", "A").Write("credentials/FAKE_KEY_A", "old");
        var credentials = Load().Find("/a")!.Route!.Credentials;
        Assert.Equal("old", credentials.Find("FAKE_KEY_A"));

        _folder.Write("credentials/FAKE_KEY_A", "new\n");

        Assert.Equal("new", credentials.Find("FAKE_KEY_A"));
        Assert.Null(credentials.Find("../config.json"));
    }

    [Fact]
    public void Load_NoConfig_NamesTheFile() => AssertRefused("config.json is missing");

    [Theory]
    [InlineData("{", "config.json is not valid")]
    [InlineData("null", "must hold a JSON object")]
    [InlineData("""{"plugin":{"type":"mystery"}}""", "unsupported plugin \"mystery\" (supported: fake)")]
    [InlineData("""{"plugin":{"type":"fake"}}""", "looked for FAKE_KEY_A, FAKE_KEY_B in the environment")]
    [InlineData("""{"plugin":{"type":"fake"},"credentialKeys":["OWN"],"credentialsDir":"/genkit/credentials"}""", "looked for OWN in ")]
    [InlineData("""{"entrypoint":"nope"}""", "entrypoint \"nope\" is not a prompt; there are: a")]
    public void Load_BadConfig_SaysWhatAndWhere(string config, string expected)
    {
        _folder.Write("config.json", config).Write("prompts/a.prompt", "A");

        AssertRefused(expected);
    }

    [Theory]
    [InlineData("""{"plugin":{"type":"ollama"}}""", "extraConfig.serverAddress")]
    [InlineData("""{"plugin":{"type":"azureaifoundry"},"credentialsDir":"/genkit/credentials"}""", "extraConfig.endpoint of the plugin, or AZURE_OPENAI_ENDPOINT")]
    [InlineData("""{"plugin":{"type":"Ollama","extraConfig":{"serverAddress":3}}}""", "extraConfig.serverAddress of the plugin must be a string")]
    public void Load_ProviderWithoutItsAddress_NamesTheSetting(string config, string expected)
    {
        _folder.Write("config.json", config).Write("prompts/a.prompt", "A").Write("credentials/AZURE_OPENAI_API_KEY", "k");
        using var client = ProviderCatalog.CreateHttpClient();

        Assert.Contains(
            expected,
            Assert.Throws<RunnerStartupException>(() => FlowCatalog.Load(_folder.Root, null, null, ProviderCatalog.Create(client, TimeProvider.System))).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("healthz")]
    [InlineData("readyz")]
    public void Load_ReservedName_IsRefused(string name)
    {
        _folder.Write("config.json", "{}").Write($"prompts/{name}.prompt", "A");

        AssertRefused($"\"{name}\" cannot be the name");
    }

    [Theory]
    [InlineData("config.json", "{}", "flow \"bad\": entrypoint \"p\" is not a prompt; there are: none")]
    [InlineData("prompts/p.prompt", "P", "config.json is missing")]
    [InlineData("config.json", """{"plugin":{"type":"fake"},"credentialsDir":"/genkit/flows/bad/credentials"}""", "looked for FAKE_KEY_A, FAKE_KEY_B in ")]
    [InlineData("config.json", """{"plugin":{"type":"fake","extraConfig":{"a":1,"a":2}}}""", "config.json: ")]
    public void Load_OneOfSeveralBroken_OnlyThatOne(string file, string text, string expected)
    {
        _folder.Write("manifest.json", """{"flows":[{"name":"bad","entrypoint":"p"},{"name":"good","entrypoint":"p"},{"name":"healthz","entrypoint":"p"},{"name":"good","entrypoint":"q"}]}""")
            .Write($"flows/bad/{file}", text).Write("flows/good/config.json", "{}").Write("flows/good/prompts/p.prompt", "P");

        var catalog = Load();

        Assert.Contains(expected, catalog.Find("/bad")!.Problem, StringComparison.Ordinal);
        Assert.Null(catalog.Find("/bad")!.Route);
        Assert.Equal("ready", catalog.Find("/good")!.Name);
        Assert.Contains(catalog.Flows, static flow => flow.Problem?.Contains("two flows are named \"good\"", StringComparison.Ordinal) == true);
        Assert.Contains("the path is taken", catalog.Find("/healthz")!.Problem, StringComparison.Ordinal);
        Assert.True(catalog.IsUsable);
    }

    [Theory]
    [InlineData(null, "good")]
    [InlineData("pair", "pair/good")]
    public void Load_FlowsOfASet_AreCountedUnderBothNames(string? set, string expected)
    {
        _folder.Write("manifest.json", """{"flows":[{"name":"good","entrypoint":"p"}]}""").Write("flows/good/config.json", "{}").Write("flows/good/prompts/p.prompt", "P");

        Assert.Equal(expected, Load(flowSetName: set).Find("/good")!.Route!.Flow);
    }

    [Theory]
    [InlineData("---\nmodel: [\n---\nHi", "prompt \"broken\"")]
    [InlineData("---\ninput:\n  schema:\n    a: strnig\n---\nHi", "prompt \"broken\"")]
    [InlineData("Hi\n{{#if x}}", "prompt \"broken\", line 2")]
    public void Load_OnePromptBroken_TheOthersAnswer(string prompt, string expected)
    {
        _folder.Write("config.json", "{}").Write("prompts/broken.prompt", prompt).Write("prompts/good.prompt", "Hi");

        var catalog = Load();

        Assert.Contains(expected, catalog.Find("/broken")!.Problem, StringComparison.Ordinal);
        Assert.NotNull(catalog.Find("/good")!.Route);
    }

    public void Dispose() => _folder.Dispose();

    private FlowCatalog Load(string? flowName = null, string? flowSetName = null) => FlowCatalog.Load(_folder.Root, flowName, flowSetName, _providers);

    private void AssertRefused(string expected) => Assert.Contains(expected, Assert.Throws<RunnerStartupException>(() => Load()).Message, StringComparison.Ordinal);
}
