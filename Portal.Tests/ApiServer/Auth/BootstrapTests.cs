using System.Net;
using Portal.ApiServer;
using static Portal.Tests.ApiServer.TestApi;

namespace Portal.Tests.ApiServer.Auth;

/// <summary>What a cluster has from the start, roles made of roles, and the rules for writing them.</summary>
public sealed class BootstrapTests : IAsyncLifetime
{
    private static readonly (string Name, string Selects)[] s_selections = [("x", "y"), ("y", "z"), ("z", "x")];

    private TestApi _api = null!;

    public async Task InitializeAsync() => _api = await StartAsync();

    public async Task DisposeAsync() => await _api.DisposeAsync();

    [Theory]
    [InlineData("view", "get", "configmaps", true)]
    [InlineData("view", "get", "secrets", false)]
    [InlineData("view", "create", "configmaps", false)]
    [InlineData("edit", "create", "configmaps", true)]
    [InlineData("edit", "get", "secrets", true)]
    [InlineData("edit", "get", "configmaps", true)]
    [InlineData("edit", "create", "serviceaccounts/token", true)]
    [InlineData("admin", "delete", "secrets", true)]
    [InlineData("admin", "get", "pods/log", true)]
    [InlineData("cluster-admin", "get", "nodes", true)]
    public async Task Role_AllowsWhatItIsFor(string role, string verb, string resource, bool allowed)
    {
        await _api.SendAsync("POST", Rbac.RoleBindings("default"), Rbac.Binding("RoleBinding", "b", $"ClusterRole/{role}", "User/ann"), HttpStatusCode.Created);

        var parts = resource.Split('/');
        var review = new JsonObject
        {
            ["spec"] = new JsonObject
            {
                ["user"] = "ann",
                ["resourceAttributes"] = new JsonObject
                {
                    ["namespace"] = "default",
                    ["verb"] = verb,
                    ["resource"] = parts[0],
                    ["subresource"] = parts.ElementAtOrDefault(1) ?? "",
                },
            },
        };
        var answer = await _api.SendAsync("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", review, HttpStatusCode.Created);

        Assert.Equal(allowed, (bool?)answer["status"]!["allowed"]);
    }

