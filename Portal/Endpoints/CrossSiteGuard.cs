namespace Portal.Endpoints;

/// <summary>
/// Refuses requests that a page of another site makes a browser send to the REST API, to flows or to the pages' connection. On loopback being able to connect is all the
/// permission there is, so a page on the internet must not borrow it. Browsers label such requests; other programs do not, and pass.
/// </summary>
internal static class CrossSiteGuard
{
    public static void UseCrossSiteGuard(this WebApplication app) => app.Use(static (context, next) =>
        IsProgrammatic(context.Request.Path) && IsForeign(context.Request)
            ? Results.Problem("Requests from pages of other sites are refused.", statusCode: StatusCodes.Status403Forbidden).ExecuteAsync(context)
            : next(context));

    private static bool IsProgrammatic(PathString path) => path.StartsWithSegments("/api") || path.StartsWithSegments("/flows") || path.StartsWithSegments("/_blazor");

    private static bool IsForeign(HttpRequest request)
    {
        if (request.Headers["Sec-Fetch-Site"] is { Count: > 0 } site)
        {
            return site != "same-origin" && site != "none";
        }

        return request.Headers.Origin is { Count: > 0 } origin
            && !(Uri.TryCreate(origin, UriKind.Absolute, out var from) && from.Authority.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase));
    }
}
