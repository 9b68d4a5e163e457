using System.Net;

namespace Portal.Kubernetes.Configuration;

/// <summary>
/// The proxy of <c>HTTPS_PROXY</c> and <c>HTTP_PROXY</c>, with the exceptions of <c>NO_PROXY</c>, read as kubectl reads them. Unlike .NET's own
/// reading an exception may be a network such as <c>10.0.0.0/8</c>, which is how clusters except their service addresses.
/// </summary>
internal sealed class EnvironmentProxy : IWebProxy
{
    private readonly Uri? _https;
    private readonly Uri? _http;
    private readonly IReadOnlyList<string> _exceptions;

    public EnvironmentProxy(Func<string, string?> environment)
    {
        _https = Address("HTTPS_PROXY");
        _http = Address("HTTP_PROXY");
        _exceptions = (Text("NO_PROXY") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Credentials = CredentialsOf(_https ?? _http);

        string? Text(string name) =>
            environment(name) is { Length: > 0 } upper ? upper : environment(name.ToLowerInvariant()) is { Length: > 0 } lower ? lower : null;

        Uri? Address(string name)
        {
            if (Text(name) is not { } text)
            {
                return null;
            }

            // The value may hold a password, so the message does not quote it.
            return Uri.TryCreate(text.Contains("://", StringComparison.Ordinal) ? text : "http://" + text, UriKind.Absolute, out var uri)
                ? uri
                : throw new KubeConfigException($"{name}: is not a URL.");
        }
    }

    public ICredentials? Credentials { get; set; }

    public static NetworkCredential? CredentialsOf(Uri? proxy)
    {
        if (proxy is null || proxy.UserInfo.Length == 0)
        {
            return null;
        }

        var parts = proxy.UserInfo.Split(':', 2);
        return new NetworkCredential(Uri.UnescapeDataString(parts[0]), parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : "");
    }

    public Uri? GetProxy(Uri destination) => IsBypassed(destination) ? null : ProxyFor(destination);

    public bool IsBypassed(Uri host) => ProxyFor(host) is null || host.IsLoopback || _exceptions.Any(exception => Matches(exception, host));

    private Uri? ProxyFor(Uri destination) => destination.Scheme == Uri.UriSchemeHttps ? _https : _http;

    private static bool Matches(string exception, Uri host)
    {
        if (exception == "*")
        {
            return true;
        }

        var name = host.IdnHost;
        if (IPNetwork.TryParse(exception, out var network))
        {
            return IPAddress.TryParse(name, out var address) && network.Contains(address);
        }

        if (IPAddress.TryParse(exception, out var only))
        {
            return IPAddress.TryParse(name, out var address) && only.Equals(address);
        }

        var colon = exception.LastIndexOf(':');
        if (colon >= 0 && int.TryParse(exception.AsSpan(colon + 1), out var port))
        {
            return port == host.Port && Matches(exception[..colon].Trim('[', ']'), host);
        }

        // example.test excepts itself and all below it, .example.test and *.example.test only what is below.
        var domain = exception.TrimStart('*');
        return domain.StartsWith('.')
            ? name.EndsWith(domain, StringComparison.OrdinalIgnoreCase)
            : name.Equals(domain, StringComparison.OrdinalIgnoreCase) || name.EndsWith("." + domain, StringComparison.OrdinalIgnoreCase);
    }
}