    [Fact]
    public async Task AggregatedRole_FollowsTheRolesItSelects()
    {
        var crons = """[{"apiGroups":["example.org"],"resources":["crons"],"verbs":["get"]}]""";
        var role = Rbac.Role("ClusterRole", "crons-view", crons);
        role["metadata"]!["labels"] = new JsonObject { ["rbac.authorization.k8s.io/aggregate-to-view"] = "true" };
        await _api.SendAsync("POST", Rbac.ClusterRoles, role, HttpStatusCode.Created);

        // View is part of edit, and edit of admin.
        foreach (var name in (string[])["view", "edit", "admin"])
        {
            Assert.Contains("crons", await RulesAsync(name), StringComparison.Ordinal);
        }

        await _api.SendAsync("DELETE", $"{Rbac.ClusterRoles}/crons-view", null, HttpStatusCode.OK);

        Assert.DoesNotContain("crons", await RulesAsync("admin"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AggregatedRoles_ThatSelectEachOther_Settle()
    {
        foreach (var (name, selects) in s_selections)
        {
            var role = Rbac.Role("ClusterRole", name, "[]");
            role["metadata"]!["labels"] = new JsonObject { ["is"] = name };
            role["aggregationRule"] = new JsonObject
            {
                ["clusterRoleSelectors"] = new JsonArray(
                    new JsonObject { ["matchLabels"] = new JsonObject { ["is"] = selects } }, new JsonObject { ["matchLabels"] = new JsonObject { ["is"] = "leaf" } }),
            };
            await _api.SendAsync("POST", Rbac.ClusterRoles, role, HttpStatusCode.Created);
        }

        var leaf = Rbac.Role("ClusterRole", "leaf", """[{"apiGroups":[""],"resources":["pods"],"verbs":["get"]}]""");
        leaf["metadata"]!["labels"] = new JsonObject { ["is"] = "leaf" };
        await _api.SendAsync("POST", Rbac.ClusterRoles, leaf, HttpStatusCode.Created);

        Assert.Equal(await RulesAsync("leaf"), await RulesAsync("x"));
        Assert.Equal(await RulesAsync("leaf"), await RulesAsync("z"));
    }

    [Fact]
    public async Task Namespace_HasADefaultServiceAccount_AndGetsItBack()
    {
        await _api.SendAsync("POST", "/api/v1/namespaces", new JsonObject { ["metadata"] = new JsonObject { ["name"] = "team" } }, HttpStatusCode.Created);
        var first = await _api.GetAsync("/api/v1/namespaces/team/serviceaccounts/default");

        await _api.SendAsync("DELETE", "/api/v1/namespaces/team/serviceaccounts/default", null, HttpStatusCode.OK);

        var second = await _api.GetAsync("/api/v1/namespaces/team/serviceaccounts/default");
        Assert.NotEqual((string?)first["metadata"]!["uid"], (string?)second["metadata"]!["uid"]);
    }

    [Fact]
    public async Task Restart_KeepsWhatAnAdministratorChanged_AndAddsWhatIsMissing()
    {
        var directory = Directory.CreateTempSubdirectory("bootstrap-");
        try
        {
            var options = new ApiServerOptions { DatabasePath = Path.Combine(directory.FullName, "cluster.db") };
            await using (var first = await StartAsync(options))
            {
                await first.MergeAsync($"{Rbac.ClusterRoles}/system:basic-user", JsonNode.Parse("""{"rules":[{"apiGroups":["x"],"resources":["y"],"verbs":["get"]}]}""")!);
                await first.MergeAsync($"{Rbac.ClusterRoles}/system:discovery", JsonNode.Parse(
                    """{"metadata":{"annotations":{"rbac.authorization.kubernetes.io/autoupdate":"false"}},"rules":[]}""")!);
                await first.SendAsync("DELETE", $"{Rbac.ClusterRoles}/view", null, HttpStatusCode.OK);
            }

            await using var second = await StartAsync(options);

            var basic = (await second.GetAsync($"{Rbac.ClusterRoles}/system:basic-user"))["rules"]!.AsArray();
            Assert.Equal("x", (string?)basic[0]!["apiGroups"]![0]);
            Assert.Equal(3, basic.Count);
            Assert.Empty((await second.GetAsync($"{Rbac.ClusterRoles}/system:discovery"))["rules"]!.AsArray());
            Assert.NotEmpty((await second.GetAsync($"{Rbac.ClusterRoles}/view"))["rules"]!.AsArray());
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("""[{"verbs":[],"apiGroups":[""],"resources":["pods"]}]""", "rules[0].verbs: Required value: verbs must contain at least one value")]
    [InlineData("""[{"verbs":["get"],"resources":["pods"]}]""", "rules[0].apiGroups: Required value: resource rules must supply at least one api group")]
    [InlineData("""[{"verbs":["get"],"apiGroups":[""]}]""", "rules[0].resources: Required value: resource rules must supply at least one resource")]
    [InlineData("""[{"verbs":["get"],"nonResourceURLs":["/a"]}]""", "rules[0].nonResourceURLs: Invalid value: [\"/a\"]: namespaced rules cannot apply to non-resource URLs")]
    public async Task Role_WithARuleThatSaysNothingWhole_IsInvalid(string rules, string problem)
    {
        var status = await _api.SendAsync("POST", Rbac.Roles("default"), Rbac.Role("Role", "r", rules), HttpStatusCode.UnprocessableEntity);

        Assert.Equal($"Role.rbac.authorization.k8s.io \"r\" is invalid: {problem}", (string?)status["message"]);
    }

    [Theory]
    [InlineData("""{"roleRef":{"kind":"Role","name":"r"}}""", "roleRef.kind: Unsupported value: \"Role\": supported values: \"ClusterRole\"")]
    [InlineData("""{"roleRef":{"kind":"ClusterRole","name":"r"},"subjects":[{"kind":"Robot","name":"x"}]}""", "subjects[0].kind: Unsupported value: \"Robot\": supported values: \"ServiceAccount\", \"User\", \"Group\"")]
    [InlineData("""{"roleRef":{"kind":"ClusterRole","name":"r"},"subjects":[{"kind":"ServiceAccount","name":"x"}]}""", "subjects[0].namespace: Required value")]
    public async Task Binding_ThatPointsNowhere_IsInvalid(string fields, string problem)
    {
        var binding = JsonNode.Parse(fields)!.AsObject();
        binding["metadata"] = new JsonObject { ["name"] = "b" };

        var status = await _api.SendAsync("POST", Rbac.ClusterRoleBindings, binding, HttpStatusCode.UnprocessableEntity);

        Assert.Equal($"ClusterRoleBinding.rbac.authorization.k8s.io \"b\" is invalid: {problem}", (string?)status["message"]);
    }

    private async Task<string> RulesAsync(string role) => (await _api.GetAsync($"{Rbac.ClusterRoles}/{role}"))["rules"]?.ToJsonString() ?? "";
}
