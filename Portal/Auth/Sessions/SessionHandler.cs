using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Portal.Auth.Sessions;

/// <summary>Knows a browser by the session its cookie names. Each sign-in gets a new key, so nobody can plant one beforehand.</summary>
internal sealed class SessionHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, SessionStore sessions)
    : SignInAuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "Session";
    public const string Origin = "origin";
    private const int KeyLength = 64;

    // The prefix makes the browser accept it only over https, from this host, for all of it.
    private string CookieName => Request.IsHttps ? "__Host-gp-session" : "gp-session";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync() =>
        Key() is { } key && await sessions.FindAsync(key, Context.RequestAborted) is { } session
            ? AuthenticateResult.Success(new AuthenticationTicket(session.Principal, SchemeName))
            : AuthenticateResult.NoResult();

    protected override async Task HandleSignInAsync(ClaimsPrincipal user, AuthenticationProperties? properties)
    {
        await EndCurrentAsync("signed in again");
        var origin = properties!.GetParameter<SessionOrigin>(Origin)!;
        var key = await sessions.StartAsync(user, origin, Context.Connection.RemoteIpAddress?.ToString(), Context.RequestAborted);
        Response.Cookies.Append(CookieName, key, CookieOptions());
    }

    protected override async Task HandleSignOutAsync(AuthenticationProperties? properties)
    {
        await EndCurrentAsync("signed out");
        Response.Cookies.Delete(CookieName, CookieOptions());
    }

    private async Task EndCurrentAsync(string reason)
    {
        if (Key() is { } key && await sessions.FindAsync(key, Context.RequestAborted) is { } session)
        {
            await sessions.EndAsync([session.Id], reason, CancellationToken.None);
        }
    }

    private string? Key() => Request.Cookies[CookieName] is { Length: KeyLength } key ? key : null;

    private CookieOptions CookieOptions() => new()
    {
        HttpOnly = true,
        Secure = Request.IsHttps,
        // Lax: a link in a message opens the page it names; requests of other sites that change something do not carry it.
        SameSite = SameSiteMode.Lax,
        Path = "/",
        IsEssential = true,
    };
}
