using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using Portal.Auth.Sessions;

namespace Portal.Auth.Oidc;

internal sealed class OidcHandlerOptions : RemoteAuthenticationOptions
{
    public OidcProvider Provider { get; set; } = null!;
    public ISecureDataFormat<AuthenticationProperties> StateFormat { get; set; } = null!;
    public TimeProvider Clock { get; set; } = null!;
}

/// <summary>
/// Signs in by OpenID Connect: authorization code with PKCE (RFC 7636), state bound to the browser, nonce, and the issuer in the answer (RFC 9207). The
/// framework's base class keeps the correlation cookie, which is used once.
/// </summary>
internal sealed class OidcHandler(IOptionsMonitor<OidcHandlerOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : RemoteAuthenticationHandler<OidcHandlerOptions>(options, logger, encoder)
{
    private const string Nonce = "nonce";
    private const string Verifier = "verifier";
    private const int RandomBytes = 32;

    /// <exception cref="ProviderUnavailableException">The provider cannot be reached.</exception>
    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var provider = Options.Provider.Options;
        var configuration = await Options.Provider.Metadata.GetAsync(Context.RequestAborted);
        var (nonce, verifier) = (RandomText(), RandomText());
        (properties.Items[Nonce], properties.Items[Verifier]) = (nonce, verifier);
        properties.IssuedUtc = Options.Clock.GetUtcNow();
        GenerateCorrelationId(properties);
        Response.Redirect(QueryHelpers.AddQueryString(configuration.AuthorizationEndpoint, new Dictionary<string, string?>
        {
            ["response_type"] = "code",
            ["client_id"] = provider.ClientId,
            ["redirect_uri"] = BuildRedirectUri(Options.CallbackPath),
            ["scope"] = provider.Scopes,
            ["state"] = Options.StateFormat.Protect(properties),
            ["nonce"] = nonce,
            ["code_challenge"] = WebEncoders.Base64UrlEncode(SHA256.HashData(Encoding.ASCII.GetBytes(verifier))),
            ["code_challenge_method"] = "S256",
        }));
    }

    protected override async Task<HandleRequestResult> HandleRemoteAuthenticateAsync()
    {
        if (Options.StateFormat.Unprotect(Request.Query["state"]) is not { } properties || IsStale(properties) || !ValidateCorrelationId(properties))
        {
            return HandleRequestResult.Fail(new SignInFailedException(SignInProblem.State));
        }

        if (Request.Query["error"] is [{ } error, ..])
        {
            return Fail(error == "access_denied" ? SignInProblem.Denied : SignInProblem.Refused, $"The provider answered {error}.");
        }

        try
        {
            return HandleRequestResult.Success(await SignInAsync(properties));
        }
        catch (TokenRefusedException exception)
        {
            return Fail(SignInProblem.Refused, exception.Message);
        }
        catch (ProviderUnavailableException exception)
        {
            return Fail(SignInProblem.Unavailable, exception.Message);
        }

        HandleRequestResult Fail(SignInProblem problem, string reason) => HandleRequestResult.Fail(new SignInFailedException(problem, reason), properties);
    }

    private async Task<AuthenticationTicket> SignInAsync(AuthenticationProperties properties)
    {
        var (provider, cancellation) = (Options.Provider, Context.RequestAborted);
        var configuration = await provider.Metadata.GetAsync(cancellation);
        if (Request.Query["iss"] is [{ } issuer, ..] && issuer != configuration.Issuer)
        {
            throw new TokenRefusedException("The answer comes from another provider (iss).");
        }

        if (Request.Query["code"] is not [{ Length: > 0 } code])
        {
            throw new TokenRefusedException("The answer has no code.");
        }

        var tokens = await provider.Backchannel.RedeemAsync(code, properties.Items[Verifier]!, BuildRedirectUri(Options.CallbackPath), cancellation);
        var idToken = await provider.Tokens.ValidateIdTokenAsync(tokens.IdToken, properties.Items[Nonce]!, cancellation);
        var claims = (JsonObject)JsonNode.Parse(WebEncoders.Base64UrlDecode(idToken.EncodedPayload))!;
        await provider.Backchannel.AddUserInfoAsync(claims, idToken.Subject, tokens.AccessToken, cancellation);

        // What the session keeps goes by value, not through the browser.
        var session = new AuthenticationProperties { RedirectUri = properties.RedirectUri };
        session.SetParameter(SessionHandler.Origin, new SessionOrigin(provider.Options.Name, idToken.Subject, (string?)claims["sid"], tokens.IdToken, tokens.RefreshToken));
        return new AuthenticationTicket(ProviderClaims.PrincipalOf(provider.Options, idToken.Subject, claims), session, Scheme.Name);
    }

    private bool IsStale(AuthenticationProperties properties) =>
        properties.IssuedUtc is not { } issued || Options.Clock.GetUtcNow() - issued > Options.RemoteAuthenticationTimeout;

    private static string RandomText() => WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(RandomBytes));
}
