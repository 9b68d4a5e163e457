using System.Net;
using System.Text;
using static Portal.Tests.ApiServer.TestApi;

namespace Portal.Tests.ApiServer;

/// <summary>Create, read, replace, delete and what surrounds them.</summary>
public sealed class ObjectTests : IAsyncLifetime
{
    private TestApi _api = null!;

    public async Task InitializeAsync() => _api = await StartWithThingsAsync();

    public async Task DisposeAsync() => await _api.DisposeAsync();

    [Fact]
    public async Task Create_OfAConfigMap_IsReadBack()
    {
        var created = await _api.SendAsync("POST", ConfigMaps, ConfigMap("a"), HttpStatusCode.Created);
        var read = await _api.GetAsync($"{ConfigMaps}/a");

        Assert.True(JsonNode.DeepEquals(created, read));
        Assert.Equal("default", (string?)read["metadata"]!["namespace"]);
        Assert.NotEmpty((string)read["metadata"]!["uid"]!);
    }

    [Fact]
    public async Task Create_Twice_IsAlreadyExists()
    {
        await _api.SendAsync("POST", ConfigMaps, ConfigMap("a"), HttpStatusCode.Created);

        var status = await _api.SendAsync("POST", ConfigMaps, ConfigMap("a"), HttpStatusCode.Conflict);

        Assert.Equal("AlreadyExists", (string?)status["reason"]);
    }

    [Fact]
    public async Task Create_InAMissingNamespace_IsNotFound()
    {
        var status = await _api.SendAsync("POST", "/api/v1/namespaces/nope/configmaps", ConfigMap("a"), HttpStatusCode.NotFound);

        Assert.Equal("namespaces \"nope\" not found", (string?)status["message"]);
    }

    [Fact]
    public async Task Create_WithGenerateName_MakesNamesUnique()
    {
        var body = ConfigMap("x");
        body["metadata"] = new JsonObject { ["generateName"] = "g-" };
        var first = await _api.SendAsync("POST", ConfigMaps, body, HttpStatusCode.Created);
        var second = await _api.SendAsync("POST", ConfigMaps, body, HttpStatusCode.Created);

        Assert.Matches("^g-[a-z0-9]{5}$", (string)first["metadata"]!["name"]!);
        Assert.NotEqual((string?)first["metadata"]!["name"], (string?)second["metadata"]!["name"]);
    }

    [Theory]
    [InlineData("{", "application/json", 400)]
    [InlineData("[]", "application/json", 400)]
    [InlineData("", "application/json", 400)]
    [InlineData("a: [b", "application/yaml", 400)]
    [InlineData("a=b", "application/x-www-form-urlencoded", 415)]
    [InlineData("""{"metadata":{"name":"a","labels":{"x":1}}}""", "application/json", 400)]
    [InlineData("""{"metadata":"a"}""", "application/json", 400)]
    [InlineData("""{"metadata":{"name":"UPPER"}}""", "application/json", 422)]
    [InlineData("""{"metadata":{}}""", "application/json", 422)]
    [InlineData("""{"kind":"Secret","metadata":{"name":"a"}}""", "application/json", 400)]
    public async Task Create_OfABadBody_IsRefusedWithAStatus(string body, string contentType, int expected)
    {
        var (status, answer) = await _api.SendTextAsync("POST", ConfigMaps, body, contentType);

        Assert.Equal(expected, (int)status);
        Assert.Equal("Status", (string?)answer["kind"]);
        Assert.NotEmpty((string)answer["message"]!);
    }

    [Fact]
    public async Task Create_OfAVeryDeepBody_IsRefused()
    {
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", 5000)) + "1" + new string('}', 5000);

        var (status, _) = await _api.SendTextAsync("POST", ConfigMaps, deep, "application/json");

        Assert.Equal(HttpStatusCode.BadRequest, status);
    }

    [Fact]
    public async Task Create_OfAHugeBody_IsTooLarge()
    {
        var body = ConfigMap("big", new string('x', 3_500_000));

        var status = await _api.SendAsync("POST", ConfigMaps, body, HttpStatusCode.RequestEntityTooLarge);

        Assert.Equal("RequestEntityTooLarge", (string?)status["reason"]);
    }

