using System.Net;
using static Portal.Tests.ApiServer.TestApi;

namespace Portal.Tests.ApiServer.Auth;

/// <summary>What roles and bindings allow, over HTTP as somebody else.</summary>
public sealed class AuthorizationTests : IAsyncLifetime
{
    private const string Pods = "/api/v1/namespaces/default/pods";

    private TestApi _api = null!;

    public async Task InitializeAsync() => _api = await StartWithThingsAsync();

    public async Task DisposeAsync() => await _api.DisposeAsync();

    [Theory]
    [InlineData("GET", "/api/v1/namespaces/default/pods/p", "pods \"p\" is forbidden: User \"ann\" cannot get resource \"pods\" in API group \"\" in the namespace \"default\"")]
    [InlineData("GET", "/api/v1/pods", "pods is forbidden: User \"ann\" cannot list resource \"pods\" in API group \"\" at the cluster scope")]
    [InlineData("GET", "/api/v1/pods?watch=true", "pods is forbidden: User \"ann\" cannot watch resource \"pods\" in API group \"\" at the cluster scope")]
    [InlineData("GET", "/api/v1/namespaces/default/pods/p/log", "pods \"p\" is forbidden: User \"ann\" cannot get resource \"pods/log\" in API group \"\" in the namespace \"default\"")]
    [InlineData("DELETE", "/apis/apps/v1/namespaces/default/deployments", "deployments.apps is forbidden: User \"ann\" cannot deletecollection resource \"deployments\" in API group \"apps\" in the namespace \"default\"")]
    [InlineData("GET", "/api/v1/namespaces/other", "namespaces \"other\" is forbidden: User \"ann\" cannot get resource \"namespaces\" in API group \"\" in the namespace \"other\"")]
    [InlineData("GET", "/metrics", "forbidden: User \"ann\" cannot get path \"/metrics\"")]
    [InlineData("POST", "/apis/nosuch.example.org/v1/things", "things.nosuch.example.org is forbidden: User \"ann\" cannot create resource \"things\" in API group \"nosuch.example.org\" at the cluster scope")]
    public async Task Request_WithoutARule_IsForbiddenInTheWordsOfTheRealServer(string method, string path, string message) =>
        Assert.Equal(message, await Caller.User(_api, "ann").RefusedAsync(method, path));

    [Fact]
    public async Task Refusal_NamesWhatWasAskedForInItsDetails()
    {
        var (_, status) = await Caller.User(_api, "ann").SendAsync("PUT", $"{ConfigMaps}/c", ConfigMap("c"));

        Assert.Equal("""{"name":"c","kind":"configmaps"}""", status["details"]!.ToJsonString());
        Assert.Equal(403, (int?)status["code"]);
    }

    [Theory]
    [InlineData("User/ann")]
    [InlineData("Group/devs")]
    public async Task RoleBinding_ForAUserOrGroup_AllowsInItsNamespaceOnly(string subject)
    {
        await _api.SendAsync("POST", "/api/v1/namespaces", new JsonObject { ["metadata"] = new JsonObject { ["name"] = "other" } }, HttpStatusCode.Created);
        await Rbac.GrantInAsync(_api, "default", subject, """[{"apiGroups":[""],"resources":["configmaps"],"verbs":["list"]}]""");
        var ann = Caller.User(_api, "ann", "devs");

        Assert.Equal(HttpStatusCode.OK, await ann.StatusAsync("GET", ConfigMaps));
        await ann.RefusedAsync("GET", "/api/v1/configmaps");
        await ann.RefusedAsync("GET", "/api/v1/namespaces/other/configmaps");
        await ann.RefusedAsync("POST", ConfigMaps, ConfigMap("c"));
        await Caller.User(_api, "bob").RefusedAsync("GET", ConfigMaps);
    }

    [Fact]
    public async Task RoleBinding_ToAClusterRole_AllowsInItsNamespaceOnly()
    {
        await _api.SendAsync("POST", Rbac.RoleBindings("default"), Rbac.Binding("RoleBinding", "v", "ClusterRole/view", "User/ann"), HttpStatusCode.Created);
        var ann = Caller.User(_api, "ann");

        Assert.Equal(HttpStatusCode.OK, await ann.StatusAsync("GET", Pods));
        await ann.RefusedAsync("GET", "/api/v1/namespaces/default/secrets");
        await ann.RefusedAsync("GET", "/api/v1/namespaces/kube-system/pods");
        await ann.RefusedAsync("POST", Pods, new JsonObject());
    }

