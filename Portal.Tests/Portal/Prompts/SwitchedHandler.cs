namespace Portal.Tests.Portal.Prompts;

/// <summary>Passes requests on, or plays a cluster that is away.</summary>
internal sealed class SwitchedHandler(HttpMessageHandler inner) : HttpMessageHandler
{
    private readonly HttpMessageInvoker _inner = new(inner, disposeHandler: false);

    public bool IsAway { get; set; }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        IsAway ? throw new HttpRequestException("Connection refused") : _inner.SendAsync(request, cancellationToken);

    protected override void Dispose(bool disposing)
    {
        _inner.Dispose();
        base.Dispose(disposing);
    }
}
