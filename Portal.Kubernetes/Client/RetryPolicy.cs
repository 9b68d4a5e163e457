using System.Net;

namespace Portal.Kubernetes.Client;

/// <summary>
/// When a request is sent again by itself. A 429 with Retry-After: any verb, as the server did nothing. A 503 with Retry-After, or a connection that
/// broke off: only what changes nothing when it is done twice. A server that cannot be reached at all is for the caller to decide.
/// </summary>
internal static class RetryPolicy
{
    private const int MaxWaits = 8;
    private const int MaxLosses = 2;

    /// <summary>A server that asks for more time is taken for one that refuses.</summary>
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_afterLoss = TimeSpan.FromMilliseconds(100);

    /// <param name="failure">What the attempt threw.</param>
    /// <param name="isRead">Whether the request only reads.</param>
    /// <param name="attempt">0 for the first.</param>
    /// <returns>How long to wait before the next attempt, or null to give up.</returns>
    public static TimeSpan? PauseAfter(Exception failure, bool isRead, int attempt) => failure switch
    {
        KubernetesException { StatusCode: HttpStatusCode.TooManyRequests, RetryAfter: { } wait } when attempt < MaxWaits && wait <= s_longest => wait,
        KubernetesException { StatusCode: HttpStatusCode.ServiceUnavailable, RetryAfter: { } wait } when isRead && attempt < MaxWaits && wait <= s_longest => wait,
        KubeUnreachableException { InnerException: { } cause } when isRead && attempt < MaxLosses && IsLoss(cause) => s_afterLoss * (1 << attempt),
        _ => null,
    };

    /// <summary>The connection stood and broke; a refused one, an unknown name or a bad certificate would only be the same again.</summary>
    private static bool IsLoss(Exception cause) => cause switch
    {
        IOException => true,
        HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded or HttpRequestError.HttpProtocolError } => true,
        HttpRequestException { HttpRequestError: HttpRequestError.Unknown, InnerException: IOException } => true,
        _ => false,
    };
}
