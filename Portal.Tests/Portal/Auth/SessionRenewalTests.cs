using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Portal.Auth;
using Portal.Auth.Oidc;
using Portal.Auth.Options;
using Portal.Auth.Sessions;
using Portal.Tests.Portal.Data;
using Portal.Tests.Shared;

namespace Portal.Tests.Portal.Auth;

/// <summary>Groups that change at the provider while somebody is signed in; the provider is real, the time is not.</summary>
public sealed class SessionRenewalTests : IAsyncLifetime
{
    private static readonly TimeSpan s_age = TimeSpan.FromHours(1);

    private readonly TestDatabase _test = new();
    private readonly ManualTimeProvider _clock = new(TimeProvider.System.GetUtcNow());
    private readonly EphemeralDataProtectionProvider _protection = new();
    private readonly List<string> _asked = [];
    private FakeIdentityProvider _provider = null!;
    private PortalOptions _options = null!;
    private OidcProviders _providers = null!;
    private SessionStore _store = null!;
    private SessionRenewal _renewal = null!;

    public async Task InitializeAsync()
    {
        _provider = await FakeIdentityProvider.StartAsync();
        _options = new PortalOptions
        {
            SignIn = new AuthOptions
            {
                ClaimsMaxAge = s_age,
                SessionIdle = TimeSpan.FromHours(20),
                Providers = [new OidcProviderOptions { Name = "corp", DisplayName = "corp", Authority = new Uri(_provider.Issuer), ClientId = FakeIdentityProvider.ClientId }],
            },
        };
        // Tokens of the provider are of now, whatever the portal's clock shows.
        _providers = new OidcProviders(_options, TimeProvider.System, NullLogger<OidcProvider>.Instance);
        _store = NewStore();
        _renewal = new SessionRenewal(_store, _providers, _options, _clock, NullLogger<SessionRenewal>.Instance);
    }

    public async Task DisposeAsync()
    {
        _store.Dispose();
        _providers.Dispose();
        await _provider.DisposeAsync();
        _test.Dispose();
    }

    [Fact]
    public async Task Renewal_GroupsChanged_CountOnOpenPagesAndAfterARestart()
    {
        var key = await SignInAsync("r1");
        Answer("approvers");
        var renewed = new List<Session>();
        _store.Renewed += renewed.Add;

        await _renewal.RunAsync(default);
        Assert.Empty(_asked);
        _clock.Advance(s_age + TimeSpan.FromSeconds(1));
        await _renewal.RunAsync(default);
        await _renewal.RunAsync(default);

        Assert.Equal(["approvers"], await GroupsAsync(_store, key));
        Assert.Equal(["approvers"], renewed.Single().Principal.FindAll(PortalClaims.Group).Select(claim => claim.Value));
        using var restarted = NewStore();
        Assert.Equal(["approvers"], await GroupsAsync(restarted, key));

        // Each token is used once.
        _clock.Advance(s_age + TimeSpan.FromSeconds(1));
        await _renewal.RunAsync(default);
        Assert.Equal(["r1", "after r1"], _asked);
    }

    [Fact]
    public async Task Renewal_AnotherPortal_FollowsWhenItHears()
    {
        var key = await SignInAsync("r1");
        using var other = NewStore();
        Assert.Equal(["authors"], await GroupsAsync(other, key));
        Answer("approvers");
        _clock.Advance(s_age * 1.5);
        await _renewal.RunAsync(default);
        var heard = 0;
        other.Renewed += _ => heard++;

        await other.HearAsync(SessionStore.IdOf(key));
        await other.HearAsync(null);

        Assert.Equal(["approvers"], await GroupsAsync(other, key));
        Assert.Equal(1, heard);
    }

    [Fact]
    public async Task Renewal_AnswerWithoutAnIdToken_AsksUserInfo()
    {
        var key = await SignInAsync("r1");
        _provider.Token = _ => Results.Json(new { access_token = "a" });
        _provider.UserInfo = new JsonObject { ["sub"] = "ada", ["name"] = "Ada", ["groups"] = new JsonArray("viewers") };
        _clock.Advance(s_age * 1.5);

        await _renewal.RunAsync(default);

        Assert.Equal(["viewers"], await GroupsAsync(_store, key));
    }

