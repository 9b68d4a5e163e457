namespace Portal.Tests.Portal.Prompts;

/// <summary>Passes requests on, plays a cluster that is away, or answers itself.</summary>
internal sealed class SwitchedHandler(HttpMessageHandler inner) : HttpMessageHandler
{
    private readonly HttpMessageInvoker _inner = new(inner, disposeHandler: false);

    public bool IsAway { get; set; }

    /// <summary>JSON to answer a request with; null passes it on.</summary>
    public Func<HttpRequestMessage, string?> Answer { get; set; } = _ => null;

    /// <summary>What the server answers a request with instead of carrying it out; null passes it on.</summary>
    public Func<HttpRequestMessage, HttpResponseMessage?> Reply { get; set; } = _ => null;

    /// <summary>Requests a webhook says no to.</summary>
    public Func<HttpRequestMessage, bool> Refuse { get; set; } = _ => false;

    /// <summary>Requests the server carries out, and answers when nobody waits any more.</summary>
    public Func<HttpRequestMessage, bool> Late { get; set; } = _ => false;

    /// <summary>Where the process dies: at a request, before (false) or after (true) the server carried it out.</summary>
    public Func<HttpRequestMessage, bool, bool> Dies { get; set; } = (_, _) => false;

    /// <summary>What a request waits for before it is passed on.</summary>
    public Func<HttpRequestMessage, Task> Waits { get; set; } = _ => Task.CompletedTask;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (Dies(request, false))
        {
            throw new DeathException();
        }

        await Waits(request).WaitAsync(cancellationToken);
        var response = await AnswerAsync(request, cancellationToken);
        if (Late(request))
        {
            throw new TimeoutException("The server did not answer in time.");
        }

        return Dies(request, true) ? throw new DeathException() : response;
    }

    private Task<HttpResponseMessage> AnswerAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        IsAway ? throw new HttpRequestException("Connection refused")
        : Refuse(request) ? Task.FromResult(new HttpResponseMessage(System.Net.HttpStatusCode.UnprocessableEntity)
        {
            Content = new StringContent("""{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Invalid","message":"admission webhook said no","code":422}"""),
        })
        : Reply(request) is { } reply ? Task.FromResult(reply)
        : Answer(request) is { } json ? Task.FromResult(new HttpResponseMessage { Content = new StringContent(json) })
        : _inner.SendAsync(request, cancellationToken);

    protected override void Dispose(bool disposing)
    {
        _inner.Dispose();
        base.Dispose(disposing);
    }
}

/// <summary>Nothing after it was run: what a kill leaves behind, as far as files and the cluster can tell.</summary>
internal sealed class DeathException : Exception;
