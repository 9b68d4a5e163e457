using System.Security.Cryptography;

namespace Portal.Endpoints;

/// <summary>
/// What browsers are told about every answer. Scripts come from files of this portal only; nothing inline runs. Styles do too, with two exceptions: style
/// elements with the nonce of the page, for the editor's themes, and the <c>style</c> attribute, which the component library sets for sizes and places.
/// </summary>
internal static class SecurityHeaders
{
    private const int NonceBytes = 16;
    private static readonly object s_nonce = new();
    private static readonly TimeSpan s_strictTransport = TimeSpan.FromDays(365);

    public static void UseSecurityHeaders(this WebApplication app)
    {
        var options = app.Services.GetRequiredService<PortalOptions>();
        // Signing out posts a form and is then sent on to the provider.
        var providers = string.Concat(options.SignIn.Providers.Select(provider => " " + provider.Authority.GetLeftPart(UriPartial.Authority)));
        app.Use((context, next) =>
        {
            // At the last moment: what answers an error clears the headers that are there by then.
            context.Response.OnStarting(() =>
            {
                Write(context, providers);
                return Task.CompletedTask;
            });
            return next(context);
        });
    }

    /// <summary>The nonce of style elements in the page that answers this request.</summary>
    public static string StyleNonce(HttpContext context)
    {
        var nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(NonceBytes));
        context.Items[s_nonce] = nonce;
        return nonce;
    }

    private static void Write(HttpContext context, string providers)
    {
        var (headers, request) = (context.Response.Headers, context.Request);
        var styles = context.Items[s_nonce] is string nonce ? $" 'nonce-{nonce}'" : "";
        headers.ContentSecurityPolicy =
            $"default-src 'none'; script-src 'self'; style-src 'self'{styles}; style-src-attr 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
            + $"connect-src 'self' {(request.IsHttps ? "wss" : "ws")}://{request.Host.ToUriComponent()}; worker-src 'self'; manifest-src 'self'; "
            + $"base-uri 'self'; form-action 'self'{providers}; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(), payment=(), usb=()";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        if (request.IsHttps && !IsLoopback(request.Host.Host))
        {
            headers.StrictTransportSecurity = $"max-age={(long)s_strictTransport.TotalSeconds}";
        }
    }

    private static bool IsLoopback(string host) => host is "localhost" or "127.0.0.1" or "[::1]";
}
