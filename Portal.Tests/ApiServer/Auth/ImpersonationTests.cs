using System.Net;
using static Portal.Tests.ApiServer.TestApi;

namespace Portal.Tests.ApiServer.Auth;

/// <summary>Acting as somebody else, and the questions about access.</summary>
public sealed class ImpersonationTests : IAsyncLifetime
{
    private const string WhoAmI = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    private const string Access = "/apis/authorization.k8s.io/v1";

    private TestApi _api = null!;

    public async Task InitializeAsync() => _api = await StartAsync();

    public async Task DisposeAsync() => await _api.DisposeAsync();

    [Fact]
    public async Task Headers_MakeTheUser()
    {
        var caller = new Caller(
            _api, ("Impersonate-User", "ann"), ("Impersonate-Group", "devs"), ("Impersonate-Uid", "42"), ("Impersonate-Extra-Acme.com%2FScope", "one"));

        var (_, review) = await caller.SendAsync("POST", WhoAmI, new JsonObject());

        Assert.Equal(
            """{"username":"ann","uid":"42","groups":["devs","system:authenticated"],"extra":{"acme.com/scope":["one"]}}""",
            review["status"]!["userInfo"]!.ToJsonString());
    }

    [Fact]
    public async Task ExtraHeaders_ThatSpellOneKey_AreOne()
    {
        var caller = new Caller(_api, ("Impersonate-User", "ann"), ("Impersonate-Extra-scope", "one"), ("Impersonate-Extra-%73cope", "two"));

        var (_, review) = await caller.SendAsync("POST", WhoAmI, new JsonObject());

        Assert.Equal(["one", "two"], review["status"]!["userInfo"]!["extra"]!["scope"]!.AsArray().Select(value => (string)value!).Order());
    }

    [Fact]
    public async Task ServiceAccount_HasItsGroups()
    {
        var (_, review) = await Caller.User(_api, "system:serviceaccount:team:bot").SendAsync("POST", WhoAmI, new JsonObject());

        Assert.Equal(
            """["system:serviceaccounts","system:serviceaccounts:team","system:authenticated"]""", review["status"]!["userInfo"]!["groups"]!.ToJsonString());
    }

    [Fact]
    public async Task Caller_WithoutTheVerb_IsForbidden()
    {
        var token = await TokenAsync();

        var message = await new Caller(_api, ("Authorization", $"Bearer {token}"), ("Impersonate-User", "ann")).RefusedAsync("GET", "/version");

        Assert.Equal(
            "users \"ann\" is forbidden: User \"system:serviceaccount:default:default\" cannot impersonate resource \"users\" in API group \"\" at the cluster scope", message);
    }

    [Theory]
    [InlineData("Impersonate-Group", "system:masters")]
    [InlineData("Impersonate-Uid", "1")]
    [InlineData("Impersonate-Extra-scopes", "all")]
    public async Task Caller_WithTheVerbOnUsersAlone_MayTakeNothingElse(string header, string value)
    {
        await Rbac.GrantAsync(
            _api, "ServiceAccount/default/default", """[{"apiGroups":[""],"resources":["users"],"resourceNames":["ann"],"verbs":["impersonate"]}]""");
        var token = ("Authorization", $"Bearer {await TokenAsync()}");

        Assert.Equal(HttpStatusCode.OK, await new Caller(_api, token, ("Impersonate-User", "ann")).StatusAsync("GET", "/version"));
        await new Caller(_api, token, ("Impersonate-User", "bob")).RefusedAsync("GET", "/version");
        await new Caller(_api, token, ("Impersonate-User", "ann"), (header, value)).RefusedAsync("GET", "/version");
    }

    [Fact]
    public async Task ServiceAccount_IsTakenByTheVerbOnServiceAccounts()
    {
        await Rbac.GrantInAsync(
            _api, "default", "ServiceAccount/default/default", """[{"apiGroups":[""],"resources":["serviceaccounts"],"verbs":["impersonate"]}]""");
        var token = ("Authorization", $"Bearer {await TokenAsync()}");

        Assert.Equal(HttpStatusCode.OK, await new Caller(_api, token, ("Impersonate-User", "system:serviceaccount:default:x")).StatusAsync("GET", "/version"));
        await new Caller(_api, token, ("Impersonate-User", "system:serviceaccount:kube-system:x")).RefusedAsync("GET", "/version");
    }

