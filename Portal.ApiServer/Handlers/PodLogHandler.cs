using System.Text;

namespace Portal.ApiServer.Handlers;

/// <summary>Lines of one container's log, oldest first; with follow, until the container ends or the caller leaves.</summary>
public delegate IAsyncEnumerable<string> PodLogs(PodLogRequest request, CancellationToken cancellationToken);

/// <summary>Which lines are asked for.</summary>
public sealed record PodLogRequest(string Namespace, string Pod)
{
    /// <summary>Null for the only container.</summary>
    public string? Container { get; init; }

    /// <summary>Whether to go on with new lines.</summary>
    public bool Follow { get; init; }

    /// <summary>How many of the last lines to begin with; null for all that are kept.</summary>
    public int? TailLines { get; init; }

    /// <summary>Whether the container's run before the present one is meant. There was one.</summary>
    public bool Previous { get; init; }

    /// <summary>Whether each line begins with its time (RFC 3339 with nanoseconds) and a space.</summary>
    public bool Timestamps { get; init; }
}

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

        var previous = call.Flag("previous");
        if (previous && (pod.Json["status"]?["containerStatuses"] as JsonArray ?? []).All(status => status?["lastState"]?["terminated"] is null))
        {
            throw ApiException.BadRequest($"previous terminated container \"{(string.IsNullOrEmpty(container) ? containers.FirstOrDefault() : container)}\" in pod \"{name}\" not found");
        }

        using var ends = CancellationTokenSource.CreateLinkedTokenSource(call.Aborted, server.Stopping);
        call.Http.Response.ContentType = "text/plain";
        var body = call.Http.Response.BodyWriter;
        await body.FlushAsync(call.Aborted);
        var request = new PodLogRequest(call.Target.Namespace!, name)
        {
            Container = container,
            Follow = call.Flag("follow"),
            TailLines = (int?)tail,
            Previous = previous,
            Timestamps = call.Flag("timestamps"),
        };
        var lines = source(request, ends.Token);
        await foreach (var line in lines.WithCancellation(ends.Token))
        {
            Encoding.UTF8.GetBytes(line.AsSpan(), body);
            Encoding.UTF8.GetBytes("\n".AsSpan(), body);
            await body.FlushAsync(ends.Token);
        }
    }
}
