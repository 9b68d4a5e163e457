namespace Portal.Kubernetes.Client.Auth;

/// <summary>Asks as somebody else: the server does what they may do, and its audit names both. Not to be disposed: the connection owns the inner handler.</summary>
internal sealed class ImpersonatingHandler(string user, IReadOnlyCollection<string> groups, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private const string UserHeader = "Impersonate-User";
    private const string GroupHeader = "Impersonate-Group";

    // HttpClient leaves out a header with line breaks, and then it would be the connection's own user who asks.
    private readonly string _user = user.Length > 0 && !user.Any(char.IsControl)
        ? user
        : throw new ArgumentException("Nobody can be impersonated by a name that is empty or has control characters.", nameof(user));

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Remove(UserHeader);
        request.Headers.Remove(GroupHeader);
        request.Headers.TryAddWithoutValidation(UserHeader, _user);
        if (HeaderLines.Join(groups) is { Length: > 0 } lines)
        {
            request.Headers.TryAddWithoutValidation(GroupHeader, lines);
        }

        return base.SendAsync(request, cancellationToken);
    }
}
