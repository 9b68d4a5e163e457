using System.Diagnostics;
using Microsoft.AspNetCore.Http.Features;

namespace Portal.Endpoints;

/// <summary>Where traces are sent, the span of a request has the name and the attributes of OpenTelemetry's conventions for HTTP servers.</summary>
internal static class RequestSpans
{
    public static void UseRequestSpans(this WebApplication app) => app.Use(static async (context, next) =>
    {
        await next(context);
        if (Of(context) is { } span)
        {
            Name(span, context);
        }
    });

    /// <summary>The span of the request; null when nobody is told of it.</summary>
    public static Activity? Of(HttpContext context) =>
        context.Features.Get<IHttpActivityFeature>()?.Activity is { Recorded: true } span && span.Source.HasListeners() ? span : null;

    private static void Name(Activity span, HttpContext context)
    {
        var status = context.Response.StatusCode;
        span.SetTag("http.response.status_code", status);
        if ((context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText is { } route)
        {
            span.DisplayName = $"{context.Request.Method} {route}";
            span.SetTag("http.route", route);
        }
        else
        {
            span.DisplayName = context.Request.Method;
        }

        if (status >= StatusCodes.Status500InternalServerError)
        {
            span.SetTag("error.type", status.ToString(System.Globalization.CultureInfo.InvariantCulture)).SetStatus(ActivityStatusCode.Error);
        }
    }
}
