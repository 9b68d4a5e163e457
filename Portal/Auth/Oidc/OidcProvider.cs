using System.Security.Claims;
using Microsoft.AspNetCore.WebUtilities;
using Portal.Auth.Options;

namespace Portal.Auth.Oidc;

/// <summary>A provider at work: its options, what it says about itself, and the check of what it signs.</summary>
internal sealed class OidcProvider : IDisposable
{
    private const int MaximumAnswer = 1024 * 1024;
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(10);

    private readonly HttpClient _http;

    public OidcProvider(OidcProviderOptions options, TimeProvider clock, ILogger<OidcProvider> logger)
    {
        Options = options;
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
        {
            Timeout = s_timeout,
            MaxResponseContentBufferSize = MaximumAnswer,
        };
        Metadata = new ProviderMetadata(options.Authority, _http, clock, logger);
        Tokens = new TokenValidator(options, Metadata, clock);
        Backchannel = new OidcBackchannel(options, Metadata, _http);
    }

    public OidcProviderOptions Options { get; }
    public ProviderMetadata Metadata { get; }
    public TokenValidator Tokens { get; }
    public OidcBackchannel Backchannel { get; }

    /// <summary>What it says of somebody now.</summary>
    /// <param name="subject">Whom it signed in.</param>
    /// <param name="refreshToken">The last it gave.</param>
    /// <param name="keep">Takes the token to ask with next as soon as there is one: what follows can fail, and the token before it may be worth nothing any more.</param>
    /// <exception cref="ProviderUnavailableException">It does not answer, or says nothing of anybody.</exception>
    /// <exception cref="TokenRefusedException">It does not vouch for them any more, or says what is not to be trusted.</exception>
    public async Task<(ClaimsPrincipal Principal, string? IdToken, string RefreshToken)> RenewAsync(
        string subject, string refreshToken, Func<string, Task> keep, CancellationToken cancellationToken)
    {
        var tokens = await Backchannel.RenewAsync(refreshToken, cancellationToken);
        if (tokens.RefreshToken != refreshToken)
        {
            await keep(tokens.RefreshToken);
        }

        var claims = new JsonObject();
        if (tokens.IdToken is { } idToken)
        {
            var valid = await Tokens.ValidateIdTokenAsync(idToken, nonce: null, cancellationToken);
            claims = (JsonObject)JsonNode.Parse(WebEncoders.Base64UrlDecode(valid.EncodedPayload))!;
        }

        await Backchannel.AddUserInfoAsync(claims, subject, tokens.AccessToken, cancellationToken);
        if (claims["sub"] is not JsonValue who)
        {
            throw new ProviderUnavailableException($"The sign-in provider at {Options.Authority} has neither an ID token nor userinfo to renew with.");
        }

        return who.ToString() == subject
            ? (ProviderClaims.PrincipalOf(Options, subject, claims), tokens.IdToken, tokens.RefreshToken)
            : throw new TokenRefusedException("The provider's answer speaks of somebody else (sub).");
    }

    public void Dispose()
    {
        Metadata.Dispose();
        _http.Dispose();
    }
}

/// <summary>The providers that are configured, in the order of their names.</summary>
internal sealed class OidcProviders(PortalOptions options, TimeProvider clock, ILogger<OidcProvider> logger) : IDisposable
{
    private readonly List<OidcProvider> _all = [.. options.SignIn.Providers.OrderBy(provider => provider.Name, StringComparer.Ordinal).Select(provider => new OidcProvider(provider, clock, logger))];

    public IReadOnlyList<OidcProvider> All => _all;

    public OidcProvider? Find(string? name) => _all.Find(provider => provider.Options.Name == name);

    public void Dispose() => _all.ForEach(provider => provider.Dispose());
}
