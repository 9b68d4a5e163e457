using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Portal.Kubernetes.Client.Auth;

/// <summary>Adds the credentials to each request. When the server refuses a token that can be renewed, it is renewed and the request sent once more.</summary>
internal sealed class AuthenticationHandler(Credentials credentials, ClientCertificate certificate, string? hostName, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // The handler takes the name for TLS from this header; there is no other way to set it.
        request.Headers.Host = hostName ?? request.Headers.Host;
        foreach (var (name, value) in credentials.Impersonation?.Headers ?? [])
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        var used = await AuthenticateAsync(request, cancellationToken);
        var response = await base.SendAsync(request, cancellationToken);
        if (response.StatusCode != HttpStatusCode.Unauthorized || credentials.Token is null or StaticTokenSource || !CanRepeat(request))
        {
            return response;
        }

        response.Dispose();
        credentials.Token.Invalidate(used);
        await AuthenticateAsync(request, cancellationToken);
        return await base.SendAsync(request, cancellationToken);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            (credentials.Token as IDisposable)?.Dispose();
        }

        base.Dispose(disposing);
    }

    private async ValueTask<Credential> AuthenticateAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (credentials.Token is { } source)
        {
            var credential = await source.GetAsync(cancellationToken);
            certificate.Current = credential.Certificate ?? certificate.Current;
            request.Headers.Authorization = credential.Token is { } token ? new AuthenticationHeaderValue("Bearer", token) : null;
            return credential;
        }

        if (credentials.Basic is (var name, var password))
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}:{password}")));
        }

        return default;
    }

    private static bool CanRepeat(HttpRequestMessage request) => request.Content is null or ByteArrayContent or ReadOnlyMemoryContent;
}