    [Theory]
    [InlineData("refused", "invalid_grant")]
    [InlineData("somebody else", "(sub)")]
    [InlineData("forged", "signature")]
    [InlineData("none", "no way")]
    public async Task Renewal_ProviderDoesNotVouch_EndsTheSession(string answer, string reason)
    {
        var key = await SignInAsync(answer == "none" ? null : "r1");
        var claims = _provider.Claims(null);
        claims["sub"] = answer == "somebody else" ? "eve" : "ada";
        _provider.Token = _ => answer == "refused"
            ? Results.Json(new { error = "invalid_grant" }, statusCode: 400)
            : Results.Json(new { id_token = _provider.Sign(claims, sign: answer == "forged" ? static bytes => bytes : null), refresh_token = "r2" });
        _clock.Advance(s_age * 1.5);

        await _renewal.RunAsync(default);

        Assert.Null(await _store.FindAsync(key, default));
        var last = await _test.Database.ReadAsync(context => context.Audit.OrderByDescending(row => row.Sequence).FirstAsync());
        Assert.Equal("signin.ended", last.Action);
        Assert.Contains(reason, last.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Renewal_ProviderIsAway_EndsTheSessionOnlyAfterTwiceTheAge()
    {
        var key = await SignInAsync("r1");
        _provider.IsDown = true;
        _clock.Advance(s_age * 1.5);
        await _renewal.RunAsync(default);
        Assert.Equal(["authors"], await GroupsAsync(_store, key));

        _clock.Advance(s_age);
        await _renewal.RunAsync(default);

        Assert.Null(await _store.FindAsync(key, default));
    }

    [Theory]
    [InlineData(429, """{"error":"slow_down"}""")]
    [InlineData(401, """{"error":"invalid_client"}""")]
    [InlineData(400, """{"error":"temporarily_unavailable"}""")]
    [InlineData(403, "<html>Forbidden</html>")]
    [InlineData(200, "<html>Welcome to this network</html>")]
    [InlineData(200, "{}")]
    public async Task Renewal_PassingFault_KeepsTheSessionAndAsksOnceARun(int status, string body)
    {
        string[] keys = [await SignInAsync("r1"), await SignInAsync("r2")];
        _provider.Token = form =>
        {
            _asked.Add(form["refresh_token"].ToString());
            return Results.Text(body, body[0] == '{' ? "application/json" : "text/html", statusCode: status);
        };
        _clock.Advance(s_age * 1.5);

        await _renewal.RunAsync(default);
        Assert.Single(_asked);
        await _renewal.RunAsync(default);
        Assert.Equal(2, _asked.Count);

        foreach (var key in keys)
        {
            Assert.Equal(["authors"], await GroupsAsync(_store, key));
        }

        // Nor is the second forgotten when the first has found the provider away.
        _clock.Advance(s_age);
        await _renewal.RunAsync(default);
        Assert.Equal(3, _asked.Count);
        Assert.Null(await _store.FindAsync(keys[0], default));
        Assert.Null(await _store.FindAsync(keys[1], default));
    }

    [Fact]
    public async Task Renewal_UserInfoSpeaksOfNobody_KeepsTheSessionAndTheNewToken()
    {
        var key = await SignInAsync("r1");
        _provider.Token = form =>
        {
            _asked.Add(form["refresh_token"].ToString());
            return Results.Json(new { access_token = "a", refresh_token = $"r{_asked.Count + 1}" });
        };
        _provider.UserInfo = new JsonObject { ["error"] = "temporarily_unavailable" };
        _clock.Advance(s_age * 1.5);

        await _renewal.RunAsync(default);
        await _renewal.RunAsync(default);

        // Each token is used once.
        Assert.Equal(["r1", "r2"], _asked);
        using var restarted = NewStore();
        Assert.Equal(["authors"], await GroupsAsync(restarted, key));
        Assert.Single((await restarted.FindAsync(key, default))!.Principal.FindAll(PortalClaims.Session));
    }

    [Fact]
    public async Task Renewal_OneFails_TheOthersAreRenewed()
    {
        await SignInAsync("r1");
        await SignInAsync("r2");
        Answer("approvers");
        var renewed = 0;
        _store.Renewed += _ => Assert.NotEqual(1, ++renewed);
        _clock.Advance(s_age * 1.5);

        await _renewal.RunAsync(default);

        Assert.Equal(2, renewed);
    }

    [Fact]
    public async Task Sweep_ProviderHangs_EndsWhatIsOver()
    {
        await SignInAsync("r1");
        var hanging = new Hanging();
        _provider.Token = _ => hanging;
        _clock.Advance(s_age * 1.5);
        var ended = new TaskCompletionSource();
        _store.Ended += _ => ended.TrySetResult();
        using var sweep = new SessionSweep(_store, _renewal, _clock, NullLogger<SessionSweep>.Instance);
        await sweep.StartAsync(default);
        await _clock.TimerWithinAsync(TimeSpan.FromSeconds(30));
        _clock.Advance(TimeSpan.FromSeconds(30));
        await hanging.Asked.WaitAsync(ManualTimeProvider.Patience);

        _clock.Advance(TimeSpan.FromHours(20));

        Assert.Same(ended.Task, await Task.WhenAny(ended.Task, hanging.Left).WaitAsync(ManualTimeProvider.Patience));
        await sweep.StopAsync(default);
        await hanging.Left.WaitAsync(ManualTimeProvider.Patience);
    }

    [Fact]
    public async Task Circuit_RenewedWhileItOpens_HasWhatTheProviderSaysNow()
    {
        var key = await SignInAsync("r1");
        var before = (await _store.FindAsync(key, default))!.Principal;
        Answer("approvers");
        _clock.Advance(s_age * 1.5);
        await _renewal.RunAsync(default);
        var user = new CurrentUser(new AccessPolicy([]));
        using var circuit = new CircuitUser(user, new Known(before), new HttpContextAccessor(), _store);

        await circuit.OnCircuitOpenedAsync(null!, default);

        Assert.Equal(["approvers"], user.Principal.FindAll(PortalClaims.Group).Select(claim => claim.Value));
        await _store.EndAsync([SessionStore.IdOf(key)], "signed out", default);
        Assert.False(user.IsSignedIn);
    }

    [Fact]
    public async Task Hear_Anything_TellsWhatEndedAndWhatWasRenewed()
    {
        string[] keys = [await SignInAsync("r1"), await SignInAsync("r2"), await SignInAsync("r3")];
        using var other = NewStore();
        var (ended, renewed) = (new List<string>(), new List<string>());
        other.Ended += ended.Add;
        other.Renewed += session => renewed.Add(session.Id);
        foreach (var key in keys)
        {
            Assert.Equal(["authors"], await GroupsAsync(other, key));
        }

        await _store.EndAsync([SessionStore.IdOf(keys[0])], "signed out", default);
        _clock.Advance(TimeSpan.FromMinutes(1));
        var session = (await _store.FindAsync(keys[1], default))!;
        await _store.RenewAsync(session, session.Principal, null, "r4", default);
        await other.HearAsync(null);

        Assert.Equal([SessionStore.IdOf(keys[0])], ended);
        Assert.Equal([SessionStore.IdOf(keys[1])], renewed);
        Assert.Null(other.FindLive(ended[0]));
        Assert.NotNull(other.FindLive(SessionStore.IdOf(keys[2])));
    }

    private void Answer(string group) => _provider.Token = form =>
    {
        Assert.Equal("refresh_token", form["grant_type"].ToString());
        _asked.Add(form["refresh_token"].ToString());
        var claims = _provider.Claims(null);
        claims["groups"] = new JsonArray(group);
        return Results.Json(new { id_token = _provider.Sign(claims), access_token = "a", refresh_token = $"after {form["refresh_token"]}" });
    };

    private Task<string> SignInAsync(string? refreshToken) => _store.StartAsync(
        PortalClaims.PrincipalOf(new Actor("oidc:corp:ada", "Ada", ActorKind.User), "oidc:corp", [new(PortalClaims.Group, "authors")]),
        new SessionOrigin("corp", "ada", null, "id-token", refreshToken), null, default);

    private static async Task<IEnumerable<string>> GroupsAsync(SessionStore store, string key) =>
        (await store.FindAsync(key, default))!.Principal.FindAll(PortalClaims.Group).Select(claim => claim.Value);

    private SessionStore NewStore() => new(_test.Database, _test.Audit, _protection, _options, _clock);

    /// <summary>An answer that never comes.</summary>
    private sealed class Hanging : IResult
    {
        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Asked => _asked.Task;

        /// <summary>Whoever asked has given up.</summary>
        public Task Left => _left.Task;

        public async Task ExecuteAsync(HttpContext httpContext)
        {
            await using var registration = httpContext.RequestAborted.Register(() => _left.TrySetResult());
            _asked.TrySetResult();
            await Left;
        }
    }

    private sealed class Known(ClaimsPrincipal principal) : AuthenticationStateProvider
    {
        public override Task<AuthenticationState> GetAuthenticationStateAsync() => Task.FromResult(new AuthenticationState(principal));
    }
}
