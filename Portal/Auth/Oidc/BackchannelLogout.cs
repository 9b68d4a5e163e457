using Microsoft.AspNetCore.Mvc;
using Portal.Auth.Sessions;

namespace Portal.Auth.Oidc;

/// <summary>
/// <c>POST /auth/backchannel-logout/{provider}</c> (OpenID Connect Back-Channel Logout 1.0): the provider says that somebody has signed out, and their
/// sessions here end with their pages.
/// </summary>
internal static class BackchannelLogout
{
    public static async Task<IResult> TakeAsync(
        HttpContext context, string provider, [FromForm(Name = "logout_token")] string? token, OidcProviders providers, SessionStore sessions, LogoutTokens used,
        CancellationToken cancellationToken)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (providers.Find(provider) is not { } known)
        {
            return Results.NotFound();
        }

        if (string.IsNullOrEmpty(token))
        {
            return Refuse("logout_token is missing.");
        }

        try
        {
            var valid = await known.Tokens.ValidateLogoutTokenAsync(token, cancellationToken);
            if (!used.Add($"{provider} {valid.Id}", valid.ValidTo))
            {
                return Refuse("The logout token was used before (jti).");
            }

            var subject = string.IsNullOrEmpty(valid.Subject) ? null : valid.Subject;
            var session = valid.TryGetPayloadValue<string>("sid", out var sid) ? sid : null;
            await sessions.EndAsync(provider, subject, session, "signed out at the provider", CancellationToken.None);
            return Results.Ok();
        }
        catch (TokenRefusedException exception)
        {
            return Refuse(exception.Message);
        }
        catch (ProviderUnavailableException exception)
        {
            return Results.Problem(exception.Message, statusCode: StatusCodes.Status503ServiceUnavailable);
        }
    }

    private static IResult Refuse(string reason) =>
        Results.Json(new { error = "invalid_request", error_description = reason }, statusCode: StatusCodes.Status400BadRequest);
}
