using System.Security.Claims;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Portal.Auth;
using Portal.Auth.Options;
using Portal.Auth.Sessions;
using Portal.Tests.Portal.Data;
using Portal.Tests.Shared;

namespace Portal.Tests.Portal.Auth;

public sealed class SessionStoreTests : IDisposable
{
    private static readonly PortalOptions s_options = new() { SignIn = new AuthOptions { SessionIdle = TimeSpan.FromHours(1), SessionLifetime = TimeSpan.FromHours(3) } };
    private readonly TestDatabase _test = new();
    private readonly ManualTimeProvider _clock = new();
    private readonly EphemeralDataProtectionProvider _protection = new();
    private readonly SessionStore _store;
    private readonly List<string> _ended = [];

    public SessionStoreTests()
    {
        _store = NewStore();
        _store.Ended += _ended.Add;
    }

    public void Dispose()
    {
        _store.Dispose();
        _test.Dispose();
    }

    [Fact]
    public async Task Find_SessionInForce_IsThePersonAlsoAfterARestart()
    {
        var key = await StartAsync("ada", "sid-1");

        using var restarted = NewStore();
        foreach (var store in new[] { _store, restarted })
        {
            var session = await store.FindAsync(key, default);
            Assert.Equal(new Actor("oidc:corp:ada", "Ada", ActorKind.User), PortalClaims.ActorOf(session!.Principal));
            Assert.True(session.Principal.HasClaim(PortalClaims.Group, "authors"));
            Assert.Equal("id-token", session.IdToken);
        }

        Assert.Null(await _store.FindAsync(key + "0", default));
        Assert.Null(await _store.FindAsync(SessionStore.IdOf(key), default));
    }

    [Fact]
    public async Task Find_UsedBeforeItIsIdle_LastsUntilItsLifetimeIsOver()
    {
        var key = await StartAsync("ada", null);
        for (var minutes = 0; minutes < 150; minutes += 50)
        {
            _clock.Advance(TimeSpan.FromMinutes(50));
            Assert.NotNull(await _store.FindAsync(key, default));
        }

        _clock.Advance(TimeSpan.FromMinutes(30));
        Assert.Null(await _store.FindAsync(key, default));
        Assert.Equal([SessionStore.IdOf(key)], _ended);
    }

    [Fact]
    public async Task Find_Idle_IsNobody()
    {
        var key = await StartAsync("ada", null);
        _clock.Advance(TimeSpan.FromHours(1));

        Assert.Null(await _store.FindAsync(key, default));
    }

    [Fact]
    public async Task Sweep_TimeIsOver_EndsItWithoutARequestAndRecordsIt()
    {
        var idle = await StartAsync("ada", null);
        var used = await StartAsync("ben", null);
        _clock.Advance(TimeSpan.FromMinutes(40));
        await _store.FindAsync(used, default);
        _clock.Advance(TimeSpan.FromMinutes(30));

        await _store.SweepAsync(default);

        Assert.Equal([SessionStore.IdOf(idle)], _ended);
        Assert.NotNull(await _store.FindAsync(used, default));
        var last = await _test.Database.ReadAsync(context => context.Audit.OrderByDescending(row => row.Sequence).FirstAsync());
        Assert.Equal(("signin.ended", "oidc:corp:ada", "expired"), (last.Action, last.ActorId, last.Reason));
    }

    [Theory]
    [InlineData("ada", "sid-1", 1)]
    [InlineData("ada", null, 2)]
    [InlineData(null, "sid-2", 1)]
    [InlineData("ben", "sid-1", 0)]
    [InlineData("nobody", null, 0)]
    public async Task End_AtTheProvider_EndsTheSessionsItNames(string? subject, string? session, int expected)
    {
        string[] keys = [await StartAsync("ada", "sid-1"), await StartAsync("ada", "sid-2"), await StartAsync("ben", "sid-3")];
        foreach (var key in keys)
        {
            await _store.FindAsync(key, default);
        }

        Assert.Equal(expected, await _store.EndAsync("corp", subject, session, "signed out at the provider", default));
        Assert.Equal(0, await _store.EndAsync("other", subject, session, "signed out at the provider", default));

        var left = 0;
        foreach (var key in keys)
        {
            left += await _store.FindAsync(key, default) is null ? 0 : 1;
        }

        Assert.Equal(3 - expected, left);
        Assert.Equal(expected, _ended.Count);
    }

    // What lies on disk opens no session, and says nothing about people's tokens.
    [Fact]
    public async Task Start_Always_KeepsNeitherKeyNorTokenInTheClear()
    {
        var key = await StartAsync("ada", null);

        var stored = _test.Dump();

        Assert.DoesNotContain(key, stored, StringComparison.Ordinal);
        Assert.DoesNotContain("id-token", stored, StringComparison.Ordinal);
        Assert.Contains(SessionStore.IdOf(key), stored, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Find_KeyRingLost_IsNobody()
    {
        var key = await StartAsync("ada", null);
        using var other = new SessionStore(_test.Database, _test.Audit, new EphemeralDataProtectionProvider(), s_options, _clock);

        Assert.Null(await other.FindAsync(key, default));
    }

    private SessionStore NewStore() => new(_test.Database, _test.Audit, _protection, s_options, _clock);

    private Task<string> StartAsync(string subject, string? session)
    {
        var name = char.ToUpperInvariant(subject[0]) + subject[1..];
        var principal = PortalClaims.PrincipalOf(new Actor("oidc:corp:" + subject, name, ActorKind.User), "oidc:corp", new Claim(PortalClaims.Group, "authors"));
        return _store.StartAsync(principal, new SessionOrigin("corp", subject, session, "id-token"), "127.0.0.1", default);
    }
}
