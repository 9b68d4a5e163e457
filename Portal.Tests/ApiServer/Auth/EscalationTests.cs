using System.Net;
using static Portal.Tests.ApiServer.TestApi;

namespace Portal.Tests.ApiServer.Auth;

/// <summary>Nobody gives away what they do not have.</summary>
public sealed class EscalationTests : IAsyncLifetime
{
    private const string ManageRbac = """{"apiGroups":["rbac.authorization.k8s.io"],"resources":["*"],"verbs":["create","update","patch","get"]}""";
    private const string ReadPods = """{"apiGroups":[""],"resources":["pods"],"verbs":["get","list"]}""";
    private const string ReadSecrets = """{"apiGroups":[""],"resources":["secrets"],"verbs":["list","get"]}""";

    private TestApi _api = null!;

    public async Task InitializeAsync()
    {
        _api = await StartAsync();
        await Rbac.GrantAsync(_api, "User/ann", $"[{ManageRbac},{ReadPods}]");
    }

    public async Task DisposeAsync() => await _api.DisposeAsync();

    private Caller Ann => Caller.User(_api, "ann");

    [Fact]
    public async Task Role_OfRulesTheWriterHas_IsCreated() =>
        Assert.Equal(HttpStatusCode.Created, await Ann.StatusAsync("POST", Rbac.Roles("default"), Rbac.Role("Role", "r", $"[{ReadPods}]")));

    [Fact]
    public async Task Role_OfRulesTheWriterLacks_IsForbiddenAndNamesThem()
    {
        var message = await Ann.RefusedAsync("POST", Rbac.Roles("default"), Rbac.Role("Role", "r", $"[{ReadPods},{ReadSecrets}]"));

        Assert.Equal(
            "roles.rbac.authorization.k8s.io \"r\" is forbidden: user \"ann\" (groups=[\"system:authenticated\"]) is attempting to grant RBAC permissions not currently held:\n"
            + "{APIGroups:[\"\"], Resources:[\"secrets\"], Verbs:[\"list\" \"get\"]}",
            message);
    }

    [Theory]
    [InlineData("""[{"apiGroups":["*"],"resources":["pods"],"verbs":["get"]}]""")]
    [InlineData("""[{"apiGroups":[""],"resources":["*"],"verbs":["get"]}]""")]
    [InlineData("""[{"apiGroups":[""],"resources":["pods"],"verbs":["*"]}]""")]
    [InlineData("""[{"apiGroups":[""],"resources":["pods/log"],"verbs":["get"]}]""")]
    [InlineData("""[{"nonResourceURLs":["/metrics"],"verbs":["get"]}]""")]
    public async Task ClusterRole_WiderThanTheWritersRights_IsForbidden(string rules) =>
        await Ann.RefusedAsync("POST", Rbac.ClusterRoles, Rbac.Role("ClusterRole", "r", rules));

    [Fact]
    public async Task Role_LimitedToNamesWithinAnUnlimitedRight_IsCreated()
    {
        var rules = """[{"apiGroups":[""],"resources":["pods"],"resourceNames":["a"],"verbs":["get"]}]""";

        Assert.Equal(HttpStatusCode.Created, await Ann.StatusAsync("POST", Rbac.ClusterRoles, Rbac.Role("ClusterRole", "named", rules)));
    }

    [Fact]
    public async Task Update_AddingARuleTheWriterLacks_IsForbidden_AndOfLabelsAloneIsNot()
    {
        await _api.SendAsync("POST", Rbac.ClusterRoles, Rbac.Role("ClusterRole", "strong", $"[{ReadSecrets}]"), HttpStatusCode.Created);

        await Ann.RefusedAsync("PATCH", $"{Rbac.ClusterRoles}/strong", JsonNode.Parse($$"""{"rules":[{{ReadSecrets}},{{ReadPods}}]}"""), "application/merge-patch+json");
        Assert.Equal(HttpStatusCode.OK, await Ann.StatusAsync(
            "PATCH", $"{Rbac.ClusterRoles}/strong", JsonNode.Parse("""{"metadata":{"labels":{"a":"b"}}}"""), "application/merge-patch+json"));
    }

    [Fact]
    public async Task EscalateVerb_LiftsTheLimit()
    {
        await Rbac.GrantAsync(_api, "User/ann", """[{"apiGroups":["rbac.authorization.k8s.io"],"resources":["clusterroles"],"verbs":["escalate"]}]""");

        Assert.Equal(HttpStatusCode.Created, await Ann.StatusAsync("POST", Rbac.ClusterRoles, Rbac.Role("ClusterRole", "r", $"[{ReadSecrets}]")));
        await Ann.RefusedAsync("POST", Rbac.Roles("default"), Rbac.Role("Role", "r", $"[{ReadSecrets}]"));
    }

    [Fact]
    public async Task Binding_ToARoleOfRulesTheWriterLacks_IsForbidden()
    {
        var message = await Ann.RefusedAsync("POST", Rbac.ClusterRoleBindings, Rbac.Binding("ClusterRoleBinding", "b", "ClusterRole/cluster-admin", "User/ann"));

        Assert.Contains("is attempting to grant RBAC permissions not currently held:", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Binding_ToARoleOfRulesTheWriterHas_IsCreated()
    {
        await _api.SendAsync("POST", Rbac.ClusterRoles, Rbac.Role("ClusterRole", "pods", $"[{ReadPods}]"), HttpStatusCode.Created);

        Assert.Equal(HttpStatusCode.Created, await Ann.StatusAsync("POST", Rbac.RoleBindings("default"), Rbac.Binding("RoleBinding", "b", "ClusterRole/pods", "User/bob")));
    }

    [Fact]
    public async Task BindVerb_OnTheRole_LiftsTheLimit()
    {
        await Rbac.GrantAsync(
            _api, "User/ann", """[{"apiGroups":["rbac.authorization.k8s.io"],"resources":["clusterroles"],"resourceNames":["view"],"verbs":["bind"]}]""");

        Assert.Equal(HttpStatusCode.Created, await Ann.StatusAsync("POST", Rbac.RoleBindings("default"), Rbac.Binding("RoleBinding", "b", "ClusterRole/view", "User/bob")));
        await Ann.RefusedAsync("POST", Rbac.RoleBindings("default"), Rbac.Binding("RoleBinding", "c", "ClusterRole/edit", "User/bob"));
    }

    [Fact]
    public async Task Binding_ToAMissingRole_IsNotFoundForThoseWhoMayNotBindAnything() =>
        Assert.Equal(HttpStatusCode.NotFound, await Ann.StatusAsync("POST", Rbac.RoleBindings("default"), Rbac.Binding("RoleBinding", "b", "Role/none", "User/bob")));

    [Fact]
    public async Task AggregatedRole_NeedsEveryRight()
    {
        var role = Rbac.Role("ClusterRole", "sum", "[]");
        role["aggregationRule"] = JsonNode.Parse("""{"clusterRoleSelectors":[{"matchLabels":{"a":"b"}}]}""");

        var message = await Ann.RefusedAsync("POST", Rbac.ClusterRoles, role);

        Assert.EndsWith("must have cluster-admin privileges to use the aggregationRule", message, StringComparison.Ordinal);
    }
}
