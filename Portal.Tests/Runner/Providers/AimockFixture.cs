using System.Diagnostics;
using Portal.Tests.Shared;

namespace Portal.Tests.Runner.Providers;

/// <summary>An independent mock of the vendors' APIs, from npm, as a process of its own on a free port.</summary>
public sealed class AimockFixture : IAsyncLifetime
{
    public const string GoodKey = "good-key";

    // Standard input closes when the test run ends, however it ends: no mock is left behind.
    private const string EndWithParent = "data:text/javascript,process.stdin.on('end',()=>process.exit()).resume()";
    private readonly string _config = Path.Combine(Path.GetTempPath(), $"aimock-{Guid.NewGuid():N}.json");
    private Process? _process;

    public string Url { get; private set; } = "";

    public async Task InitializeAsync()
    {
        var script = Repository.Path("e2e", "node_modules", "@copilotkit", "aimock", "dist", "aimock-cli.js");
        if (!File.Exists(script))
        {
            throw new InvalidOperationException("The mock of the providers is not installed. Run: npm ci --prefix e2e");
        }

        await File.WriteAllTextAsync(_config, new JsonObject
        {
            ["host"] = "127.0.0.1",
            ["port"] = 0,
            ["strict"] = true,
            ["auth"] = new JsonObject { ["apiKeys"] = new JsonArray(GoodKey) },
            ["mcp"] = new JsonObject
            {
                ["path"] = "/mcp",
                ["tools"] = new JsonArray(
                    new JsonObject { ["name"] = "forecast", ["description"] = "Tells the weather.", ["inputSchema"] = JsonNode.Parse("""{"type":"object","required":["city"]}"""), ["result"] = "snow" },
                    new JsonObject { ["name"] = "clock", ["description"] = "Tells the time.", ["inputSchema"] = new JsonObject { ["type"] = "object" }, ["result"] = "noon" }),
            },
            ["llm"] = new JsonObject
            {
                ["fixtures"] = Repository.Path("Portal.Tests", "Runner", "Providers", "aimock-fixtures.json"),
                ["chunkSize"] = 4,
                ["latency"] = 1,
                ["logLevel"] = "silent",
            },
        }.ToJsonString());
        _process = Process.Start(new ProcessStartInfo("node", ["--import", EndWithParent, script, "--config", _config])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        string? line;
        do
        {
            line = await _process.StandardOutput.ReadLineAsync(limit.Token) ?? throw new InvalidOperationException("aimock ended before it listened.");
        }
        while (!line.Contains("listening on ", StringComparison.Ordinal));

        Url = line[(line.IndexOf("http", StringComparison.Ordinal))..].Trim();
    }

    public Task DisposeAsync()
    {
        _process?.Kill();
        _process?.Dispose();
        File.Delete(_config);
        return Task.CompletedTask;
    }
}