    [Fact]
    public async Task Headers_WithoutAUser_AreABadRequest() =>
        Assert.Equal(HttpStatusCode.BadRequest, await new Caller(_api, ("Impersonate-Group", "devs")).StatusAsync("GET", "/version"));

    [Fact]
    public async Task SelfReview_IsAboutWhomTheCallerActsAs()
    {
        await Rbac.GrantAsync(_api, "User/ann", """[{"apiGroups":["apps"],"resources":["deployments"],"verbs":["get"]}]""");

        Assert.Equal("""{"allowed":true,"reason":"RBAC: allowed by""", (await SelfAsync("get", "deployments"))[..42]);
        Assert.Equal("""{"allowed":false}""", await SelfAsync("delete", "deployments"));

        async Task<string> SelfAsync(string verb, string resource)
        {
            var spec = new JsonObject { ["resourceAttributes"] = new JsonObject { ["verb"] = verb, ["group"] = "apps", ["resource"] = resource, ["namespace"] = "default" } };
            var (_, review) = await Caller.User(_api, "ann").SendAsync("POST", $"{Access}/selfsubjectaccessreviews", new JsonObject { ["spec"] = spec });
            return review["status"]!.ToJsonString();
        }
    }

    [Fact]
    public async Task RulesReview_ListsEveryRule()
    {
        await Rbac.GrantInAsync(_api, "default", "User/ann", """[{"apiGroups":["x"],"resources":["y"],"resourceNames":["z"],"verbs":["get"]}]""");

        var (_, review) = await Caller.User(_api, "ann").SendAsync(
            "POST", $"{Access}/selfsubjectrulesreviews", JsonNode.Parse("""{"spec":{"namespace":"default"}}"""));

        var status = review["status"]!;
        Assert.Contains("""{"verbs":["get"],"apiGroups":["x"],"resources":["y"],"resourceNames":["z"]}""", status["resourceRules"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("/openapi/*", status["nonResourceRules"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.False((bool)status["incomplete"]!);
    }

    [Theory]
    [InlineData("subjectaccessreviews", """{"resourceAttributes":{"verb":"get"}}""", "spec.user: Invalid value: \"\": at least one of user or group must be specified")]
    [InlineData("subjectaccessreviews", """{"user":"ann"}""", "exactly one of nonResourceAttributes or resourceAttributes must be specified")]
    [InlineData("namespaces/default/localsubjectaccessreviews", """{"user":"ann","resourceAttributes":{"verb":"get","namespace":"other"}}""", "must match metadata.namespace: default")]
    [InlineData("namespaces/default/localsubjectaccessreviews", """{"user":"ann","nonResourceAttributes":{"verb":"get","path":"/"}}""", "disallowed on this kind of request")]
    public async Task Review_ThatAsksNothing_IsInvalid(string path, string spec, string problem)
    {
        var status = await _api.SendAsync("POST", $"{Access}/{path}", new JsonObject { ["spec"] = JsonNode.Parse(spec) }, HttpStatusCode.UnprocessableEntity);

        Assert.Contains(problem, (string?)status["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task LocalReview_AnswersForItsNamespace()
    {
        await Rbac.GrantInAsync(_api, "default", "User/ann", """[{"apiGroups":[""],"resources":["pods"],"verbs":["get"]}]""");
        var spec = JsonNode.Parse("""{"user":"ann","resourceAttributes":{"verb":"get","resource":"pods","namespace":"default"}}""");

        var review = await _api.SendAsync(
            "POST", $"{Access}/namespaces/default/localsubjectaccessreviews", new JsonObject { ["spec"] = spec }, HttpStatusCode.Created);

        Assert.True((bool?)review["status"]!["allowed"]);
    }

    private async Task<string> TokenAsync()
    {
        var answer = await _api.SendAsync(
            "POST", "/api/v1/namespaces/default/serviceaccounts/default/token", new JsonObject { ["spec"] = new JsonObject() }, HttpStatusCode.Created);
        return (string)answer["status"]!["token"]!;
    }
}
