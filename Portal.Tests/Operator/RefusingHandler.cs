using System.Net;
using System.Text;

namespace Portal.Tests.Operator;

/// <summary>Passes requests on, and refuses writes to Services while the quota is full, as a ResourceQuota does.</summary>
internal sealed class RefusingHandler(HttpMessageHandler inner) : HttpMessageHandler
{
    public const string Message = "services \"tight\" is forbidden: exceeded quota: few, requested: services=1, used: services=1, limited: services=1";

    private readonly HttpMessageInvoker _inner = new(inner, disposeHandler: false);

    public bool IsFull { get; set; }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        IsFull && request.Method == HttpMethod.Patch && request.RequestUri!.AbsolutePath.Contains("/services/", StringComparison.Ordinal)
            ? Task.FromResult(Refusal(request))
            : _inner.SendAsync(request, cancellationToken);

    protected override void Dispose(bool disposing)
    {
        _inner.Dispose();
        base.Dispose(disposing);
    }

    private static HttpResponseMessage Refusal(HttpRequestMessage request)
    {
        var status = new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["status"] = "Failure",
            ["message"] = Message,
            ["reason"] = "Forbidden",
            ["code"] = 403,
        };
        return new HttpResponseMessage(HttpStatusCode.Forbidden)
        {
            RequestMessage = request,
            Content = new StringContent(status.ToJsonString(), Encoding.UTF8, "application/json"),
        };
    }
}
