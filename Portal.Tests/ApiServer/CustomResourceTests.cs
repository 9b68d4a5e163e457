using System.Net;
using static Portal.Tests.ApiServer.TestApi;

namespace Portal.Tests.ApiServer;

/// <summary>What a definition promises for its objects: generation, status, scale, versions, a schema that changes.</summary>
public sealed class CustomResourceTests : IAsyncLifetime
{
    private TestApi _api = null!;

    public async Task InitializeAsync() => _api = await StartWithThingsAsync();

    public async Task DisposeAsync() => await _api.DisposeAsync();

    [Fact]
    public async Task Generation_MovesWithSpecOnly()
    {
        await _api.SendAsync("POST", Things, Thing("a"), HttpStatusCode.Created);
        await _api.MergeAsync($"{Things}/a", JsonNode.Parse("""{"metadata":{"labels":{"a":"b"}}}""")!);
        await _api.MergeAsync($"{Things}/a/status", JsonNode.Parse("""{"status":{"phase":"Up"}}""")!);
        var unmoved = await _api.GetAsync($"{Things}/a");
        var moved = await _api.MergeAsync($"{Things}/a", JsonNode.Parse("""{"spec":{"size":4}}""")!);

        Assert.Equal(1, (int?)unmoved["metadata"]!["generation"]);
        Assert.Equal(2, (int?)moved["metadata"]!["generation"]);
    }

    [Fact]
    public async Task Status_IsWrittenOnlyThroughItsSubresource()
    {
        var body = Thing("a");
        body["status"] = new JsonObject { ["phase"] = "Created" };
        var created = await _api.SendAsync("POST", Things, body, HttpStatusCode.Created);
        var ignored = await _api.MergeAsync($"{Things}/a", JsonNode.Parse("""{"status":{"phase":"Main"}}""")!);
        var written = await _api.MergeAsync($"{Things}/a/status", JsonNode.Parse("""{"spec":{"size":9},"status":{"phase":"Sub"}}""")!);

        Assert.Null(created["status"]);
        Assert.Null(ignored["status"]);
        Assert.Equal("Sub", (string?)written["status"]!["phase"]);
        Assert.Equal(3, (int?)written["spec"]!["size"]);
    }

    [Fact]
    public async Task Scale_ChangesTheObject()
    {
        await _api.SendAsync("POST", Things, Thing("a"), HttpStatusCode.Created);

        var scale = await _api.MergeAsync($"{Things}/a/scale", JsonNode.Parse("""{"spec":{"replicas":6}}""")!);

        Assert.Equal(6, (int?)scale["spec"]!["replicas"]);
        Assert.Equal(6, (int?)(await _api.GetAsync($"{Things}/a"))["spec"]!["size"]);
    }

    [Fact]
    public async Task StricterSchema_LeavesWhatIsStoredAloneUntilItChanges()
    {
        await _api.SendAsync("POST", Things, Thing("a", new JsonObject { ["size"] = 5 }), HttpStatusCode.Created);
        await PatchDefinitionAsync("""[{"op":"replace","path":"/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/size/maximum","value":4}]""");

        await _api.MergeAsync($"{Things}/a", new JsonObject { ["spec"] = new JsonObject { ["text"] = "changed" } });
        await _api.MergeAsync($"{Things}/a", new JsonObject { ["spec"] = new JsonObject { ["size"] = 6 } }, HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task DeprecatedVersion_WarnsInErrorsToo()
    {
        await PatchDefinitionAsync("""[{"op":"add","path":"/spec/versions/0/deprecated","value":true}]""");

        using var response = await _api.Http.GetAsync($"{Things}/nosuch");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("\"test.example.org/v1 Thing is deprecated\"", Assert.Single(response.Headers.Warning).Text);
    }

    private Task<JsonObject> PatchDefinitionAsync(string patch) => _api.SendAsync(
        "PATCH",
        "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.test.example.org",
        JsonNode.Parse(patch),
        HttpStatusCode.OK,
        "application/json-patch+json");

    [Fact]
    public async Task ChangedSchema_ShowsItsDefaultsAndEndsWatches()
    {
        await _api.SendAsync("POST", Things, Thing("a"), HttpStatusCode.Created);
        using var watch = await _api.WatchAsync($"{Things}?watch=true");
        Assert.Equal("ADDED a", await watch.NextTextAsync());

        await PatchDefinitionAsync(
            """[{"op":"add","path":"/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/text/default","value":"late"}]""");

        Assert.Equal("end", await watch.NextTextAsync());
        Assert.Equal("late", (string?)(await _api.GetAsync($"{Things}/a"))["spec"]!["text"]);
    }

    [Fact]
    public async Task OtherVersion_OfACustomResource_ShowsTheSameObject()
    {
        var second = (JsonObject)ThingDefinition()["spec"]!["versions"]![0]!.DeepClone();
        second["name"] = "v1beta1";
        second["storage"] = false;
        second["deprecated"] = true;
        await _api.SendAsync(
            "PATCH",
            "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.test.example.org",
            new JsonArray(new JsonObject { ["op"] = "add", ["path"] = "/spec/versions/-", ["value"] = second }),
            HttpStatusCode.OK,
            "application/json-patch+json");
        await _api.SendAsync("POST", Things, Thing("a"), HttpStatusCode.Created);

        using var response = await _api.Http.GetAsync($"{Things.Replace("/v1/", "/v1beta1/", StringComparison.Ordinal)}/a");

        var read = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        Assert.Equal("test.example.org/v1beta1", (string?)read["apiVersion"]);
        Assert.Equal(3, (int?)read["spec"]!["size"]);
        Assert.Contains("use test.example.org/v1 Thing", Assert.Single(response.Headers.Warning).Text, StringComparison.Ordinal);
    }
}
