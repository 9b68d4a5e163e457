namespace Portal.Kubernetes.Client.Auth;

/// <summary>Asks as somebody else: the server does what they may do, and its audit names both. Not to be disposed: the connection owns the inner handler.</summary>
internal sealed class ImpersonatingHandler(string user, IReadOnlyCollection<string> groups, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private const string UserHeader = "Impersonate-User";
    private const string GroupHeader = "Impersonate-Group";

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Remove(UserHeader);
        request.Headers.Remove(GroupHeader);
        request.Headers.TryAddWithoutValidation(UserHeader, user);
        if (HeaderLines.Join(groups) is { Length: > 0 } lines)
        {
            request.Headers.TryAddWithoutValidation(GroupHeader, lines);
        }

        return base.SendAsync(request, cancellationToken);
    }
}
