using System.Net;
using Portal.ApiServer;
using static Portal.Tests.ApiServer.TestApi;

namespace Portal.Tests.ApiServer.Auth;

/// <summary>What the audit log holds, and what it never holds.</summary>
public sealed class AuditLogTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("audit-");

    private string File => Path.Combine(_directory.FullName, "log", "audit.log");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task Event_SaysWhoDidWhatWithWhichResult()
    {
        await using (var api = await StartAsync(new ApiServerOptions { Audit = new AuditOptions(File) }))
        {
            await Rbac.GrantAsync(api, "User/ann", """[{"apiGroups":["apps"],"resources":["deployments"],"verbs":["get"]}]""");
            await Caller.User(api, "ann", "devs").SendAsync("GET", "/apis/apps/v1/namespaces/default/deployments/web?a=b");
        }

        var entry = Events().Last();
        Assert.Equal("audit.k8s.io/v1 Event Metadata ResponseComplete get", $"{entry["apiVersion"]} {entry["kind"]} {entry["level"]} {entry["stage"]} {entry["verb"]}");
        Assert.Equal("/apis/apps/v1/namespaces/default/deployments/web?a=b", (string?)entry["requestURI"]);
        Assert.Equal("system:portal", (string?)entry["user"]!["username"]);
        Assert.Equal("ann", (string?)entry["impersonatedUser"]!["username"]);
        Assert.Equal("""{"resource":"deployments","namespace":"default","name":"web","apiGroup":"apps","apiVersion":"v1"}""", entry["objectRef"]!.ToJsonString());
        Assert.Equal("""{"metadata":{},"status":"Failure","reason":"NotFound","code":404}""", entry["responseStatus"]!.ToJsonString());
        Assert.Equal("allow", (string?)entry["annotations"]!["authorization.k8s.io/decision"]);
    }

    [Fact]
    public async Task Refusals_AreWrittenToo()
    {
        await using (var api = await StartAsync(new ApiServerOptions { Audit = new AuditOptions(File) }))
        {
            Assert.Equal(HttpStatusCode.Forbidden, await Caller.User(api, "ann").StatusAsync("GET", "/api/v1/secrets"));
            Assert.Equal(HttpStatusCode.Unauthorized, await Caller.Token(api, "nonsense").StatusAsync("GET", "/api/v1/secrets"));
        }

        var events = Events();
        Assert.Equal("forbid", (string?)events[^2]["annotations"]!["authorization.k8s.io/decision"]);
        Assert.Equal(403, (int?)events[^2]["responseStatus"]!["code"]);
        Assert.Equal("{}", events[^1]["user"]!.ToJsonString());
        Assert.Equal(401, (int?)events[^1]["responseStatus"]!["code"]);
    }

    [Fact]
    public async Task Bodies_TokensAndWhatIsAskedOfServices_AreNeverWritten()
    {
        const string Hidden = "hidden-4711";
        await using (var api = await StartAsync(new ApiServerOptions { Audit = new AuditOptions(File) }))
        {
            var secret = new JsonObject
            {
                ["metadata"] = new JsonObject { ["name"] = "s", ["annotations"] = new JsonObject { ["a"] = Hidden } },
                ["stringData"] = new JsonObject { ["k"] = Hidden },
            };
            await api.SendAsync("POST", "/api/v1/namespaces/default/secrets", secret, HttpStatusCode.Created);
            await api.SendAsync("POST", "/api/v1/namespaces/default/secrets", new JsonObject { ["metadata"] = new JsonObject { ["name"] = Hidden.ToUpperInvariant() } });
            await api.SendAsync("POST", "/apis/authentication.k8s.io/v1/tokenreviews", new JsonObject { ["spec"] = new JsonObject { ["token"] = Hidden } });
            await api.SendAsync("GET", $"/api/v1/namespaces/default/services/x:http/proxy/?key={Hidden}");
            await Caller.Token(api, Hidden).SendAsync("GET", $"/version?access_token={Hidden}");
            await api.SendAsync("GET", "/api/v1/namespaces/default/secrets/s");
        }

        var text = await System.IO.File.ReadAllTextAsync(File);
        Assert.DoesNotContain(Hidden, text, StringComparison.OrdinalIgnoreCase);
        Assert.Contains(Events(), entry => (string?)entry["objectRef"]?["name"] == "s" && (string?)entry["verb"] == "create");
    }

    [Fact]
    public async Task File_AtItsLimit_IsClosedAndOldOnesGo()
    {
        await using (var api = await StartAsync(new ApiServerOptions { Audit = new AuditOptions(File) { MaxBytes = 2000, MaxBackups = 2 } }))
        {
            for (var i = 0; i < 40; i++)
            {
                await api.GetAsync($"/api/v1/namespaces/default/configmaps?limit={i + 1}");
            }
        }

        var files = Directory.GetFiles(Path.GetDirectoryName(File)!);
        Assert.Equal(3, files.Length);
        Assert.All(files, file => Assert.InRange(new FileInfo(file).Length, 1, 2000));
        Assert.EndsWith("limit=40", (string?)Events()[^1]["requestURI"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_WhereNoFileCanBe_SaysSoInOneLine()
    {
        await System.IO.File.WriteAllTextAsync(Path.Combine(_directory.FullName, "log"), "in the way");

        var problem = await Assert.ThrowsAsync<IOException>(() => StartAsync(new ApiServerOptions { Audit = new AuditOptions(File) }));

        Assert.StartsWith($"The audit log {File} cannot be written: ", problem.Message, StringComparison.Ordinal);
    }

    private List<JsonNode> Events() => [.. System.IO.File.ReadLines(File).Select(line => JsonNode.Parse(line)!)];
}
