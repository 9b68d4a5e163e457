using Portal.Auth.Oidc;

namespace Portal.Auth.Sessions;

/// <summary>
/// Asks providers again what they say of people who are signed in, once that is older than <c>Portal:Auth:ClaimsMaxAge</c>: groups that were given or taken away
/// count from then on, and whoever is gone there is signed out here. Only one portal does it: a refresh token may be used once.
/// </summary>
internal sealed partial class SessionRenewal(SessionStore sessions, OidcProviders providers, PortalOptions options, TimeProvider clock, ILogger<SessionRenewal> logger)
{
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (options.SignIn.ClaimsMaxAge is not { } age)
        {
            return;
        }

        var now = clock.GetUtcNow().UtcDateTime;
        foreach (var session in await sessions.ListOldAsync(now - age, cancellationToken))
        {
            if (await FindEndAsync(session, now - session.Claims.At > age * 2, cancellationToken) is { } reason)
            {
                await sessions.EndAsync([session.Id], reason, cancellationToken);
            }
        }
    }

    /// <summary>Renews a session; why it must end where that cannot be.</summary>
    private async Task<string?> FindEndAsync(Session session, bool isLate, CancellationToken cancellationToken)
    {
        if (session.Claims.RefreshToken is not { } refreshToken || providers.Find(session.Provider) is not { } provider)
        {
            return "groups too old, and no way to ask for them";
        }

        try
        {
            var (principal, idToken, next) = await provider.RenewAsync(session.Subject, refreshToken, cancellationToken);

            // Not cancellable: the token before it may be worth nothing any more.
            await sessions.RenewAsync(session, principal, idToken, next, CancellationToken.None);
            return null;
        }
        catch (TokenRefusedException exception)
        {
            return exception.Message;
        }
        catch (ProviderUnavailableException exception)
        {
            Log.Unavailable(logger, exception.Message);
            return isLate ? "groups too old, and the provider does not answer" : null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "What is known of a person who is signed in cannot be renewed: {Reason}")]
        public static partial void Unavailable(ILogger logger, string reason);
    }
}
