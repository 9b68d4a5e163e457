namespace Portal.Runner.Engine;

/// <summary>Turns what a provider's code throws into an error fit for the caller.</summary>
internal static class ProviderErrors
{
    public static GenkitException From(Exception exception, string provider) => exception switch
    {
        TimeoutException or OperationCanceledException => new(GenkitStatus.DeadlineExceeded, $"{provider} did not answer in time.", exception),
        HttpRequestException => new(GenkitStatus.Unavailable, $"{provider} cannot be reached: {Reason((HttpRequestException)exception)}.", exception),
        IOException => new(GenkitStatus.Unavailable, $"{provider}: the connection ended before the answer did.", exception),
        JsonException => new(GenkitStatus.Internal, $"{provider} answered something that is not JSON.", exception),
        _ => new(GenkitStatus.Internal, $"The call to {provider} failed unexpectedly.", exception),
    };

    private static string Reason(HttpRequestException exception) => exception.HttpRequestError switch
    {
        HttpRequestError.NameResolutionError => "its host name is unknown",
        HttpRequestError.ConnectionError => "the connection was refused or lost",
        HttpRequestError.SecureConnectionError => "no secure connection could be made",
        HttpRequestError.ProxyTunnelError => "the proxy refused",
        _ => "the request failed",
    };
}
