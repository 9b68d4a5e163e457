namespace Portal.Endpoints;

/// <summary>
/// Makes every request look as it was sent, where a proxy in front has another scheme or host: what is built from it (addresses for the sign-in provider,
/// cookies, redirects) is then right, whatever headers the request has.
/// </summary>
internal static class PublicUrl
{
    public static void UsePublicUrl(this WebApplication app)
    {
        if (app.Services.GetRequiredService<PortalOptions>().PublicUrl is not { } url)
        {
            return;
        }

        var host = url.IsDefaultPort ? new HostString(url.Host) : new HostString(url.Host, url.Port);
        app.Use((context, next) =>
        {
            (context.Request.Scheme, context.Request.Host) = (url.Scheme, host);
            return next(context);
        });
    }
}
