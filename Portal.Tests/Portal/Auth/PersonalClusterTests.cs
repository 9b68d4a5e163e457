using System.Net;
using System.Security.Claims;
using Portal.Auth;
using Portal.Auth.Options;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;
using Portal.Tests.Operator;

namespace Portal.Tests.Portal.Auth;

public sealed class PersonalClusterTests(IdleOperatorFixture fixture) : IClassFixture<IdleOperatorFixture>
{
    private static readonly PortalOptions s_on = new() { SignIn = new AuthOptions { ImpersonateUsers = true } };

    [Fact]
    public async Task For_ImpersonationOn_TheClustersOwnRolesDecideToo()
    {
        var place = await fixture.NewNamespaceAsync();
        var client = new PersonalCluster(place.Client, s_on).For(Ada());

        var refused = await Assert.ThrowsAsync<KubernetesException>(() => WriteAsync(client, place.Name));
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Contains("ada@example.com", refused.Message, StringComparison.Ordinal);

        await place.ApplyAsync("""
            kind: Role
            metadata: {name: writer}
            rules: [{apiGroups: [""], resources: [configmaps], verbs: [create, patch, get]}]
            ---
            kind: RoleBinding
            metadata: {name: writers}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: writer}
            subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: ada@example.com}]
            """);
        Assert.Equal("x", (await WriteAsync(client, place.Name)).Name);
    }

    [Fact]
    public async Task For_OneOfSeveralGroups_MayWhatTheClusterLetsIt()
    {
        var place = await fixture.NewNamespaceAsync();
        var client = new PersonalCluster(place.Client, s_on).For(Ada("readers", "the writers, all", "Büro", "system:masters", "a\r\nImpersonate-User: root"));

        // Not as one of the cluster's own administrators.
        var refused = await Assert.ThrowsAsync<KubernetesException>(() => WriteAsync(client, place.Name));
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);

        await place.ApplyAsync("""
            kind: Role
            metadata: {name: writer}
            rules: [{apiGroups: [""], resources: [configmaps], verbs: [create, patch, get]}]
            ---
            kind: RoleBinding
            metadata: {name: writers}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: writer}
            subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: "the writers, all"}]
            """);
        Assert.Equal("x", (await WriteAsync(client, place.Name)).Name);
        await Assert.ThrowsAsync<KubernetesException>(() => WriteAsync(new PersonalCluster(place.Client, s_on).For(Ada("readers")), place.Name));
    }

    [Fact]
    public async Task For_ImpersonationOff_IsThePortal()
    {
        var place = await fixture.NewNamespaceAsync();

        Assert.Equal("x", (await WriteAsync(new PersonalCluster(place.Client, new PortalOptions()).For(Ada()), place.Name)).Name);
    }

    private static Task<KubeObject> WriteAsync(KubeClient client, string @namespace) => client.Resource(BuiltIn.ConfigMap).ApplyAsync(
        new KubeObject(new JsonObject { ["apiVersion"] = "v1", ["kind"] = "ConfigMap", ["metadata"] = new JsonObject { ["name"] = "x", ["namespace"] = @namespace } }),
        new WriteOptions { Manager = FieldManager.Portal }, default);

    private static CurrentUser Ada(params IEnumerable<string> groups)
    {
        var user = new CurrentUser(new AccessPolicy([]));
        user.Become(PortalClaims.PrincipalOf(new Actor("oidc:corp:ada", "Ada", ActorKind.User), "test",
            [new Claim(PortalClaims.User, "ada@example.com"), .. groups.Select(group => new Claim(PortalClaims.Group, group))]), null);
        return user;
    }
}
