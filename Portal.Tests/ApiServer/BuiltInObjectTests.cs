using System.Net;
using static Portal.Tests.ApiServer.TestApi;

namespace Portal.Tests.ApiServer;

/// <summary>What the server does by itself for Secrets, Services, ConfigMaps and Namespaces.</summary>
public sealed class BuiltInObjectTests : IAsyncLifetime
{
    private TestApi _api = null!;

    public async Task InitializeAsync() => _api = await StartWithThingsAsync();

    public async Task DisposeAsync() => await _api.DisposeAsync();

    [Fact]
    public async Task Secret_StringData_BecomesData()
    {
        var body = JsonNode.Parse("""{"metadata":{"name":"s"},"stringData":{"key":"value"}}""")!;

        var created = await _api.SendAsync("POST", "/api/v1/namespaces/default/secrets", body, HttpStatusCode.Created);

        Assert.Equal("dmFsdWU=", (string?)created["data"]!["key"]);
        Assert.Null(created["stringData"]);
        Assert.Equal("Opaque", (string?)created["type"]);
    }

    [Fact]
    public async Task Secret_ThatIsNotBase64_IsRefusedWithoutShowingIt()
    {
        var body = JsonNode.Parse("""{"metadata":{"name":"s"},"data":{"password":"not*encoded"}}""");

        var refused = await _api.SendAsync("POST", "/api/v1/namespaces/default/secrets", body, HttpStatusCode.BadRequest);

        Assert.Contains("data.password", refused["message"]!.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("not*encoded", refused.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Namespace_Finalized_KeepsItsPhase()
    {
        await _api.SendAsync("POST", "/api/v1/namespaces", JsonNode.Parse("""{"metadata":{"name":"kept"}}"""), HttpStatusCode.Created);

        var finalized = await _api.SendAsync(
            "PUT", "/api/v1/namespaces/kept/finalize", JsonNode.Parse("""{"metadata":{"name":"kept"},"spec":{"finalizers":[]}}"""), HttpStatusCode.OK);

        Assert.Equal("Active", (string?)finalized["status"]!["phase"]);
        Assert.Empty(finalized["spec"]!["finalizers"]!.AsArray());
    }

    [Fact]
    public async Task Service_OfTypeNodePort_GetsAPortAndKeepsIt()
    {
        const string Services = "/api/v1/namespaces/default/services";
        var body = JsonNode.Parse("""{"metadata":{"name":"n"},"spec":{"type":"NodePort","ports":[{"port":80}]}}""")!;
        var created = await _api.SendAsync("POST", Services, body, HttpStatusCode.Created);
        var port = (int)created["spec"]!["ports"]![0]!["nodePort"]!;
        body["spec"]!["ports"]![0]!["targetPort"] = 8080;

        var replaced = await _api.SendAsync("PUT", $"{Services}/n", body, HttpStatusCode.OK);

        Assert.InRange(port, 30000, 32767);
        Assert.Equal(port, (int)replaced["spec"]!["ports"]![0]!["nodePort"]!);
    }

    [Fact]
    public async Task ImmutableConfigMap_IsNotChanged()
    {
        var body = ConfigMap("a");
        body["immutable"] = true;
        await _api.SendAsync("POST", ConfigMaps, body, HttpStatusCode.Created);

        await _api.MergeAsync($"{ConfigMaps}/a", JsonNode.Parse("""{"data":{"k":"w"}}""")!, HttpStatusCode.UnprocessableEntity);
        await _api.MergeAsync($"{ConfigMaps}/a", JsonNode.Parse("""{"metadata":{"labels":{"a":"b"}}}""")!);
    }

    [Fact]
    public async Task Service_GetsAnAddressAndKeepsIt()
    {
        var body = JsonNode.Parse("""{"metadata":{"name":"s"},"spec":{"ports":[{"port":80}]}}""")!;
        var created = await _api.SendAsync("POST", "/api/v1/namespaces/default/services", body, HttpStatusCode.Created);

        var replaced = await _api.SendAsync("PUT", "/api/v1/namespaces/default/services/s", body, HttpStatusCode.OK);

        Assert.StartsWith("10.96.", (string)created["spec"]!["clusterIP"]!, StringComparison.Ordinal);
        Assert.Equal((string?)created["spec"]!["clusterIP"], (string?)replaced["spec"]!["clusterIP"]);
    }

    [Theory]
    [InlineData("default")]
    [InlineData("kube-system")]
    public async Task Delete_OfANamespaceEveryClusterHas_IsForbidden(string name)
    {
        await _api.SendAsync("DELETE", $"/api/v1/namespaces/{name}", null, HttpStatusCode.Forbidden);
    }
}
