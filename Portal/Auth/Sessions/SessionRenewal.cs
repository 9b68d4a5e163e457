using Portal.Auth.Oidc;

namespace Portal.Auth.Sessions;

/// <summary>
/// Asks providers again what they say of people who are signed in, once that is older than <c>Portal:Auth:ClaimsMaxAge</c>: groups that were given or taken away
/// count from then on, and whoever is gone there is signed out here. Only one portal does it: a refresh token may be used once. A provider that
/// does not answer is left alone until the next run.
/// </summary>
internal sealed partial class SessionRenewal(SessionStore sessions, OidcProviders providers, PortalOptions options, TimeProvider clock, ILogger<SessionRenewal> logger)
{
    /// <summary>Goes once through all that are old. What cannot be renewed holds nobody else up.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (options.SignIn.ClaimsMaxAge is not { } age)
        {
            return;
        }

        var now = clock.GetUtcNow().UtcDateTime;
        var away = new HashSet<string>();
        foreach (var session in await sessions.ListOldAsync(now - age, cancellationToken))
        {
            try
            {
                if (await FindEndAsync(session, now - session.Claims.At > age * 2, away, cancellationToken) is { } reason)
                {
                    await sessions.EndAsync([session.Id], reason, cancellationToken);
                }
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                Log.Failed(logger, exception);
            }
        }
    }

    /// <summary>Renews a session; why it must end where that cannot be.</summary>
    /// <param name="away">Providers that did not answer in this run.</param>
    private async Task<string?> FindEndAsync(Session session, bool isLate, HashSet<string> away, CancellationToken cancellationToken)
    {
        var endIfLate = isLate ? "groups too old, and the provider does not answer" : null;
        if (session.Claims.RefreshToken is not { } refreshToken || providers.Find(session.Provider) is not { } provider)
        {
            return "groups too old, and no way to ask for them";
        }

        if (away.Contains(session.Provider))
        {
            return endIfLate;
        }

        try
        {
            var (principal, idToken, next) = await provider.RenewAsync(session.Subject, refreshToken, token => sessions.KeepAsync(session, token), cancellationToken);
            await sessions.RenewAsync(session, principal, idToken, next, CancellationToken.None);
            return null;
        }
        catch (TokenRefusedException exception)
        {
            return exception.Message;
        }
        catch (ProviderUnavailableException exception)
        {
            away.Add(session.Provider);
            Log.Unavailable(logger, exception.Message);
            return endIfLate;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "What is known of a person who is signed in cannot be renewed: {Reason}")]
        public static partial void Unavailable(ILogger logger, string reason);

        [LoggerMessage(2, LogLevel.Warning, "A sign-in could not be renewed; it is tried again.")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
