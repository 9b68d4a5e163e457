namespace Portal.Kubernetes.Client;

/// <summary>The server gave no answer, or broke off in the middle of one. The message names the server and the cause; trying again may help.</summary>
public sealed class KubeUnreachableException : HttpRequestException
{
    /// <param name="server">Base address of the server.</param>
    /// <param name="cause">What went wrong, for people.</param>
    /// <param name="inner">What the transport threw.</param>
    public KubeUnreachableException(Uri server, string cause, Exception? inner)
        : base($"Cannot reach the API server {server.GetLeftPart(UriPartial.Path).TrimEnd('/')}: {cause}", inner) => Server = server;

    internal KubeUnreachableException(Uri server, Exception inner)
        : this(server, CauseOf(inner), inner)
    {
    }

    public Uri Server { get; }

    private static string CauseOf(Exception exception)
    {
        // The outer message of a failed TLS handshake only points to the inner one.
        while (exception.InnerException is { } inner && exception.Message.Contains("inner exception", StringComparison.Ordinal))
        {
            exception = inner;
        }

        return exception.Message;
    }
}
