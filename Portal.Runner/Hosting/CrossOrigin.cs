namespace Portal.Runner.Hosting;

/// <summary>Lets pages of the configured origins call flows: <c>GENKIT_CORS_ORIGINS</c>, none by default, <c>*</c> for all.</summary>
internal sealed class CrossOrigin(RunnerOptions options)
{
    private const string Exposed = "x-genkit-call-id, x-genkit-trace-id, x-genkit-span-id, x-genkit-usage, x-request-id, retry-after";
    private readonly bool _all = options.CorsOrigins.Contains("*");

    /// <summary>Adds the headers that belong on the answer; true when the request was a preflight and is answered by them alone.</summary>
    public bool Answers(HttpContext context)
    {
        if (options.CorsOrigins.Count == 0 || context.Request.Headers.Origin is not [{ Length: > 0 } origin])
        {
            return false;
        }

        var headers = context.Response.Headers;
        if (!_all)
        {
            headers.Vary = "Origin";
        }

        if (!_all && !options.CorsOrigins.Contains(origin))
        {
            return false; // without headers the browser keeps the answer from the page
        }

        headers.AccessControlAllowOrigin = _all ? "*" : origin;
        headers.AccessControlExposeHeaders = Exposed;
        if (!HttpMethods.IsOptions(context.Request.Method) || context.Request.Headers.AccessControlRequestMethod.Count == 0)
        {
            return false;
        }

        headers.AccessControlAllowMethods = "GET, HEAD, POST";
        headers.AccessControlAllowHeaders = context.Request.Headers.AccessControlRequestHeaders;
        headers.AccessControlMaxAge = "600";
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return true;
    }
}
