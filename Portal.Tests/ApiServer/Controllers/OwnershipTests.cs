using System.Net;
using static Portal.Tests.ApiServer.TestApi;

namespace Portal.Tests.ApiServer.Controllers;

/// <summary>Garbage collection by owner, namespaces, and CRDs that take their objects along. Waits on watches, never on time.</summary>
public sealed class OwnershipTests : IAsyncLifetime
{
    private TestApi _api = null!;

    public async Task InitializeAsync() => _api = await StartWithThingsAsync();

    public async Task DisposeAsync() => await _api.DisposeAsync();

    [Fact]
    public async Task Delete_OfAnOwner_TakesItsDependents()
    {
        var owner = await _api.SendAsync("POST", Things, Thing("owner"), HttpStatusCode.Created);
        using var watch = await _api.WatchAsync($"{ConfigMaps}?watch=true");
        await CreateOwnedAsync("child", owner);

        await _api.SendAsync("DELETE", $"{Things}/owner", null, HttpStatusCode.OK);

        Assert.Equal("ADDED child", await watch.NextTextAsync());
        Assert.Equal("DELETED child", await watch.NextTextAsync());
    }

    [Fact]
    public async Task Create_WithAnOwnerThatDoesNotExist_IsCollected()
    {
        using var watch = await _api.WatchAsync($"{ConfigMaps}?watch=true");
        var absent = Thing("absent");
        absent["metadata"]!["uid"] = Guid.NewGuid().ToString();

        await CreateOwnedAsync("child", absent);

        Assert.Equal("ADDED child", await watch.NextTextAsync());
        Assert.Equal("DELETED child", await watch.NextTextAsync());
    }

    [Fact]
    public async Task Delete_WithOrphan_LeavesDependentsWithoutReference()
    {
        var owner = await _api.SendAsync("POST", Things, Thing("owner"), HttpStatusCode.Created);
        await CreateOwnedAsync("child", owner);
        using var watch = await _api.WatchAsync($"{Things}?watch=true");
        Assert.Equal("ADDED owner", await watch.NextTextAsync());

        await _api.SendAsync("DELETE", $"{Things}/owner?propagationPolicy=Orphan", null, HttpStatusCode.OK);

        Assert.Equal("MODIFIED owner", await watch.NextTextAsync());
        Assert.Equal("DELETED owner", await watch.NextTextAsync());
        Assert.Null((await _api.GetAsync($"{ConfigMaps}/child"))["metadata"]!["ownerReferences"]);
    }

    [Fact]
    public async Task Delete_InTheForeground_KeepsTheOwnerUntilDependentsAreGone()
    {
        var owner = await _api.SendAsync("POST", Things, Thing("owner"), HttpStatusCode.Created);
        await CreateOwnedAsync("child", owner, finalizer: "example.org/hold");
        using var children = await _api.WatchAsync($"{ConfigMaps}?watch=true");
        using var owners = await _api.WatchAsync($"{Things}?watch=true");

        await _api.SendAsync("DELETE", $"{Things}/owner?propagationPolicy=Foreground", null, HttpStatusCode.OK);
        Assert.Equal("ADDED child", await children.NextTextAsync());
        Assert.Equal("MODIFIED child", await children.NextTextAsync());
        await _api.GetAsync($"{Things}/owner");
        await _api.MergeAsync($"{ConfigMaps}/child", JsonNode.Parse("""{"metadata":{"finalizers":null}}""")!);

        Assert.Equal("ADDED owner", await owners.NextTextAsync());
        Assert.Equal("MODIFIED owner", await owners.NextTextAsync());
        Assert.Equal("DELETED owner", await owners.NextTextAsync());
    }

    [Fact]
    public async Task Delete_OfOneOfTwoOwners_KeepsTheDependent()
    {
        var first = await _api.SendAsync("POST", Things, Thing("first"), HttpStatusCode.Created);
        var second = await _api.SendAsync("POST", Things, Thing("second"), HttpStatusCode.Created);
        await CreateOwnedAsync("child", first, other: second);
        using var watch = await _api.WatchAsync($"{ConfigMaps}?watch=true");
        Assert.Equal("ADDED child", await watch.NextTextAsync());

        await _api.SendAsync("DELETE", $"{Things}/first", null, HttpStatusCode.OK);

        var changed = await watch.NextAsync();
        Assert.Equal("second", (string?)Assert.Single(changed!["object"]!["metadata"]!["ownerReferences"]!.AsArray())!["name"]);
    }

