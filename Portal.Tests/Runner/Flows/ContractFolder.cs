namespace Portal.Tests.Runner.Flows;

/// <summary>A folder with the files a runner reads, gone after the test.</summary>
internal sealed class ContractFolder : IDisposable
{
    public const string Greeting = "---\nmodel: fake/m\ninput:\n  schema:\n    name: string\n---\nHi {{name}}";

    /// <summary>Failures are passed on at once: waiting would be in real time.</summary>
    public const string Config = """{"flowName":"hello","plugin":{"type":"fake","extraConfig":{"maxRetries":0}}}""";

    public ContractFolder() => Directory.CreateDirectory(Root);

    public string Root { get; } = Path.Combine(Path.GetTempPath(), $"runner-{Guid.NewGuid():N}");

    /// <summary>The single layout with one prompt, <c>greeting</c>, in a flow named <c>hello</c>.</summary>
    public static ContractFolder Single(string prompt = Greeting) =>
        new ContractFolder().Write("config.json", Config).Write("prompts/greeting.prompt", prompt);

    public ContractFolder Write(string path, string text)
    {
        var file = Path.Combine(Root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
        return this;
    }

    public void Dispose()
    {
        if (Directory.Exists(Root))
        {
            Directory.Delete(Root, recursive: true);
        }
    }
}
