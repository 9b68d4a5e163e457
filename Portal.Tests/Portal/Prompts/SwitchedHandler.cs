namespace Portal.Tests.Portal.Prompts;

/// <summary>Passes requests on, plays a cluster that is away, or answers itself.</summary>
internal sealed class SwitchedHandler(HttpMessageHandler inner) : HttpMessageHandler
{
    private readonly HttpMessageInvoker _inner = new(inner, disposeHandler: false);

    public bool IsAway { get; set; }

    /// <summary>JSON to answer a request with; null passes it on.</summary>
    public Func<HttpRequestMessage, string?> Answer { get; set; } = _ => null;

    /// <summary>Requests a webhook says no to.</summary>
    public Func<HttpRequestMessage, bool> Refuse { get; set; } = _ => false;

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        IsAway ? throw new HttpRequestException("Connection refused")
        : Refuse(request) ? Task.FromResult(new HttpResponseMessage(System.Net.HttpStatusCode.UnprocessableEntity)
        {
            Content = new StringContent("""{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Invalid","message":"admission webhook said no","code":422}"""),
        })
        : Answer(request) is { } json ? Task.FromResult(new HttpResponseMessage { Content = new StringContent(json) })
        : _inner.SendAsync(request, cancellationToken);

    protected override void Dispose(bool disposing)
    {
        _inner.Dispose();
        base.Dispose(disposing);
    }
}
