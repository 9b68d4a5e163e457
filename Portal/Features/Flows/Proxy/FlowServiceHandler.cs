using System.Net;

namespace Portal.Features.Flows.Proxy;

/// <summary>
/// Sends requests for <c>http://&lt;flow&gt;.&lt;namespace&gt;.svc</c> the way the portal reaches flows: it need not be where that name is known.
/// </summary>
internal sealed class FlowServiceHandler(FlowDirectory directory, FlowCaller caller) : HttpMessageHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.RequestUri is not { } uri || uri.Host.Split('.') is not [var name, var @namespace, "svc"] || directory.Find(@namespace, name) is not { } flow)
        {
            return Refuse(request, $"There is no flow at {request.RequestUri?.Host}.");
        }

        var body = request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(cancellationToken);
        return await caller.SendAsync(flow, uri.PathAndQuery.TrimStart('/'), body, message => Copy(request, message), cancellationToken)
            ?? Refuse(request, $"The flow \"{name}\" is not ready.");
    }

    private static void Copy(HttpRequestMessage from, HttpRequestMessage to)
    {
        foreach (var (name, values) in from.Headers)
        {
            to.Headers.TryAddWithoutValidation(name, values);
        }

        to.Content!.Headers.ContentType = from.Content?.Headers.ContentType;
    }

    private static HttpResponseMessage Refuse(HttpRequestMessage request, string why) => new(HttpStatusCode.ServiceUnavailable)
    {
        RequestMessage = request,
        Content = new StringContent(why),
    };
}