    [Fact]
    public async Task Rule_WithSubresources_AllowsThoseAlone()
    {
        await Rbac.GrantAsync(_api, "User/ann", """
            [{"apiGroups":["*"],"resources":["*/scale"],"verbs":["get","patch"]},{"apiGroups":["test.example.org"],"resources":["things/status"],"verbs":["*"]}]
            """);
        await _api.SendAsync("POST", Things, Thing("a"), HttpStatusCode.Created);
        var ann = Caller.User(_api, "ann");

        Assert.Equal(HttpStatusCode.OK, await ann.StatusAsync("GET", $"{Things}/a/scale"));
        Assert.Equal(HttpStatusCode.OK, await ann.StatusAsync("GET", $"{Things}/a/status"));
        await ann.RefusedAsync("GET", $"{Things}/a");
        await ann.RefusedAsync("GET", $"{Pods}/p/log");
        await ann.RefusedAsync("PUT", $"{Things}/a/scale", new JsonObject());
    }

    [Fact]
    public async Task Rule_WithResourceNames_AllowsThoseNamesAndListsOfThem()
    {
        await Rbac.GrantAsync(_api, "User/ann", """[{"apiGroups":[""],"resources":["configmaps"],"resourceNames":["mine"],"verbs":["*"]}]""");
        await _api.SendAsync("POST", ConfigMaps, ConfigMap("mine"), HttpStatusCode.Created);
        var ann = Caller.User(_api, "ann");

        Assert.Equal(HttpStatusCode.OK, await ann.StatusAsync("GET", $"{ConfigMaps}/mine"));
        Assert.Equal(HttpStatusCode.OK, await ann.StatusAsync("GET", $"{ConfigMaps}?fieldSelector=metadata.name%3Dmine"));
        await ann.RefusedAsync("GET", $"{ConfigMaps}/other");
        await ann.RefusedAsync("GET", ConfigMaps);
        await ann.RefusedAsync("GET", $"{ConfigMaps}?fieldSelector=metadata.name!%3Dmine");
        await ann.RefusedAsync("POST", ConfigMaps, ConfigMap("mine"));
    }

    [Theory]
    [InlineData("/metrics", "/metrics", true)]
    [InlineData("/metrics", "/metrics/x", false)]
    [InlineData("/debug/*", "/debug/pprof", true)]
    [InlineData("*", "/anything", true)]
    public async Task Rule_WithPaths_AllowsThem(string rule, string path, bool allowed)
    {
        await Rbac.GrantAsync(_api, "User/ann", $$"""[{"nonResourceURLs":["{{rule}}"],"verbs":["get"]}]""");

        // Nothing is served there: what was allowed is not found.
        Assert.Equal(allowed ? HttpStatusCode.NotFound : HttpStatusCode.Forbidden, await Caller.User(_api, "ann").StatusAsync("GET", path));
    }

    [Theory]
    [InlineData("/api", HttpStatusCode.OK)]
    [InlineData("/apis/apps/v1", HttpStatusCode.OK)]
    [InlineData("/openapi/v3", HttpStatusCode.OK)]
    [InlineData("/version", HttpStatusCode.OK)]
    [InlineData("/", HttpStatusCode.Forbidden)]
    public async Task Discovery_IsForEverybodyWithAName(string path, HttpStatusCode expected) =>
        Assert.Equal(expected, await Caller.User(_api, "ann").StatusAsync("GET", path));

    [Fact]
    public async Task Binding_DeletedAgain_TakesTheRightAway()
    {
        await _api.SendAsync("POST", Rbac.ClusterRoleBindings, Rbac.Binding("ClusterRoleBinding", "v", "ClusterRole/view", "User/ann"), HttpStatusCode.Created);
        Assert.Equal(HttpStatusCode.OK, await Caller.User(_api, "ann").StatusAsync("GET", Pods));

        await _api.SendAsync("DELETE", $"{Rbac.ClusterRoleBindings}/v", null, HttpStatusCode.OK);

        await Caller.User(_api, "ann").RefusedAsync("GET", Pods);
    }

