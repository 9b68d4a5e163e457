using System.Security.Claims;
using Microsoft.EntityFrameworkCore;
using Portal.Auth;
using Portal.Auth.Tokens;
using Portal.Tests.Portal.Data;
using Portal.Tests.Shared;

namespace Portal.Tests.Portal.Auth;

public sealed class ServiceTokensTests : IDisposable
{
    private static readonly AccessPolicy s_policy = new([new RoleBinding("leads", null, PortalRole.Admin, ["team-*"]), new RoleBinding("all", null, PortalRole.Admin, ["*"])]);
    private readonly TestDatabase _test = new();
    private readonly ManualTimeProvider _clock = new();
    private readonly ServiceTokens _tokens;

    public ServiceTokensTests() => _tokens = new ServiceTokens(_test.Database, _test.Audit, _clock);

    public void Dispose() => _test.Dispose();

    [Fact]
    public async Task Find_TokenInForce_MayWhatItWasGivenWhereItWasGiven()
    {
        var made = await _tokens.CreateAsync(User("leads"), Request("team-a") with { Permissions = [Permission.EditDraft] }, default);

        var principal = await _tokens.FindAsync(made.Secret, default);

        Assert.NotNull(principal);
        Assert.Equal(new Actor($"token:{made.Token.Id}", "ci", ActorKind.Token), PortalClaims.ActorOf(principal));
        Assert.True(s_policy.Allows(principal, Permission.EditDraft, "team-a"));
        Assert.False(s_policy.Allows(principal, Permission.EditDraft, "team-b"));
        Assert.False(s_policy.Allows(principal, Permission.ReadNamespace, "team-a"));
        Assert.Null(await _tokens.FindAsync(made.Secret + "x", default));
    }

    [Fact]
    public async Task Find_Expired_IsNobody()
    {
        var made = await _tokens.CreateAsync(User("all"), Request("*") with { Days = 7 }, default);
        Assert.NotNull(await _tokens.FindAsync(made.Secret, default));

        _clock.Advance(TimeSpan.FromDays(7));

        Assert.Null(await _tokens.FindAsync(made.Secret, default));
    }

    [Fact]
    public async Task Revoke_TokenInUse_IsNobodyAtOnceAlsoAfterARestart()
    {
        var made = await _tokens.CreateAsync(User("all"), Request("*"), default);
        Assert.NotNull(await _tokens.FindAsync(made.Secret, default));

        Assert.True(await _tokens.RevokeAsync(User("all"), made.Token.Id, default));
        Assert.True(await _tokens.RevokeAsync(User("all"), made.Token.Id, default));

        Assert.Null(await _tokens.FindAsync(made.Secret, default));
        Assert.Null(await new ServiceTokens(_test.Database, _test.Audit, _clock).FindAsync(made.Secret, default));
        Assert.False(await _tokens.RevokeAsync(User("all"), "none", default));
    }

    [Fact]
    public async Task Create_MoreThanOneHas_IsRefused()
    {
        await Assert.ThrowsAsync<AccessDeniedException>(() => _tokens.CreateAsync(User("leads"), Request("*"), default));
        await Assert.ThrowsAsync<AccessDeniedException>(() => _tokens.CreateAsync(User("leads"), Request("team-a", "other"), default));
        await Assert.ThrowsAsync<AccessDeniedException>(() => _tokens.CreateAsync(User("readers"), Request("team-a"), default));

        Assert.Empty(await _tokens.ListAsync(User("all"), default));
    }

    [Fact]
    public async Task List_TokensOfOtherNamespaces_AreNotShownNorRevoked()
    {
        var made = await _tokens.CreateAsync(User("all"), Request("team-a", "other"), default);

        Assert.Empty(await _tokens.ListAsync(User("leads"), default));
        await Assert.ThrowsAsync<AccessDeniedException>(() => _tokens.RevokeAsync(User("leads"), made.Token.Id, default));
        Assert.NotNull(await _tokens.FindAsync(made.Secret, default));
    }

    [Fact]
    public async Task Create_Always_KeepsNoSecretAndRecordsIt()
    {
        var made = await _tokens.CreateAsync(User("all"), Request("*"), default);
        await _tokens.RevokeAsync(User("all"), made.Token.Id, default);

        var audit = await _test.Database.ReadAsync(context => context.Audit.OrderBy(row => row.Sequence).ToListAsync());
        Assert.Equal(["token.created", "token.revoked"], audit.Select(row => row.Action));
        Assert.DoesNotContain(made.Secret, _test.Dump(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "team-a", 1, "name")]
    [InlineData("a\nb", "team-a", 1, "name")]
    [InlineData("ci", "Team_A", 1, "namespaces")]
    [InlineData("ci", "", 1, "namespaces")]
    [InlineData("ci", "team-a", 0, "days")]
    [InlineData("ci", "team-a", 367, "days")]
    public async Task Create_BadField_IsNamed(string name, string @namespace, int days, string field)
    {
        var exception = await Assert.ThrowsAsync<ArgumentException>(
            () => _tokens.CreateAsync(User("all"), new TokenRequest(name, [Permission.Run], [@namespace], days), default));

        Assert.StartsWith(field + ": ", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Permission.ApproveRelease)]
    [InlineData(Permission.BreakGlass)]
    [InlineData(Permission.ManageTokens)]
    [InlineData(Permission.ManageSettings)]
    [InlineData((Permission)99)]
    public async Task Create_WhatIsForPeople_IsRefusedAlsoToAdministrators(Permission permission)
    {
        var exception = await Assert.ThrowsAsync<ArgumentException>(
            () => _tokens.CreateAsync(User("all"), Request("*") with { Permissions = [Permission.Run, permission] }, default));

        Assert.StartsWith("permissions: ", exception.Message, StringComparison.Ordinal);
    }

    private static TokenRequest Request(params string[] namespaces) => new("ci", [Permission.ReadNamespace], namespaces, 30);

    private static CurrentUser User(string group)
    {
        var user = new CurrentUser(s_policy);
        user.Become(PortalClaims.PrincipalOf(new Actor("oidc:corp:" + group, group, ActorKind.User), "test", new Claim(PortalClaims.Group, group)), null);
        return user;
    }
}
