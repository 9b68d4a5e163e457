using System.Security.Claims;
using Portal.Auth;

namespace Portal.Tests.Portal.Auth;

public class AccessPolicyTests
{
    private static readonly Actor s_ada = new("oidc:corp:ada", "Ada", ActorKind.User);

    [Theory]
    [InlineData("team-a", "team-a", true)]
    [InlineData("team-a", "team-ab", false)]
    [InlineData("team-*", "team-ab", true)]
    [InlineData("team-*", "other-team-a", false)]
    [InlineData("team-*", null, false)]
    [InlineData("team-a", null, false)]
    [InlineData("*", "anything", true)]
    [InlineData("*", null, true)]
    public void Allows_Namespaces_FollowThePattern(string pattern, string? @namespace, bool expected)
    {
        var policy = new AccessPolicy([new RoleBinding("authors", null, PortalRole.Author, [pattern])]);

        Assert.Equal(expected, policy.Allows(Person("authors"), Permission.EditDraft, @namespace));
    }

    [Theory]
    [InlineData("*", "*", true)]
    [InlineData("*", "team-*", true)]
    [InlineData("team-*", "*", false)]
    [InlineData("team-*", "team-a-*", true)]
    [InlineData("team-a-*", "team-*", false)]
    [InlineData("team-*", "team-a", true)]
    [InlineData("team-a", "team-a*", false)]
    [InlineData("team-a", "team-a", true)]
    public void AllowsThroughout_Pattern_MustBeIncluded(string given, string asked, bool expected)
    {
        var policy = new AccessPolicy([new RoleBinding("authors", null, PortalRole.Author, [given])]);

        Assert.Equal(expected, policy.AllowsThroughout(Person("authors"), Permission.EditDraft, asked));
    }

    [Fact]
    public void Allows_NoBinding_NothingIsAllowed()
    {
        var policy = new AccessPolicy([new RoleBinding("authors", null, PortalRole.Admin, ["*"])]);

        foreach (var principal in new[] { Person("readers"), Person(), PortalClaims.Anonymous, new ClaimsPrincipal(new ClaimsIdentity([new Claim(PortalClaims.Group, "authors")])) })
        {
            Assert.DoesNotContain(Enum.GetValues<Permission>(), permission => policy.Allows(principal, permission, "team-a") || policy.AllowsSomewhere(principal, permission));
        }
    }

    [Fact]
    public void Allows_ByUser_ComparesIdAndTheChosenClaimOnly()
    {
        var policy = new AccessPolicy([new RoleBinding(null, "ada@example.com", PortalRole.Author, ["a"]), new RoleBinding(null, s_ada.Id, PortalRole.Viewer, ["b"])]);
        var named = PortalClaims.PrincipalOf(new Actor("oidc:corp:x", "ada@example.com", ActorKind.User), "test");
        var ada = PortalClaims.PrincipalOf(s_ada, "test", new Claim(PortalClaims.User, "ada@example.com"));

        Assert.True(policy.Allows(ada, Permission.EditDraft, "a"));
        Assert.True(policy.Allows(ada, Permission.ReadNamespace, "b"));
        Assert.False(policy.Allows(ada, Permission.EditDraft, "b"));
        Assert.False(policy.AllowsSomewhere(named, Permission.ReadNamespace));
    }

    [Theory]
    [InlineData("corp", true)]
    [InlineData("cor", false)]
    [InlineData("partner", false)]
    [InlineData(null, true)]
    public void Allows_BindingOfAProvider_CountsForItsPeopleOnly(string? provider, bool expected)
    {
        var policy = new AccessPolicy(
        [
            new RoleBinding("authors", null, PortalRole.Author, ["a"]) { Provider = provider }, new RoleBinding(null, "ada@example.com", PortalRole.Viewer, ["b"]) { Provider = provider },
        ]);
        var ada = PortalClaims.PrincipalOf(s_ada, "test", new Claim(PortalClaims.User, "ada@example.com"), new Claim(PortalClaims.Group, "authors"));

        Assert.Equal((expected, expected), (policy.Allows(ada, Permission.EditDraft, "a"), policy.Allows(ada, Permission.ReadNamespace, "b")));
    }

    [Fact]
    public void Allows_ReadOnly_RefusesEveryWriteAndSaysWhy()
    {
        var policy = new AccessPolicy(LocalPersona.Bindings, isReadOnly: true);
        var administrator = LocalPersona.Administrator.Principal();

        Assert.Equal(
            [Permission.ReadNamespace, Permission.Run, Permission.ReadAudit, Permission.ReadRuns],
            Enum.GetValues<Permission>().Where(permission => policy.Allows(administrator, permission, "demo")));
        var denied = Assert.Throws<AccessDeniedException>(() => policy.Demand(administrator, Permission.EditDraft, "demo"));
        Assert.Contains("Portal:ReadOnly", denied.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Demand_Denied_NamesWhoWhatWhereAndTheRolesThatMay()
    {
        var policy = new AccessPolicy([new RoleBinding("authors", null, PortalRole.Author, ["team-a"])]);

        var denied = Assert.Throws<AccessDeniedException>(() => policy.Demand(Person("authors"), Permission.ApproveRelease, "team-a"));

        Assert.Equal(
            "Ada may not decide on releases in the namespace \"team-a\". That takes the role Approver or Admin there; ask an administrator of the portal.", denied.Message);
    }

    // Nobody decides on what they may write themselves, by one role alone, except who may do everything.
    [Fact]
    public void Roles_ButAdmin_NeverWriteAndDecide() => Assert.DoesNotContain(
        Enum.GetValues<PortalRole>().Where(role => role != PortalRole.Admin).Select(RolePermissions.Of),
        may => may.Contains(Permission.ApproveRelease) && (may.Contains(Permission.SubmitRelease) || may.Contains(Permission.EditDraft)));

    private static ClaimsPrincipal Person(params string[] groups) =>
        PortalClaims.PrincipalOf(s_ada, "test", groups.Select(group => new Claim(PortalClaims.Group, group)));
}
