using Microsoft.AspNetCore.Diagnostics;
using Portal.Auth;
using Portal.Components.Layout;
using Portal.Components.Palette;
using Portal.Endpoints;
using Radzen;

namespace Portal.Components;

/// <summary>The pages: Blazor on the server with Radzen.</summary>
public static class PortalUi
{
    /// <summary>Largest message from the browser in bytes: a document at its limit, escaped, with room to spare.</summary>
    private const int MaximumMessage = 8 * 1024 * 1024;

    public static IServiceCollection AddPortalUi(this IServiceCollection services)
    {
        services.AddExceptionHandler<ApiExceptionHandler>();
        services.Configure<ProblemDetailsOptions>(options => options.CustomizeProblemDetails = ApiExceptionHandler.Complete);
        services.AddRazorComponents()
            .AddInteractiveServerComponents(options => options.DisconnectedCircuitRetentionPeriod = TimeSpan.FromMinutes(10))
            .AddHubOptions(options => options.MaximumReceiveMessageSize = MaximumMessage);
        services.AddAntiforgery(static options =>
        {
            options.Cookie.Name = "gp-antiforgery";
            options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        });
        services.AddRadzenComponents();
        services.AddScoped<CurrentNamespace>();
        services.AddScoped<NamespaceDirectory>();
        services.AddScoped<ReaderTimeZone>();
        services.AddScoped<IPaletteSource, PagePalette>();
        return services;
    }

    public static void MapPortalUi(this WebApplication app)
    {
        app.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandlingPath = "/error", CreateScopeForErrors = true });
        app.UseStatusCodePagesWithReExecute("/not-found", createScopeForStatusCodePages: true);
        app.Use(static (context, next) =>
        {
            if (!AsksForPage(context) && context.Features.Get<IStatusCodePagesFeature>() is { } pages)
            {
                pages.Enabled = false;
            }

            return next(context);
        });
        app.UseWhen(static context => !AsksForPage(context), static api => api.UseStatusCodePages());
        app.UseAuthentication();
        app.UseAntiforgery();
        app.MapStaticAssets().OpenToAll("The same for everyone, and public.");
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode(static mode => mode.ContentSecurityFrameAncestorsPolicy = null).Add(RequireSignInForTheConnection);
    }

    // The framework's own addresses beside the pages; pages say themselves who may see them.
    private static void RequireSignInForTheConnection(EndpointBuilder endpoint)
    {
        var address = (endpoint as RouteEndpointBuilder)?.RoutePattern.RawText?.TrimStart('/') ?? "";
        if (address.StartsWith("_blazor", StringComparison.Ordinal) || address.StartsWith("_framework", StringComparison.Ordinal))
        {
            endpoint.Metadata.Add(new RequiresSignInAttribute());
        }
    }

    /// <summary>Only a browser going to a page gets pages for errors; the REST API, flows and assets keep their own answers.</summary>
    internal static bool AsksForPage(HttpContext context)
    {
        // While an error is answered the request has the address of the error page.
        var path = context.Features.Get<IExceptionHandlerPathFeature>() is { } failed ? new PathString(failed.Path) : context.Request.Path;
        return HttpMethods.IsGet(context.Request.Method)
            && context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase)
            && !path.StartsWithSegments("/api") && !path.StartsWithSegments("/flows");
    }
}