    [Fact]
    public async Task Binding_ToAMissingRole_SaysSoInTheRefusal()
    {
        await _api.SendAsync("POST", Rbac.ClusterRoleBindings, Rbac.Binding("ClusterRoleBinding", "v", "ClusterRole/none", "User/ann"), HttpStatusCode.Created);

        var message = await Caller.User(_api, "ann").RefusedAsync("GET", Pods);

        Assert.EndsWith(": RBAC: clusterrole.rbac.authorization.k8s.io \"none\" not found", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Masters_MayDoEverything()
    {
        await _api.SendAsync("DELETE", $"{Rbac.ClusterRoleBindings}/cluster-admin", null, HttpStatusCode.OK);

        Assert.Equal(HttpStatusCode.OK, await Caller.User(_api, "root", "system:masters").StatusAsync("GET", "/api/v1/secrets"));
    }

    [Fact]
    public async Task Apply_ThatCreates_NeedsTheRightToCreate()
    {
        await Rbac.GrantAsync(_api, "User/ann", """[{"apiGroups":[""],"resources":["configmaps"],"verbs":["patch"]}]""");
        await _api.SendAsync("POST", ConfigMaps, ConfigMap("there"), HttpStatusCode.Created);
        var ann = Caller.User(_api, "ann");

        Assert.Equal(HttpStatusCode.OK, await ann.StatusAsync("PATCH", $"{ConfigMaps}/there?fieldManager=m&force=true", ConfigMap("there"), "application/apply-patch+yaml"));
        var message = await ann.RefusedAsync("PATCH", $"{ConfigMaps}/new?fieldManager=m", ConfigMap("new"), "application/apply-patch+yaml");
        Assert.Contains("cannot create resource \"configmaps\"", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST", "/api/v1/watch/namespaces/default/configmaps", HttpStatusCode.MethodNotAllowed)]
    [InlineData("DELETE", "/api/v1/watch/namespaces/default/configmaps/c", HttpStatusCode.MethodNotAllowed)]
    public async Task WatchPath_WithAnotherMethod_IsRefused(string method, string path, HttpStatusCode expected)
    {
        await Rbac.GrantAsync(_api, "User/ann", """[{"apiGroups":[""],"resources":["configmaps"],"verbs":["watch"]}]""");

        Assert.Equal(expected, await Caller.User(_api, "ann").StatusAsync(method, path, ConfigMap("c")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("&fieldSelector=metadata.namespace%3Ddefault")]
    public async Task WatchPath_OfOneObject_TellsOfThatAlone(string query)
    {
        await Rbac.GrantAsync(_api, "User/ann", """[{"apiGroups":[""],"resources":["configmaps"],"resourceNames":["c"],"verbs":["watch"]}]""");
        await _api.SendAsync("POST", ConfigMaps, ConfigMap("b"), HttpStatusCode.Created);
        await _api.SendAsync("POST", ConfigMaps, ConfigMap("c"), HttpStatusCode.Created);
        var ann = Caller.User(_api, "ann");

        // One line, or it would not parse.
        var (_, body) = await ann.SendAsync("GET", $"/api/v1/watch/namespaces/default/configmaps/c?timeoutSeconds=1{query}");

        Assert.Equal("ADDED c", $"{body["type"]} {body["object"]!["metadata"]!["name"]}");
        Assert.Equal(HttpStatusCode.Forbidden, await ann.StatusAsync("GET", "/api/v1/watch/namespaces/default/configmaps/b?fieldSelector=metadata.name%3Dc"));
        Assert.Equal(HttpStatusCode.NotFound, (await _api.SendAsync("GET", "/api/v1/watch/namespaces/default/pods/p/log")).Status);
    }

    [Fact]
    public async Task Binding_OfAServiceAccountWithoutNamespace_IsInvalid()
    {
        var binding = Rbac.Binding("RoleBinding", "b", "ClusterRole/view", "ServiceAccount/x/bot");
        binding["subjects"]![0]!.AsObject().Remove("namespace");

        var refused = await _api.SendAsync("POST", Rbac.RoleBindings("default"), binding, HttpStatusCode.UnprocessableEntity);

        Assert.Equal("subjects[0].namespace", (string?)refused["details"]!["causes"]![0]!["field"]);
    }

    [Fact]
    public async Task WatchPath_WithAQueryAgainstIt_IsAWatch()
    {
        await Rbac.GrantAsync(_api, "User/ann", """[{"apiGroups":[""],"resources":["configmaps"],"verbs":["watch"]}]""");
        await _api.SendAsync("POST", ConfigMaps, ConfigMap("c"), HttpStatusCode.Created);

        var (_, body) = await Caller.User(_api, "ann").SendAsync("GET", "/api/v1/watch/namespaces/default/configmaps?watch=false&timeoutSeconds=1");

        Assert.Equal("ADDED", (string?)body["type"]);
    }
}
