using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Portal.Auth.Tokens;

/// <summary>Knows automation by <c>Authorization: Bearer gp_…</c>. Who shows a token that does not hold is nobody, whatever else the request has.</summary>
internal sealed class TokenHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, ServiceTokens tokens)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "Token";
    private const string Bearer = "Bearer ";
    private const int LongestSecret = 100;

    /// <summary>Whether the request shows a token of this portal.</summary>
    public static bool IsShown(HttpRequest request) => request.Headers.Authorization is [{ } value] && value.StartsWith(Bearer + ServiceTokens.Prefix, StringComparison.OrdinalIgnoreCase);

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var secret = Request.Headers.Authorization.ToString()[Bearer.Length..].Trim();
        return secret.Length <= LongestSecret && await tokens.FindAsync(secret, Context.RequestAborted) is { } principal
            ? AuthenticateResult.Success(new AuthenticationTicket(principal, SchemeName))
            : AuthenticateResult.NoResult();
    }
}
