using System.Diagnostics;
using System.Net.Http.Json;
using Portal.Tests.Shared;

namespace Portal.Tests.Portal;

/// <summary>Two portals as processes of their own, on one PostgreSQL and one cluster.</summary>
public sealed class ReplicasTests : IAsyncLifetime
{
    private const string Prompt = "---\nmodel: demo/echo-stream\n---\nHello";

    private readonly List<string> _directories = [];
    private readonly List<Process> _processes = [];
    private RunningPortal _cluster = null!;
    private string _connectionString = "";

    public async Task InitializeAsync()
    {
        if (TestPostgres.Server is not null)
        {
            _cluster = await RunningPortal.StartAsync();
            _connectionString = TestPostgres.CreateBare();
        }
    }

    public async Task DisposeAsync()
    {
        foreach (var process in _processes)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }

        _directories.ForEach(directory => Directory.Delete(directory, recursive: true));
        if (TestPostgres.Server is not null)
        {
            await _cluster.DisposeAsync();
            TestPostgres.Drop(_connectionString);
        }
    }

    [PostgresFact]
    public async Task Release_AskedOfOneApprovedOnTheOther_IsPublishedOnceAndSurvivesTheLeader()
    {
        using var first = await StartAsync();
        using var second = await StartAsync();

        // Asked of one portal, agreed to on the other, seen on both.
        var now = await SubmitAsync(first, "now", null);
        Assert.Equal("Published", (string?)(await ApproveAsync(second, now))["status"]);
        Assert.Equal("Published", (string?)(await FindAsync(first, now))["status"]);
        Assert.Equal(1, await GenerationAsync("now"));

        // Whichever leads does it, whoever is asked.
        foreach (var portal in new[] { first, second })
        {
            await SendAsync(portal, HttpMethod.Post, "/api/v1/prices/recompute", "admin", new JsonObject { ["from"] = "2026-01-01T00:00:00Z" });
            await UntilAsync(async () => (string?)(await SendAsync(portal, HttpMethod.Get, "/api/v1/prices/recompute", "admin", null))["items"]![0]!["state"] == "Done");
        }

        // Due when the portal that led is gone: the other one leads then.
        var later = await SubmitAsync(first, "later", TimeProvider.System.GetUtcNow().AddSeconds(2));
        Assert.Equal("Approved", (string?)(await ApproveAsync(second, later))["status"]);
        _processes[0].Kill();
        await _processes[0].WaitForExitAsync();

        await UntilAsync(async () => (string?)(await FindAsync(second, later))["status"] == "Published");
        var release = await FindAsync(second, later);
        Assert.Equal(1, await GenerationAsync("later"));
        Assert.Single(release["history"]!.AsArray(), item => (string?)item!["kind"] == "publishing");
        Assert.Single(release["history"]!.AsArray(), item => (string?)item!["kind"] == "published");

        var verdict = await (await second.PostAsJsonAsync("/api/v1/audit/verify", new { })).Content.ReadFromJsonAsync<JsonObject>();
        Assert.True(verdict!["problem"] is null, verdict.ToJsonString());
        Assert.True((long)verdict["rows"]! > 4);
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        using var timeout = new CancellationTokenSource(RunningPortal.Patience);
        while (!await holds())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, timeout.Token);
        }
    }

    private static async Task<long> SubmitAsync(HttpClient portal, string name, DateTimeOffset? publishAt)
    {
        var body = new JsonObject
        {
            ["namespace"] = "demo",
            ["message"] = "For all to see",
            ["publishAt"] = publishAt?.ToString("O"),
            ["objects"] = new JsonArray(new JsonObject { ["kind"] = "Prompt", ["name"] = name, ["content"] = Prompt }),
        };
        return (long)(await SendAsync(portal, HttpMethod.Post, "/api/v1/releases", "ada", body))["id"]!;
    }

    private static async Task<JsonObject> ApproveAsync(HttpClient portal, long id)
    {
        var release = await FindAsync(portal, id);
        return await SendAsync(portal, HttpMethod.Post, $"/api/v1/releases/{id}/approve", "ben", new JsonObject { ["hash"] = (string?)release["hash"] });
    }

    private static Task<JsonObject> FindAsync(HttpClient portal, long id) => SendAsync(portal, HttpMethod.Get, $"/api/v1/releases/{id}", "admin", null);

    private static async Task<JsonObject> SendAsync(HttpClient portal, HttpMethod method, string path, string persona, JsonObject? body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Add("Cookie", $"gp-persona={persona}");
        using var response = await portal.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{method} {path}: {response.StatusCode} {text}");
        return JsonNode.Parse(text)!.AsObject();
    }

    private async Task<long?> GenerationAsync(string name) =>
        (await _cluster.Client.Resource(global::Portal.Operator.Prompts.Prompt.Definition).FindAsync("demo", name, default))?.Generation;

    private async Task<HttpClient> StartAsync()
    {
        var directory = Directory.CreateTempSubdirectory("portal-tests-").FullName;
        _directories.Add(directory);
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, UseShellExecute = false };
        string[] arguments =
        [
            Path.Combine(AppContext.BaseDirectory, "Portal.dll"), "--urls", "http://127.0.0.1:0", "--Portal:DataDirectory", directory, "--Portal:Role", "Portal",
            "--Portal:Cluster:Mode", "kubeconfig", "--Portal:Cluster:Kubeconfig", Path.Combine(_cluster.DataDirectory, "kubeconfig"),
            "--Portal:Database:Provider", "postgres",
            "--Portal:Releases:Environments:0:Name", "demo", "--Portal:Releases:Environments:0:Namespaces:0", "demo", "--Portal:Releases:Environments:0:Approvals", "1",
        ];
        Array.ForEach(arguments, start.ArgumentList.Add);
        start.Environment["Portal__Database__ConnectionString"] = _connectionString;
        var process = Process.Start(start)!;
        _processes.Add(process);
        using var timeout = new CancellationTokenSource(RunningPortal.Patience);
        while (await process.StandardOutput.ReadLineAsync(timeout.Token) is { } line)
        {
            if (line.StartsWith("GenkitPortal is running at ", StringComparison.Ordinal))
            {
                _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
                return new HttpClient(new SocketsHttpHandler { UseProxy = false, UseCookies = false }) { BaseAddress = new Uri(line.Split(' ')[^1]), Timeout = RunningPortal.Patience };
            }
        }

        throw new InvalidOperationException("The portal ended before it was ready.");
    }
}
