using Microsoft.AspNetCore.Diagnostics;
using Portal.Components;
using Portal.Kubernetes.Client;

namespace Portal.Endpoints;

/// <summary>
/// Answers failures of everything that is not a page as problem+json (RFC 9457). What a cluster refused is passed on; the unexpected
/// carries only an id that is in the log.
/// </summary>
internal sealed class ApiExceptionHandler : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (PortalUi.AsksForPage(httpContext))
        {
            return false;
        }

        await Describe(exception, httpContext.TraceIdentifier).ExecuteAsync(httpContext);
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

    private static IResult Describe(Exception exception, string id) => exception switch
    {
        BadHttpRequestException bad =>
            Results.Problem(bad.InnerException is JsonException json ? $"The body is not the JSON expected: {json.Message}" : bad.Message,
                statusCode: bad.StatusCode),
        KubernetesException refused => Results.Problem(refused.Message, statusCode: (int)refused.StatusCode, title: refused.Reason),
        HttpRequestException unreachable =>
            Results.Problem($"The cluster cannot be reached: {unreachable.Message}", statusCode: StatusCodes.Status503ServiceUnavailable),
        _ => Results.Problem($"Something went wrong. Search the log for {id}.", statusCode: StatusCodes.Status500InternalServerError),
    };
}