    [Fact]
    public async Task Delete_OfANamespace_EmptiesItFirst()
    {
        await _api.SendAsync("POST", "/api/v1/namespaces", JsonNode.Parse("""{"metadata":{"name":"team"}}"""), HttpStatusCode.Created);
        await _api.SendAsync("POST", "/api/v1/namespaces/team/configmaps", ConfigMap("a"), HttpStatusCode.Created);
        using var watch = await _api.WatchAsync("/api/v1/namespaces?watch=true&fieldSelector=metadata.name%3Dteam");
        Assert.Equal("ADDED team", await watch.NextTextAsync());

        var marked = await _api.SendAsync("DELETE", "/api/v1/namespaces/team", null, HttpStatusCode.OK);

        Assert.Equal("Terminating", (string?)marked["status"]!["phase"]);
        Assert.Equal("MODIFIED team", await watch.NextTextAsync());
        Assert.Equal("DELETED team", await watch.NextTextAsync());
        await _api.SendAsync("GET", "/api/v1/namespaces/team/configmaps/a", null, HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Create_InANamespaceThatIsBeingDeleted_IsForbidden()
    {
        await _api.SendAsync("POST", "/api/v1/namespaces", JsonNode.Parse("""{"metadata":{"name":"team"}}"""), HttpStatusCode.Created);
        var held = ConfigMap("held");
        held["metadata"]!["finalizers"] = new JsonArray("example.org/hold");
        await _api.SendAsync("POST", "/api/v1/namespaces/team/configmaps", held, HttpStatusCode.Created);
        await _api.SendAsync("DELETE", "/api/v1/namespaces/team", null, HttpStatusCode.OK);

        var status = await _api.SendAsync("POST", "/api/v1/namespaces/team/configmaps", ConfigMap("late"), HttpStatusCode.Forbidden);

        Assert.Equal("NamespaceTerminating", (string?)status["details"]!["causes"]![0]!["reason"]);
    }

    [Fact]
    public async Task Create_OfACrd_IsServedWhenItReturns()
    {
        var definition = ThingDefinition();
        definition["metadata"]!["name"] = "others.test.example.org";
        definition["spec"]!["names"] = JsonNode.Parse("""{"kind":"Other","plural":"others"}""");
        await _api.SendAsync("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition, HttpStatusCode.Created);

        await _api.GetAsync("/apis/test.example.org/v1/namespaces/default/others");
        var crd = await _api.GetAsync("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/others.test.example.org");
        Assert.Contains(crd["status"]!["conditions"]!.AsArray(), condition =>
            (string?)condition!["type"] == "Established" && (string?)condition["status"] == "True");
    }

    [Fact]
    public async Task Create_OfACrdWithTakenNames_IsNotServed()
    {
        var definition = ThingDefinition();
        definition["metadata"]!["name"] = "others.test.example.org";
        definition["spec"]!["names"] = JsonNode.Parse("""{"kind":"Thing","plural":"others"}""");
        await _api.SendAsync("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition, HttpStatusCode.Created);

        var (status, _) = await _api.SendAsync("GET", "/apis/test.example.org/v1/namespaces/default/others");

        Assert.Equal(HttpStatusCode.NotFound, status);
    }

    private Task CreateOwnedAsync(string name, JsonObject owner, string? finalizer = null, JsonObject? other = null)
    {
        var body = ConfigMap(name);
        body["metadata"]!["ownerReferences"] = new JsonArray([.. new[] { owner, other }.OfType<JsonObject>().Select(Reference)]);
        if (finalizer is not null)
        {
            body["metadata"]!["finalizers"] = new JsonArray(finalizer);
        }

        return _api.SendAsync("POST", ConfigMaps, body, HttpStatusCode.Created);
    }

    private static JsonNode Reference(JsonObject owner) => new JsonObject
    {
        ["apiVersion"] = "test.example.org/v1",
        ["kind"] = "Thing",
        ["name"] = (string?)owner["metadata"]!["name"],
        ["uid"] = (string?)owner["metadata"]!["uid"],
        ["blockOwnerDeletion"] = true,
    };
}
