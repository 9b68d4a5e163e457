using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.WebUtilities;
using Portal.Auth.Sessions;
using Portal.Features.Audit;

namespace Portal.Auth.Oidc;

/// <summary>Signing in and out, as addresses.</summary>
internal static partial class SignInEndpoints
{
    public const string SignInPage = "/sign-in";
    public const string SignedOutPage = "/signed-out";
    public const string SignOut = "/auth/sign-out";

    public static string SignInAt(string provider) => $"/auth/sign-in/{provider}";

    public static void MapSignIn(this IEndpointRouteBuilder app)
    {
        app.MapGet("/auth/sign-in/{provider}", BeginAsync).OpenToAll("Begins a sign-in.").ExcludeFromDescription();
        app.MapPost(SignOut, SignOutAsync).RequiresSignIn().ExcludeFromDescription();
        app.MapPost("/auth/backchannel-logout/{provider}", BackchannelLogout.TakeAsync)
            .OpenToAll("Takes tokens the provider signed.").DisableAntiforgery().ExcludeFromDescription();
    }

    /// <summary>Where an anonymous reader of a page goes.</summary>
    public static string ForReader(OidcProviders providers, HttpRequest request)
    {
        var page = providers.All is [var only] ? SignInAt(only.Options.Name) : SignInPage;
        return QueryHelpers.AddQueryString(page, "returnUrl", ReturnUrl.Safe(request.Path + request.QueryString));
    }

    private static async Task BeginAsync(HttpContext context, string provider, OidcProviders providers, ILogger<OidcHandler> logger, string? returnUrl = null)
    {
        if (providers.Find(provider) is not { } known)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        try
        {
            await context.ChallengeAsync(known.Options.Scheme, new AuthenticationProperties { RedirectUri = ReturnUrl.Safe(returnUrl) });
        }
        catch (ProviderUnavailableException exception)
        {
            await FailAsync(context, known, SignInProblem.Unavailable, exception.Message, logger);
        }
    }

    /// <summary>Shows the sign-in page with a reason, logs and records it.</summary>
    public static async Task FailAsync(HttpContext context, OidcProvider provider, SignInProblem problem, string reason, ILogger logger)
    {
        Log.Failed(logger, provider.Options.Name, problem, reason);
        await context.RequestServices.GetRequiredService<AuditLog>().RecordAsync(
            new AuditEntry(
                Actor.Anonymous, "signin.refused", "Session", null, provider.Options.Name, problem == SignInProblem.Unavailable ? AuditResult.Failed : AuditResult.Refused,
                Reason: reason, Address: context.Connection.RemoteIpAddress?.ToString()),
            CancellationToken.None);
        context.Response.Redirect(QueryHelpers.AddQueryString(SignInPage, new Dictionary<string, string?>
        {
            ["problem"] = problem.ToString(),
            ["provider"] = provider.Options.Name,
        }));
    }

    // The form makes the framework check the antiforgery token. The session ends here first; the provider is told next, and may be away (RP-Initiated Logout 2).
    private static async Task<IResult> SignOutAsync(HttpContext context, OidcProviders providers, SessionStore sessions, CurrentUser user, IFormCollection form)
    {
        var session = user.Principal.FindFirst(PortalClaims.Session)?.Value is { } id ? sessions.FindLive(id) : null;
        await context.SignOutAsync(SessionHandler.SchemeName);
        return Results.Redirect(session is not null && providers.Find(session.Provider) is { } provider
            ? await AfterSignOutAsync(context, provider, session)
            : SignedOutPage);
    }

    private static async Task<string> AfterSignOutAsync(HttpContext context, OidcProvider provider, Session session)
    {
        try
        {
            var configuration = await provider.Metadata.GetAsync(context.RequestAborted);
            if (!string.IsNullOrEmpty(configuration.EndSessionEndpoint))
            {
                return QueryHelpers.AddQueryString(configuration.EndSessionEndpoint, new Dictionary<string, string?>
                {
                    ["id_token_hint"] = session.IdToken,
                    ["client_id"] = provider.Options.ClientId,
                    ["post_logout_redirect_uri"] = $"{context.Request.Scheme}://{context.Request.Host}{SignedOutPage}",
                });
            }
        }
        catch (ProviderUnavailableException)
        {
            // Signed out here; what more there is to say, the log says.
        }

        return SignedOutPage;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "A sign-in with {Provider} failed ({Problem}): {Reason}")]
        public static partial void Failed(ILogger logger, string provider, SignInProblem problem, string reason);
    }
}
