using Microsoft.AspNetCore.Components.Endpoints;
using Portal.Auth.Oidc;
using Portal.Components;

namespace Portal.Auth;

/// <summary>Stands before every address: sets <see cref="CurrentUser"/> and holds the request to the address's <see cref="AccessRuleAttribute"/>.</summary>
internal static class AccessControl
{
    private static readonly RequiresSignInAttribute s_signedIn = new();

    public static void UseAccessControl(this WebApplication app) => app.Use(CheckAsync);

    private static async Task CheckAsync(HttpContext context, RequestDelegate next)
    {
        var user = context.RequestServices.GetRequiredService<CurrentUser>();
        user.Become(context.User, context.Connection.RemoteIpAddress?.ToString());
        if (context.GetEndpoint() is { } endpoint)
        {
            var rule = RuleOf(endpoint);
            var @namespace = context.Request.RouteValues["namespace"] as string;
            if (!rule.Admits(user, @namespace))
            {
                if (!user.IsSignedIn)
                {
                    await AskToSignInAsync(context);
                    return;
                }

                if (endpoint.Metadata.GetMetadata<ComponentTypeMetadata>() is null || !PortalUi.AsksForPage(context))
                {
                    rule.Demand(user, @namespace);
                }

                // A page says so itself, in its frame; what else the address does, whatever the browser says it would like to get, is not done.
                user.NoteRefusal((rule as RequiresAttribute)?.Permission, @namespace);
                context.Response.StatusCode = StatusCodes.Status403Forbidden;
            }
        }

        await next(context);
    }

    private static Task AskToSignInAsync(HttpContext context)
    {
        if (PortalUi.AsksForPage(context))
        {
            context.Response.Redirect(SignInEndpoints.ForReader(context.RequestServices.GetRequiredService<OidcProviders>(), context.Request));
            return Task.CompletedTask;
        }

        context.Response.Headers.WWWAuthenticate = "Bearer";
        return Results.Problem(
            "Sign in, or send a service token of this portal (header Authorization: Bearer gp_...).", statusCode: StatusCodes.Status401Unauthorized).ExecuteAsync(context);
    }

    // An address without a rule was forgotten: nobody gets it. Routing's own endpoints, which are no routes, only say 405 or 415.
    private static AccessRuleAttribute RuleOf(Endpoint endpoint) =>
        endpoint.Metadata.GetMetadata<AccessRuleAttribute>()
        ?? (endpoint is RouteEndpoint
            ? throw new InvalidOperationException($"The endpoint {endpoint.DisplayName} says nothing about who may use it.")
            : s_signedIn);
}
