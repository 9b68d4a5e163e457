using System.Data.Common;
using Microsoft.AspNetCore.Diagnostics;
using Portal.Auth;
using Portal.Components;
using Portal.Data;
using Portal.Features.Ownership;
using Portal.Kubernetes.Client;

namespace Portal.Endpoints;

/// <summary>
/// Answers failures of everything that is not a page as problem+json (RFC 9457). What a cluster refused is passed on; the unexpected
/// carries only an id that is in the log.
/// </summary>
internal sealed partial class ApiExceptionHandler(ILogger<ApiExceptionHandler> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (PortalUi.AsksForPage(httpContext))
        {
            return false;
        }

        await Describe(exception, httpContext).ExecuteAsync(httpContext);
        return true;
    }

    /// <summary>Says what to do where the framework only gives a status.</summary>
    public static void Complete(ProblemDetailsContext context) => context.ProblemDetails.Detail ??= context.ProblemDetails.Status switch
    {
        StatusCodes.Status404NotFound => "There is nothing at this address.",
        StatusCodes.Status405MethodNotAllowed => "This address does not take this method.",
        StatusCodes.Status413PayloadTooLarge => "The body is too large.",
        StatusCodes.Status415UnsupportedMediaType => "Send JSON, with the header content-type: application/json.",
        _ => null,
    };

    private IResult Describe(Exception exception, HttpContext context)
    {
        switch (exception)
        {
            case BadHttpRequestException bad:
                var words = bad.InnerException is JsonException json ? JsonProblem.Describe(json) : Describe(bad);
                return Results.Problem(words, statusCode: bad.StatusCode);
            case AccessDeniedException denied:
                return Results.Problem(denied.Message, statusCode: StatusCodes.Status403Forbidden, title: "Not allowed");
            case OwnedObjectException owned:
                return Results.Problem(owned.Message, statusCode: StatusCodes.Status409Conflict, title: "Somebody else keeps this object");
            case KubernetesException refused:
                return Results.Problem(refused.Message, statusCode: (int)refused.StatusCode, title: refused.Reason);
            case HttpRequestException unreachable:
                return Results.Problem($"The cluster cannot be reached: {unreachable.Message}", statusCode: StatusCodes.Status503ServiceUnavailable);
            case DbException trouble when WordsOf(trouble, context) is { } advice:
                Log.NoDatabase(logger, context.TraceIdentifier, trouble);
                return Results.Problem($"{advice} Search the log for {context.TraceIdentifier}.", statusCode: StatusCodes.Status503ServiceUnavailable, title: "The portal's database");
            case InvalidOperationException when HasUnknownCharset(context.Request):
                return Results.Problem(
                    "Send JSON in UTF-8, with the header content-type: application/json.", statusCode: StatusCodes.Status415UnsupportedMediaType);
            default:
                // The framework takes what is handled here for told, and logs nothing.
                var path = context.Features.Get<IExceptionHandlerPathFeature>()?.Path;
                Log.Failed(logger, context.TraceIdentifier, context.Request.Method, path, exception);
                return Results.Problem(
                    $"Something went wrong. Search the log for {context.TraceIdentifier}.", statusCode: StatusCodes.Status500InternalServerError);
        }
    }

    /// <summary>Null when it is a mistake of the portal.</summary>
    private static string? WordsOf(DbException trouble, HttpContext context) => context.RequestServices.GetService<PortalDatabase>()?.FaultOf(trouble) switch
    {
        DatabaseFault.Busy => "Others held the portal's database for too long; nothing was changed. Try again.",
        DatabaseFault.Full => "The disk of the portal's database is full; nothing was changed. Make room, then try again.",
        DatabaseFault.Unavailable => "The portal's database cannot be used now; nothing was changed. Try again in a moment.",
        _ => null,
    };

    // Of a missing body the framework speaks to the author of the endpoint, not to its caller.
    private static string Describe(BadHttpRequestException bad) =>
        bad.Message.Contains("no body was provided", StringComparison.Ordinal) ? "The body is missing: send a JSON object." : bad.Message;

    private static bool HasUnknownCharset(HttpRequest request)
    {
        try
        {
            return request.GetTypedHeaders().ContentType is { Charset.Length: > 0, Encoding: null };
        }
        catch (ArgumentException)
        {
            return true;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2, LogLevel.Error, "{Id}: the database does not take it")]
        public static partial void NoDatabase(ILogger logger, string id, Exception exception);

        [LoggerMessage(1, LogLevel.Error, "{Id}: {Method} {Path} failed")]
        public static partial void Failed(ILogger logger, string id, string method, string? path, Exception exception);
    }
}
