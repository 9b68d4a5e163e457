using System.Text;

namespace Portal.ApiServer.Handlers;

/// <summary>Lines of one container's log, oldest first; with follow, until the container ends or the caller leaves.</summary>
/// <param name="namespace">Namespace of the pod.</param>
/// <param name="pod">Name of the pod.</param>
/// <param name="container">Container, or null for the only one.</param>
/// <param name="follow">Whether to go on with new lines.</param>
/// <param name="tailLines">How many of the last lines to begin with; null for all that are kept.</param>
/// <param name="cancellationToken">Fires when the caller leaves.</param>
public delegate IAsyncEnumerable<string> PodLogs(
    string @namespace, string pod, string? container, bool follow, int? tailLines, CancellationToken cancellationToken);

/// <summary><c>/pods/NAME/log</c>, from whoever runs the pods.</summary>
internal sealed class PodLogHandler(ServerContext server, PodLogs? source)
{
    public async Task HandleAsync(ApiCall call)
    {
        if (call.Http.Request.Method is not ("GET" or "HEAD"))
        {
            throw ApiException.MethodNotAllowed();
        }

        var name = call.Target.Name!;
        var pod = server.Log.Find(call.Target.Key(name)) ?? throw ApiException.NotFound(call.Target.Resource, name);
        var container = call.Query("container");
        var containers = (pod.Json["spec"]?["containers"] as JsonArray ?? []).Select(item => item?["name"]?.ToString()).ToList();
        if (!string.IsNullOrEmpty(container) && !containers.Contains(container))
        {
            throw ApiException.BadRequest($"container {container} is not valid for pod {name}");
        }

        if (source is null)
        {
            throw ApiException.BadRequest($"no logs are kept for pod {name}");
        }

        var tail = call.Number("tailLines");
        if (tail < 0)
        {
            throw ApiException.BadRequest("tailLines must be greater than or equal to 0");
        }

        using var ends = CancellationTokenSource.CreateLinkedTokenSource(call.Aborted, server.Stopping);
        call.Http.Response.ContentType = "text/plain";
        var body = call.Http.Response.BodyWriter;
        await body.FlushAsync(call.Aborted);
        var lines = source(call.Target.Namespace!, name, container, call.Flag("follow"), (int?)tail, ends.Token);
        await foreach (var line in lines.WithCancellation(ends.Token))
        {
            Encoding.UTF8.GetBytes(line.AsSpan(), body);
            Encoding.UTF8.GetBytes("\n".AsSpan(), body);
            await body.FlushAsync(ends.Token);
        }
    }
}
