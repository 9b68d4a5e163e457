using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Portal.Auth;

/// <summary>Without a sign-in whoever reaches the portal is the local administrator, or the persona they chose. Holds only because the portal then listens on loopback alone.</summary>
internal sealed class LocalAuthenticationHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string Cookie = "gp-persona";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var persona = LocalPersona.Find(Request.Cookies[Cookie]) ?? LocalPersona.Administrator;
        return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(persona.Principal(), Scheme.Name)));
    }
}
