namespace Portal.Kubernetes.Client.Auth;

/// <summary>Asks as somebody else: the server does what they may do, and its audit names both. Not to be disposed: the connection owns the inner handler.</summary>
internal sealed class ImpersonatingHandler(string user, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Remove("Impersonate-User");
        request.Headers.TryAddWithoutValidation("Impersonate-User", user);
        return base.SendAsync(request, cancellationToken);
    }
}