    [Fact]
    public async Task Create_OfYamlWithAliasBomb_IsRefused()
    {
        var yaml = new StringBuilder("metadata: {name: a}\ndata:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (var level = 1; level < 9; level++)
        {
            yaml.Append($"  a{level}: &a{level} [{string.Join(", ", Enumerable.Repeat($"*a{level - 1}", 10))}]\n");
        }

        var (status, _) = await _api.SendTextAsync("POST", ConfigMaps, yaml.ToString(), "application/yaml");

        Assert.Equal(HttpStatusCode.BadRequest, status);
    }

    [Fact]
    public async Task Create_OfYaml_FollowsYaml11()
    {
        const string Yaml = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: y1\n  labels: {a: 'yes'}\ndata:\n  k: |\n    two\n    lines\n";
        var (status, created) = await _api.SendTextAsync("POST", ConfigMaps, Yaml, "application/yaml");
        var (refused, _) = await _api.SendTextAsync("POST", ConfigMaps, "metadata: {name: y}\n", "application/yaml");

        Assert.Equal(HttpStatusCode.Created, status);
        Assert.Equal("two\nlines\n", (string?)created["data"]!["k"]);
        Assert.Equal(HttpStatusCode.BadRequest, refused);
    }

    [Fact]
    public async Task Replace_WithAStaleVersion_IsAConflictAndChangesNothing()
    {
        var created = await _api.SendAsync("POST", Things, Thing("a"), HttpStatusCode.Created);
        await _api.MergeAsync($"{Things}/a", new JsonObject { ["spec"] = new JsonObject { ["size"] = 5 } });
        created["spec"]!["size"] = 7;

        var status = await _api.SendAsync("PUT", $"{Things}/a", created, HttpStatusCode.Conflict);

        Assert.Equal("Conflict", (string?)status["reason"]);
        Assert.Equal(5, (int?)(await _api.GetAsync($"{Things}/a"))["spec"]!["size"]);
    }

    [Fact]
    public async Task Replace_OfACustomResourceWithoutVersion_IsInvalid()
    {
        await _api.SendAsync("POST", Things, Thing("a"), HttpStatusCode.Created);

        await _api.SendAsync("PUT", $"{Things}/a", Thing("a"), HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task Replace_WithTheSame_MakesNoRevision()
    {
        var created = await _api.SendAsync("POST", ConfigMaps, ConfigMap("a"), HttpStatusCode.Created);

        var replaced = await _api.SendAsync("PUT", $"{ConfigMaps}/a", ConfigMap("a"), HttpStatusCode.OK);

        Assert.Equal((string?)created["metadata"]!["resourceVersion"], (string?)replaced["metadata"]!["resourceVersion"]);
    }

    [Fact]
    public async Task Patch_ByManyAtOnce_LosesNone()
    {
        await _api.SendAsync("POST", ConfigMaps, ConfigMap("a"), HttpStatusCode.Created);

        await Task.WhenAll(Enumerable.Range(0, 30).Select(index =>
            _api.MergeAsync($"{ConfigMaps}/a", new JsonObject { ["data"] = new JsonObject { [$"k{index}"] = "v" } })));

        Assert.Equal(31, (await _api.GetAsync($"{ConfigMaps}/a"))["data"]!.AsObject().Count);
    }

    [Fact]
    public async Task Delete_WithAFinalizer_WaitsForItsRemoval()
    {
        var body = Thing("a");
        body["metadata"]!["finalizers"] = new JsonArray("example.org/hold");
        await _api.SendAsync("POST", Things, body, HttpStatusCode.Created);
        var marked = await _api.SendAsync("DELETE", $"{Things}/a", null, HttpStatusCode.OK);
        var again = await _api.SendAsync("DELETE", $"{Things}/a", null, HttpStatusCode.OK);
        await _api.MergeAsync(
            $"{Things}/a", JsonNode.Parse("""{"metadata":{"finalizers":["example.org/hold","example.org/more"]}}""")!, HttpStatusCode.UnprocessableEntity);
        await _api.MergeAsync($"{Things}/a", JsonNode.Parse("""{"metadata":{"finalizers":null}}""")!);

        Assert.NotNull(marked["metadata"]!["deletionTimestamp"]);
        Assert.Equal((string?)marked["metadata"]!["resourceVersion"], (string?)again["metadata"]!["resourceVersion"]);
        await _api.SendAsync("GET", $"{Things}/a", null, HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("uid", "11111111-2222-3333-4444-555555555555")]
    [InlineData("resourceVersion", "1")]
    public async Task Delete_WithAPreconditionThatFails_IsAConflict(string field, string value)
    {
        await _api.SendAsync("POST", ConfigMaps, ConfigMap("a"), HttpStatusCode.Created);

        await _api.SendAsync("DELETE", $"{ConfigMaps}/a", new JsonObject { ["preconditions"] = new JsonObject { [field] = value } }, HttpStatusCode.Conflict);

        await _api.GetAsync($"{ConfigMaps}/a");
    }

    [Fact]
    public async Task DeleteCollection_WithALabel_LeavesTheRest()
    {
        foreach (var (name, group) in new[] { ("a", "1"), ("b", "2"), ("c", "1") })
        {
            var body = ConfigMap(name);
            body["metadata"]!["labels"] = new JsonObject { ["g"] = group };
            await _api.SendAsync("POST", ConfigMaps, body, HttpStatusCode.Created);
        }

        await _api.SendAsync("DELETE", $"{ConfigMaps}?labelSelector=g%3D1", null, HttpStatusCode.OK);

        var left = await _api.GetAsync(ConfigMaps);
        Assert.Equal("b", (string?)Assert.Single(left["items"]!.AsArray())!["metadata"]!["name"]);
    }

    [Fact]
    public async Task DryRun_OfEveryVerb_StoresNothing()
    {
        await _api.SendAsync("POST", ConfigMaps, ConfigMap("kept"), HttpStatusCode.Created);
        await _api.SendAsync("POST", $"{ConfigMaps}?dryRun=All", ConfigMap("trial"), HttpStatusCode.Created);
        await _api.MergeAsync($"{ConfigMaps}/kept?dryRun=All", JsonNode.Parse("""{"data":{"k":"changed"}}""")!);
        await _api.SendAsync("DELETE", $"{ConfigMaps}/kept?dryRun=All", null, HttpStatusCode.OK);

        await _api.SendAsync("GET", $"{ConfigMaps}/trial", null, HttpStatusCode.NotFound);
        Assert.Equal("v", (string?)(await _api.GetAsync($"{ConfigMaps}/kept"))["data"]!["k"]);
    }

    [Theory]
    [InlineData("Strict", 400)]
    [InlineData("Warn", 201)]
    [InlineData("Ignore", 201)]
    public async Task FieldValidation_OfAnUnknownField_IsAsAsked(string mode, int expected)
    {
        var body = Thing("a", new JsonObject { ["size"] = 1, ["nosuch"] = true });

        var (status, answer) = await _api.SendAsync("POST", $"{Things}?fieldValidation={mode}", body);

        Assert.Equal(expected, (int)status);
        Assert.Null(answer["spec"]?["nosuch"]);
    }

    [Fact]
    public async Task Apply_ByTwoManagers_ConflictsUnlessForced()
    {
        static JsonObject Sized(int size) => Thing("a", new JsonObject { ["size"] = size });
        await _api.ApplyAsync($"{Things}/a", Sized(1), "one", HttpStatusCode.Created);
        var conflict = await _api.ApplyAsync($"{Things}/a", Sized(2), "two", HttpStatusCode.Conflict);
        var forced = await _api.ApplyAsync($"{Things}/a", Sized(2), "two", force: true);
        var released = await _api.ApplyAsync($"{Things}/a", Thing("a"), "two");

        Assert.Equal(".spec.size", (string?)conflict["details"]!["causes"]![0]!["field"]);
        Assert.Equal(2, (int?)forced["spec"]!["size"]);
        Assert.Null(released["spec"]);
    }

    [Fact]
    public async Task Apply_OfTheSameAgain_MakesNoRevision()
    {
        var body = Thing("a", new JsonObject { ["size"] = 4, ["tags"] = new JsonArray("x", "y") });
        var first = await _api.ApplyAsync($"{Things}/a", body, "one", HttpStatusCode.Created);

        var second = await _api.ApplyAsync($"{Things}/a", body, "one");

        Assert.Equal((string?)first["metadata"]!["resourceVersion"], (string?)second["metadata"]!["resourceVersion"]);
    }

    [Theory]
    [InlineData("/apis/nosuch.example.org/v1/things", "text")]
    [InlineData("/apis/test.example.org/v9/things", "text")]
    [InlineData("/apis/test.example.org/v1/nosuch", "text")]
    [InlineData("/api/v1/nosuch", "kind")]
    [InlineData("/nosuch", "text")]
    [InlineData("/api/v1/namespaces/default/configmaps/a/b/c/d", "kind")]
    public async Task Get_OfAnUnknownPath_IsNotFound(string path, string field)
    {
        var (status, body) = await _api.SendAsync("GET", path);

        Assert.Equal(HttpStatusCode.NotFound, status);
        Assert.True(body.ContainsKey(field));
    }

    [Fact]
    public async Task Warning_OfAFieldThatNoHeaderCanHold_IsMadeHarmless()
    {
        var body = ConfigMap("a");
        body["n\u00e9\nw"] = 1;
        using var content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");

        using var response = await _api.Http.PostAsync(ConfigMaps, content);

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Contains("n??w", Assert.Single(response.Headers.Warning).Text, StringComparison.Ordinal);
    }
}
