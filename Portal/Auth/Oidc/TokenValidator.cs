using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;
using Portal.Auth.Options;

namespace Portal.Auth.Oidc;

/// <summary>
/// Validates what a provider signed: ID tokens (OpenID Connect Core 3.1.3.7) and logout tokens (Back-Channel Logout 2.6). Only asymmetric signatures
/// with a key the provider publishes count.
/// </summary>
internal sealed class TokenValidator(OidcProviderOptions provider, ProviderMetadata metadata, TimeProvider clock)
{
    private const string LogoutEvent = "http://schemas.openid.net/event/backchannel-logout";
    private static readonly TimeSpan s_skew = TimeSpan.FromMinutes(1);
    private static readonly JsonWebTokenHandler s_handler = new() { MaximumTokenSizeInBytes = 64 * 1024, MapInboundClaims = false };

    private static readonly string[] s_algorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    /// <param name="nonce">What the portal asked with; null where it asked for a renewal.</param>
    /// <exception cref="TokenRefusedException">It is not a token to trust; the message says why, without its content.</exception>
    public async Task<JsonWebToken> ValidateIdTokenAsync(string token, string? nonce, CancellationToken cancellationToken)
    {
        var valid = await ValidateAsync(token, cancellationToken);
        if (string.IsNullOrEmpty(valid.Subject))
        {
            throw new TokenRefusedException("The ID token names no subject (sub).");
        }

        if (nonce is not null && !Equal(valid.TryGetPayloadValue<string>("nonce", out var given) ? given : "", nonce))
        {
            throw new TokenRefusedException("The ID token was not made for this sign-in (nonce).");
        }

        if (valid.Azp is { Length: > 0 } azp ? azp != provider.ClientId : valid.Audiences.Count() > 1)
        {
            throw new TokenRefusedException("The ID token was made for another party (azp).");
        }

        return valid;
    }

    /// <exception cref="TokenRefusedException">It is not a logout token to trust.</exception>
    public async Task<JsonWebToken> ValidateLogoutTokenAsync(string token, CancellationToken cancellationToken)
    {
        var valid = await ValidateAsync(token, cancellationToken);
        if (!valid.TryGetPayloadValue<System.Text.Json.JsonElement>("events", out var events)
            || events.ValueKind != System.Text.Json.JsonValueKind.Object || !events.TryGetProperty(LogoutEvent, out _))
        {
            throw new TokenRefusedException("It is no logout token (events).");
        }

        if (valid.TryGetPayloadValue<string>("nonce", out _))
        {
            throw new TokenRefusedException("A logout token has no nonce; this is another kind of token.");
        }

        return string.IsNullOrEmpty(valid.Subject) && !valid.TryGetPayloadValue<string>("sid", out _)
            ? throw new TokenRefusedException("The logout token names neither a subject nor a session.")
            : valid;
    }

    private async Task<JsonWebToken> ValidateAsync(string token, CancellationToken cancellationToken)
    {
        var configuration = await metadata.GetAsync(cancellationToken);
        var result = await s_handler.ValidateTokenAsync(token, Parameters(configuration));
        if (result.Exception is SecurityTokenSignatureKeyNotFoundException)
        {
            var newer = await metadata.GetNewerAsync(configuration, cancellationToken);
            result = await s_handler.ValidateTokenAsync(token, Parameters(newer));
        }

        if (!result.IsValid)
        {
            throw new TokenRefusedException(ReasonOf(result.Exception));
        }

        var valid = (JsonWebToken)result.SecurityToken;
        // RFC 7515 4.1.11: what is marked as critical and not understood must be refused; nothing of the kind is understood here.
        return valid.TryGetHeaderValue<object>("crit", out _)
            ? throw new TokenRefusedException("The token has critical extensions (crit).")
            : valid;
    }

    private TokenValidationParameters Parameters(OpenIdConnectConfiguration configuration) => new()
    {
        ValidIssuer = configuration.Issuer,
        ValidAudience = provider.ClientId,
        IssuerSigningKeys = configuration.SigningKeys,
        ValidAlgorithms = s_algorithms,
        RequireSignedTokens = true,
        RequireExpirationTime = true,
        LifetimeValidator = IsInTime,
    };

    private bool IsInTime(DateTime? notBefore, DateTime? expires, SecurityToken token, TokenValidationParameters parameters)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        return expires is { } end && end > now - s_skew && (notBefore is null || notBefore < now + s_skew);
    }

    // The library's own words quote the token.
    private static string ReasonOf(Exception? exception) => exception switch
    {
        SecurityTokenInvalidLifetimeException or SecurityTokenExpiredException or SecurityTokenNoExpirationException or SecurityTokenNotYetValidException => "The token has expired, or is not valid yet.",
        SecurityTokenInvalidAudienceException => "The token was made for another application (aud).",
        SecurityTokenInvalidIssuerException => "The token comes from another provider (iss).",
        SecurityTokenSignatureKeyNotFoundException => "The token is signed with a key the provider does not publish.",
        SecurityTokenInvalidAlgorithmException => "The token is signed with an algorithm that is not accepted.",
        SecurityTokenInvalidSignatureException => "The token's signature is missing or wrong.",
        _ => "The token cannot be read.",
    };

    private static bool Equal(string? given, string expected) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given ?? ""), Encoding.UTF8.GetBytes(expected));
}

/// <summary>A token that must not be trusted.</summary>
internal sealed class TokenRefusedException(string message) : Exception(message);
