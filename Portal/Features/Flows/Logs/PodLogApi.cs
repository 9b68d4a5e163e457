using Portal.Auth;

namespace Portal.Features.Flows.Logs;

/// <summary>A pod's log as a file.</summary>
internal static class PodLogApi
{
    private const int MaxBytes = 32 * 1024 * 1024;
    private const int MaxLines = 200_000;

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/api/v1/namespaces/{namespace}/pods/{pod}/log", DownloadAsync).Requires(Permission.ReadNamespace).WithName("DownloadPodLog").WithTags("Flows")
            .Produces(StatusCodes.Status200OK, contentType: "text/plain").ProducesProblem(StatusCodes.Status404NotFound);

    private static async Task<IResult> DownloadAsync(
        HttpContext context, PodLogReader reader, FlowDirectory directory, string @namespace, string pod, CancellationToken cancellationToken, string? container = null, bool previous = false)
    {
        // Only pods of the portal's own kinds: what else runs in the namespace is not its business.
        if (directory.Pods.Store.Find(@namespace, pod) is not { } found || !FlowDirectory.OwnersOf(found).Any())
        {
            return Results.Problem($"There is no pod \"{pod}\" of a flow in the namespace \"{@namespace}\".", statusCode: StatusCodes.Status404NotFound);
        }

        var request = new LogRequest(@namespace, pod, MaxLines) { Container = container, Previous = previous };
        var problem = await reader.CopyAsync(request, MaxBytes, () => Begin(context.Response, pod), cancellationToken);
        return problem is null ? Results.Empty : Results.Problem(problem, statusCode: StatusCodes.Status404NotFound);
    }

    private static Stream Begin(HttpResponse response, string pod)
    {
        // Never as a page: what a pod prints is untrusted.
        response.ContentType = "text/plain; charset=utf-8";
        response.Headers.ContentDisposition = $"attachment; filename=\"{pod}.log\"";
        response.Headers.XContentTypeOptions = "nosniff";
        return response.Body;
    }
}
