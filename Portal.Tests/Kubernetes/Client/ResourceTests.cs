using System.Net;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;

namespace Portal.Tests.Kubernetes.Client;

public sealed class ResourceTests
{
    private readonly FakeServer _server = new();

    private Resource<KubeObject> ConfigMaps => _server.Client.Resource(BuiltIn.ConfigMap);

    [Fact]
    public async Task GetAsync_Found_ReturnsTheWholeObject()
    {
        var get = ConfigMaps.GetAsync("ns", "a", default);
        var exchange = await _server.NextAsync();
        exchange.Answer("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","resourceVersion":"7"},"unknown":{"kept":true}}""");
        Assert.Equal("GET /api/v1/namespaces/ns/configmaps/a", $"{exchange.Method} {exchange.PathAndQuery}");
        Assert.True((await get).Json["unknown"]!["kept"]!.GetValue<bool>());
        Assert.Equal("7", (await get).ResourceVersion);
    }

    [Fact]
    public async Task GetAsync_ServerBelowAPath_KeepsThePath()
    {
        var client = new KubeClient(new KubeConnection(new Uri("https://rancher.test/k8s/clusters/c-1/"), _server, "default", "rancher"));
        var get = client.Resource(BuiltIn.Namespace).GetAsync(null, "a b", default);
        var exchange = await _server.NextAsync();
        exchange.Answer("{}");
        await get;
        Assert.Equal("/k8s/clusters/c-1/api/v1/namespaces/a%20b", exchange.Path);
    }

    [Fact]
    public async Task GetAsync_Refused_KeepsTheStatus()
    {
        var get = ConfigMaps.GetAsync("ns", "a", default);
        (await _server.NextAsync()).Answer(
            HttpStatusCode.Forbidden,
            """{"kind":"Status","status":"Failure","reason":"Forbidden","message":"configmaps \"a\" is forbidden","details":{"name":"a","kind":"configmaps"},"code":403}""");
        var exception = await Assert.ThrowsAsync<KubernetesException>(() => get);
        Assert.Equal(HttpStatusCode.Forbidden, exception.StatusCode);
        Assert.Equal("Forbidden", exception.Reason);
        Assert.Equal("configmaps \"a\" is forbidden", exception.Message);
        Assert.Equal("configmaps", exception.Status["details"]!["kind"]!.ToString());
    }

    [Fact]
    public async Task GetAsync_RefusedByAProxy_MakesAStatus()
    {
        var get = ConfigMaps.GetAsync("ns", "a", default);
        (await _server.NextAsync()).Answer(HttpStatusCode.BadGateway, "<html>upstream gone</html>", "text/html");
        var exception = await Assert.ThrowsAsync<KubernetesException>(() => get);
        Assert.Equal("InternalError", exception.Reason);
        Assert.Equal(502, exception.Status["code"]!.GetValue<int>());
        Assert.Equal("the server answered 502 to GET /api/v1/namespaces/ns/configmaps/a: <html>upstream gone</html>", exception.Message);
    }

    [Theory]
    [InlineData("<html>sign in</html>")]
    [InlineData("[1]")]
    [InlineData("")]
    public async Task GetAsync_OkThatIsNoObject_Throws(string body)
    {
        var get = ConfigMaps.GetAsync("ns", "a", default);
        (await _server.NextAsync()).Answer(HttpStatusCode.OK, body, "text/html");
        var exception = await Assert.ThrowsAsync<KubernetesException>(() => get);
        Assert.Contains("the body (text/html) is not a JSON object", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetAsync_Unreachable_NamesServerAndCause()
    {
        var get = ConfigMaps.GetAsync("ns", "a", default);
        (await _server.NextAsync()).Fail(new HttpRequestException(
            "The SSL connection could not be established, see inner exception.",
            new System.Security.Authentication.AuthenticationException("The remote certificate is invalid: UntrustedRoot")));
        var exception = await Assert.ThrowsAsync<KubeUnreachableException>(() => get);
        Assert.Equal("Cannot reach the API server https://cluster.test:6443: The remote certificate is invalid: UntrustedRoot", exception.Message);
    }

    [Fact]
    public async Task GetAsync_NoAnswer_GivesUpAfterTheTimeLimit()
    {
        var client = new KubeClient(_server.Client.Connection) { RequestTimeout = TimeSpan.FromMilliseconds(1) };
        var exception = await Assert.ThrowsAsync<KubeUnreachableException>(() => client.GetJsonAsync("/version", default));
        Assert.Contains("no answer within", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FindAsync_NoSuchObject_ReturnsNull()
    {
        var find = ConfigMaps.FindAsync("ns", "a", default);
        (await _server.NextAsync()).Refuse(HttpStatusCode.NotFound, "NotFound", "configmaps 'a' not found");
        Assert.Null(await find);
    }

    [Fact]
    public async Task FindAsync_NoSuchKind_Throws()
    {
        var find = ConfigMaps.FindAsync("ns", "a", default);
        (await _server.NextAsync()).Answer(HttpStatusCode.NotFound, "404 page not found\n", "text/plain");
        Assert.True((await Assert.ThrowsAsync<KubernetesException>(() => find)).IsKindMissing);
    }

    [Fact]
    public async Task ListAsync_ItemsWithoutType_GetIt()
    {
        var list = ConfigMaps.ListAsync(null, new ListOptions { LabelSelector = "a=b,c in (d)", FieldSelector = "metadata.name=x", Limit = 2 }, default);
        var exchange = await _server.NextAsync();
        exchange.AnswerPage("9", "more", "a@1");
        Assert.Equal("/api/v1/configmaps?labelSelector=a=b,c in (d)&fieldSelector=metadata.name=x&limit=2", exchange.PathAndQuery);
        Assert.Equal(("9", "more"), ((await list).ResourceVersion, (await list).Continue));
        Assert.Equal("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"default","uid":"uid-a","resourceVersion":"1"}}""", (await list).Items[0].Json.ToJsonString());
    }

    [Fact]
    public async Task ListAllAsync_SnapshotExpiresOnTheWay_GoesOnWithTheNewToken()
    {
        var all = ConfigMaps.ListAllAsync("ns", null, default).Select(item => item.Name).ToListAsync().AsTask();
        (await _server.NextAsync()).AnswerPage("9", "t1", "a@1");
        var second = await _server.NextAsync();
        second.Answer(HttpStatusCode.Gone, """{"kind":"Status","reason":"Expired","code":410,"metadata":{"continue":"t2"}}""");
        var third = await _server.NextAsync();
        third.AnswerPage("12", "", "b@2");
        Assert.Equal(["a", "b"], await all);
        Assert.Equal("?limit=500&continue=t1", second.Query);
        Assert.Equal("?limit=500&continue=t2", third.Query);
    }

    [Fact]
    public async Task ListAsync_NoItems_TellsAMalformedAnswer()
    {
        var list = ConfigMaps.ListAsync(null, null, default);
        (await _server.NextAsync()).Answer("""{"kind":"ConfigMapList"}""");
        await Assert.ThrowsAsync<KubernetesException>(() => list);
    }

    [Fact]
    public async Task ApplyAsync_Forced_SendsTheFieldsAsApplyPatch()
    {
        var desired = new KubeObject(JsonNode.Parse("""{"metadata":{"name":"a","namespace":"ns"},"data":{"k":"ü<"}}""")!.AsObject());
        var apply = ConfigMaps.ApplyAsync(desired, new WriteOptions { Manager = FieldManager.Operator, Force = true, DryRun = true, FieldValidation = "Strict" }, default);
        var exchange = await _server.NextAsync();
        exchange.Answer("{}");
        await apply;
        Assert.Equal("PATCH /api/v1/namespaces/ns/configmaps/a?fieldManager=genkit-operator&dryRun=All&force=true&fieldValidation=Strict", $"{exchange.Method} {exchange.PathAndQuery}");
        Assert.Equal("application/apply-patch+yaml", exchange.ContentType);
        Assert.Equal("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"ns"},"data":{"k":"ü<"}}""", exchange.Body);
        Assert.False(desired.Json.ContainsKey("kind"));
    }

    [Fact]
    public async Task ApplyAsync_WithoutManager_Throws() => await Assert.ThrowsAsync<ArgumentException>(() =>
        ConfigMaps.ApplyAsync(new KubeObject([]), new WriteOptions(), default));

    [Fact]
    public async Task ReplaceStatusAsync_GoesToTheSubresource()
    {
        var replace = ConfigMaps.ReplaceStatusAsync(new KubeObject(JsonNode.Parse("""{"metadata":{"name":"a","namespace":"ns"}}""")!.AsObject()), null, default);
        var exchange = await _server.NextAsync();
        exchange.Answer("{}");
        await replace;
        Assert.Equal("PUT /api/v1/namespaces/ns/configmaps/a/status", $"{exchange.Method} {exchange.PathAndQuery}");
    }

    [Fact]
    public async Task Patches_NameTheirContentType()
    {
        var merge = ConfigMaps.MergePatchAsync("ns", "a", new JsonObject { ["data"] = null }, "status", null, default);
        var first = await _server.NextAsync();
        first.Answer("{}");
        await merge;
        var json = ConfigMaps.JsonPatchAsync("ns", "a", [new JsonObject { ["op"] = "remove", ["path"] = "/data" }], null, null, default);
        var second = await _server.NextAsync();
        second.Answer("{}");
        await json;
        Assert.Equal(("/api/v1/namespaces/ns/configmaps/a/status", "application/merge-patch+json", """{"data":null}"""), (first.Path, first.ContentType, first.Body));
        Assert.Equal(("application/json-patch+json", """[{"op":"remove","path":"/data"}]"""), (second.ContentType, second.Body));
    }

    [Fact]
    public async Task DeleteAsync_SendsOptionsInTheBody()
    {
        var options = new DeleteOptions { PropagationPolicy = "Foreground", PreconditionUid = "u", PreconditionResourceVersion = "3", GracePeriodSeconds = 0 };
        var delete = ConfigMaps.DeleteAsync("ns", "a", options, default);
        var exchange = await _server.NextAsync();
        exchange.Answer("""{"kind":"Status","status":"Success"}""");
        Assert.True(await delete);
        Assert.Equal(
            """{"kind":"DeleteOptions","apiVersion":"v1","propagationPolicy":"Foreground","gracePeriodSeconds":0,"preconditions":{"uid":"u","resourceVersion":"3"}}""",
            exchange.Body);
    }

    [Fact]
    public async Task DeleteAsync_NothingThere_ReturnsFalse()
    {
        var delete = ConfigMaps.DeleteAsync("ns", "a", null, default);
        (await _server.NextAsync()).Refuse(HttpStatusCode.NotFound, "NotFound");
        Assert.False(await delete);
    }

    [Fact]
    public async Task Verbs_NamespacedKindWithoutNamespace_Throw() =>
        await Assert.ThrowsAsync<ArgumentException>(() => ConfigMaps.GetAsync(null, "a", default));

    [Theory]
    [InlineData("https://evil.test/api")]
    [InlineData("//evil.test/api")]
    [InlineData("http://cluster.test:6443/api")]
    public async Task SendAsync_ToAnotherServer_Throws(string uri)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(uri, UriKind.RelativeOrAbsolute));
        await Assert.ThrowsAsync<ArgumentException>(() => _server.Client.SendAsync(request, default));
    }

    [Fact]
    public async Task SendAsync_StreamingAnswer_ReturnsBeforeItsEnd()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/namespaces/ns/services/s:http/proxy/flow");
        var send = _server.Client.SendAsync(request, default);
        var body = (await _server.NextAsync()).AnswerWatch();
        using var response = await send;
        await body.SendTextAsync("data: 1\n\n");
        var buffer = new byte[64];
        var read = await (await response.Content.ReadAsStreamAsync()).ReadAsync(buffer);
        Assert.Equal("data: 1\n\n", System.Text.Encoding.UTF8.GetString(buffer, 0, read));
    }
}
