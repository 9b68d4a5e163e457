using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace Portal.Auth.Oidc;

/// <summary>
/// What a provider says about itself (OpenID Connect Discovery) with its keys, fetched when first needed and kept for an hour. A key nobody knows yet has
/// it fetched again, at most twice a minute, so that keys can roll over and forged tokens cannot make the portal hammer the provider. While the
/// provider is away the last answer holds.
/// </summary>
internal sealed partial class ProviderMetadata(Uri authority, HttpClient http, TimeProvider clock, ILogger logger) : IDisposable
{
    private static readonly TimeSpan s_lifetime = TimeSpan.FromHours(1);
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _oneAtATime = new(1);
    private OpenIdConnectConfiguration? _current;
    private DateTimeOffset _fetchedAt;
    private DateTimeOffset _rest = DateTimeOffset.MinValue;

    /// <exception cref="ProviderUnavailableException">It was never reached, and cannot be reached now.</exception>
    public Task<OpenIdConnectConfiguration> GetAsync(CancellationToken cancellationToken) =>
        FetchAsync(now => now - _fetchedAt >= s_lifetime, rest: false, cancellationToken);

    /// <summary>Asks again, because a token was signed with a key that <paramref name="known"/> does not have. The same object when there is nothing newer.</summary>
    public Task<OpenIdConnectConfiguration> GetNewerAsync(OpenIdConnectConfiguration known, CancellationToken cancellationToken) =>
        FetchAsync(_ => ReferenceEquals(_current, known), rest: true, cancellationToken);

    public void Dispose() => _oneAtATime.Dispose();

    private async Task<OpenIdConnectConfiguration> FetchAsync(Func<DateTimeOffset, bool> isStale, bool rest, CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            var now = clock.GetUtcNow();
            if (_current is { } current && (!isStale(now) || now < _rest))
            {
                return current;
            }

            try
            {
                _current = await ReadAsync(cancellationToken);
                (_fetchedAt, _rest) = (now, rest ? now + s_pause : _rest);
                return _current;
            }
            catch (Exception exception) when (IsUnavailable(exception, cancellationToken))
            {
                Log.Unavailable(logger, authority, exception.Message);
                _rest = now + s_pause;
                return _current ?? throw new ProviderUnavailableException($"The sign-in provider at {authority} cannot be reached.", exception);
            }
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    private static bool IsUnavailable(Exception exception, CancellationToken cancellationToken) =>
        exception is HttpRequestException or IOException or InvalidOperationException or JsonException or ArgumentException
        || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    private async Task<OpenIdConnectConfiguration> ReadAsync(CancellationToken cancellationToken)
    {
        var address = authority.AbsoluteUri.TrimEnd('/') + "/.well-known/openid-configuration";
        var documents = new HttpDocumentRetriever(http) { RequireHttps = !authority.IsLoopback };
        var configuration = await OpenIdConnectConfigurationRetriever.GetAsync(address, documents, cancellationToken);
        // OpenID Connect Discovery 4.3: else one provider could speak for another.
        if (configuration.Issuer?.TrimEnd('/') != authority.AbsoluteUri.TrimEnd('/'))
        {
            throw new InvalidOperationException($"It calls itself '{configuration.Issuer}'; Authority must be exactly that.");
        }

        if (string.IsNullOrEmpty(configuration.AuthorizationEndpoint) || string.IsNullOrEmpty(configuration.TokenEndpoint) || configuration.SigningKeys.Count == 0)
        {
            throw new InvalidOperationException("Its discovery document lacks authorization_endpoint, token_endpoint or keys.");
        }

        return configuration;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The sign-in provider {Authority} cannot be asked about itself: {Reason}")]
        public static partial void Unavailable(ILogger logger, Uri authority, string reason);
    }
}

/// <summary>The provider cannot be reached, or does not say what is needed.</summary>
internal sealed class ProviderUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
