using Portal.Runner.Flows;
using Portal.Runner.Telemetry;

namespace Portal.Runner.Hosting;

/// <summary>Everything this process answers: the route list, the probes, the OpenAPI document and the flows.</summary>
internal sealed class RunnerEndpoints(ServedFlows flows, FlowEndpoints calls, OpenApiDocument openApi, CrossOrigin crossOrigin, RunnerOptions options, DrainSignal drain,
    PrometheusMetrics metrics)
{
    public Task HandleAsync(HttpContext context)
    {
        context.Response.Headers.XContentTypeOptions = "nosniff";
        var path = context.Request.Path.Value ?? "/";
        return path switch
        {
            // A runner of a local parent is called by that parent alone. On loopback any page of the web could call it too.
            _ when options.ExitWithStdin && IsFromAPage(context.Request) => FlowAnswer.WriteProblemAsync(
                context.Response, StatusCodes.Status403Forbidden, "Forbidden", "This runner does not answer to browsers; call the flow through the portal."),
            _ when crossOrigin.Answers(context) => Task.CompletedTask,
            // A proxy of calls passes these on as well; what is posted to a probe is no call that succeeded.
            "/healthz" or "/readyz" or "/metrics" or "/openapi.json" or "/" or "" when IsOtherThanRead(context.Request.Method) => RefuseMethodAsync(context, "GET, HEAD"),
            "/healthz" => WriteTextAsync(context.Response, StatusCodes.Status200OK, "ok"),
            "/readyz" => ReadyAsync(context),
            "/metrics" => WriteMetricsAsync(context.Response),
            "/openapi.json" => WriteJsonAsync(context.Response, openApi.Of(flows.Current)),
            "/" or "" => WriteJsonAsync(context.Response, List(flows) + "\n"),
            _ => FlowAsync(context, path),
        };
    }

    private Task FlowAsync(HttpContext context, string path) => flows.Current.Find(path) switch
    {
        null => FlowAnswer.WriteProblemAsync(context.Response, StatusCodes.Status404NotFound, "Not found", "There is no flow at this path. GET / lists the routes."),
        _ when !HttpMethods.IsPost(context.Request.Method) => RefuseMethodAsync(context, "POST"),
        { Route: { } route } => calls.CallAsync(context, route),
        { Problem: var problem } => FlowAnswer.WriteErrorAsync(context.Response, StatusCodes.Status503ServiceUnavailable,
            FlowAnswer.ErrorObject("UNAVAILABLE", $"This flow cannot run: {problem}", null), context.RequestAborted),
    };

    /// <summary>Ready while anything can answer; with <c>?verbose</c> also says what is wrong.</summary>
    private Task ReadyAsync(HttpContext context)
    {
        var isReady = !drain.IsStopping && flows.Current.IsUsable;
        var text = drain.IsStopping ? "stopping" : isReady ? "ok" : "no flow can run";
        if (context.Request.Query.ContainsKey("verbose"))
        {
            var lines = flows.Current.Flows.Select(static flow => $"{flow.Path}: {flow.Name}{(flow.Problem is null ? "" : $": {flow.Problem}")}");
            text = string.Join('\n', [text, .. flows.Fault is { } fault ? [$"last change: not taken: {fault}"] : Array.Empty<string>(), .. lines, ""]);
        }

        return WriteTextAsync(context.Response, isReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable, text);
    }

    /// <summary>The routes, and a <see cref="Contract.RunnerReport"/>.</summary>
    private static string List(ServedFlows flows)
    {
        var catalog = flows.Current;
        var list = new JsonObject
        {
            ["routes"] = new JsonArray([.. catalog.Paths.Select(static path => JsonValue.Create(path))]),
            ["flows"] = new JsonArray([.. catalog.Flows.Select(static flow => WithProblem(new JsonObject { ["path"] = flow.Path, ["state"] = flow.Name }, flow.Problem))]),
            ["content"] = catalog.Content,
        };
        return WithProblem(list, flows.Fault).ToJsonString(FlowAnswer.Compact);
    }

    private static JsonObject WithProblem(JsonObject state, string? problem)
    {
        if (problem is not null)
        {
            state["problem"] = problem;
        }

        return state;
    }

    private static bool IsFromAPage(HttpRequest request) => request.Headers.Origin.Count > 0 || request.Headers.ContainsKey("Sec-Fetch-Site");

    private static bool IsOtherThanRead(string method) => !HttpMethods.IsGet(method) && !HttpMethods.IsHead(method);

    private static Task RefuseMethodAsync(HttpContext context, string allow)
    {
        context.Response.Headers.Allow = allow;
        return FlowAnswer.WriteProblemAsync(context.Response, StatusCodes.Status405MethodNotAllowed, "Method not allowed", $"This path answers to {allow}.");
    }

    private static Task WriteJsonAsync(HttpResponse response, string json)
    {
        response.ContentType = "application/json; charset=utf-8";
        return response.WriteAsync(json);
    }

    private Task WriteMetricsAsync(HttpResponse response)
    {
        response.ContentType = PrometheusMetrics.ContentType;
        return response.WriteAsync(metrics.Write());
    }

    private static Task WriteTextAsync(HttpResponse response, int status, string text)
    {
        response.StatusCode = status;
        response.ContentType = "text/plain; charset=utf-8";
        return response.WriteAsync(text);
    }
}
