using Microsoft.AspNetCore.Mvc;

namespace Portal.Auth;

/// <summary><c>POST /auth/persona</c>: becomes another persona of the local mode.</summary>
internal static class PersonaEndpoint
{
    public const string Path = "/auth/persona";

    public static void MapPersonas(this IEndpointRouteBuilder app)
    {
        if (!app.ServiceProvider.GetRequiredService<PortalOptions>().SignIn.HasSignIn)
        {
            app.MapPost(Path, Switch).RequiresSignIn().ExcludeFromDescription();
        }
    }

    // The form binding makes the framework check the antiforgery token.
    private static IResult Switch(HttpContext context, [FromForm] string persona, [FromForm] string? returnUrl)
    {
        if (LocalPersona.Find(persona) is not { } chosen)
        {
            return Results.Problem($"There is no persona \"{persona}\".", statusCode: StatusCodes.Status400BadRequest);
        }

        context.Response.Cookies.Append(LocalAuthenticationHandler.Cookie, chosen.Key, new CookieOptions
        {
            HttpOnly = true,
            SameSite = SameSiteMode.Strict,
            Secure = context.Request.IsHttps,
            IsEssential = true,
        });
        return Results.LocalRedirect(ReturnUrl.Safe(returnUrl));
    }
}
