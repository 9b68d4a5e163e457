using System.Collections.Frozen;
using System.Net;
using System.Net.Sockets;
using Portal.Runner.Contract;

namespace Portal.Runner.Tools;

/// <summary>
/// Where tools may connect to. Never to link-local addresses, cloud metadata services, or addresses that mean no host; to loopback only when
/// allowed. The address that was checked is the one that is connected to, so a name cannot point elsewhere a moment later.
/// </summary>
public sealed record ToolNetwork
{
    /// <summary>Variables of the runner's process: <c>true</c> allows loopback; a comma-separated list of host names, <c>*.example.com</c> included, allows only those.</summary>
    public const string LoopbackVariable = "GENKIT_TOOLS_ALLOW_LOOPBACK";
    public const string HostsVariable = "GENKIT_TOOLS_ALLOWED_HOSTS";

    // Metadata services outside the link-local ranges: AWS and Google over IPv6, Alibaba, Azure, Oracle.
    private static readonly FrozenSet<IPAddress> s_metadata = new[] { "fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "168.63.129.16", "192.0.0.192" }
        .Select(IPAddress.Parse).ToFrozenSet();

    private static readonly IPNetwork[] s_noHost =
        [IPNetwork.Parse("0.0.0.0/8"), IPNetwork.Parse("169.254.0.0/16"), IPNetwork.Parse("224.0.0.0/4"), IPNetwork.Parse("240.0.0.0/4"), IPNetwork.Parse("ff00::/8")];

    // IPv6 addresses that carry an IPv4 address: a translator on the way would connect there.
    private static readonly (IPNetwork Network, int Offset)[] s_carriers =
        [(IPNetwork.Parse("64:ff9b::/96"), 12), (IPNetwork.Parse("2002::/16"), 2), (IPNetwork.Parse("::/96"), 12)];

    public bool AllowLoopback { get; init; }

    /// <summary>Host names tools may use; empty allows all.</summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>Where Services are looked up when there is no cluster DNS; see <see cref="RuntimeLayout.ServicesVariable"/>.</summary>
    public string? ServicesFile { get; init; }

    /// <summary>Addresses of a host name.</summary>
    internal Func<string, CancellationToken, Task<IPAddress[]>> Resolve { get; init; } = static (host, cancellationToken) => Dns.GetHostAddressesAsync(host, cancellationToken);

    public static ToolNetwork FromEnvironment(Func<string, string?> environment) => new()
    {
        AllowLoopback = string.Equals(environment(LoopbackVariable), "true", StringComparison.OrdinalIgnoreCase),
        AllowedHosts = (environment(HostsVariable) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
        ServicesFile = environment(RuntimeLayout.ServicesVariable) is { Length: > 0 } file ? file : null,
    };

    /// <summary>The URL of a tool, checked as far as that is possible without its addresses.</summary>
    /// <exception cref="ToolException">It is no absolute http(s) URL, or its host is not allowed.</exception>
    public Uri Require(string? url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.UserInfo.Length > 0)
        {
            throw new ToolException("its url is not an absolute http or https URL without credentials in it.");
        }

        return AllowedHosts.Count == 0 || AllowedHosts.Any(host => Matches(uri.IdnHost, host))
            ? uri
            : throw new ToolException($"its host {uri.IdnHost} is not among those that {HostsVariable} allows.");
    }

    /// <summary>Whether tools may connect to the address.</summary>
    public bool Allows(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return Allows(address.MapToIPv4());
        }

        if (IPAddress.IsLoopback(address))
        {
            return AllowLoopback;
        }

        if (address.IsIPv6LinkLocal || s_metadata.Contains(WithoutScope(address)) || s_noHost.Any(network => network.Contains(address)))
        {
            return false;
        }

        if (address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            var bytes = address.GetAddressBytes();
            return !s_carriers.Any(carrier => carrier.Network.Contains(address) && !Allows(new IPAddress(bytes.AsSpan(carrier.Offset, 4))));
        }

        return true;
    }

    /// <summary>A client that connects only where this allows: no redirects (they would carry headers elsewhere), no proxy (it would choose the address), no cookies.</summary>
    /// <remarks>No answer it reads is longer than <see cref="ToolAnswer.MaxBytes"/>.</remarks>
    public HttpClient CreateClient() => new(new AnswerLimit(Handler(ConnectAsync))) { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>A client for flows, whose addresses the operator wrote.</summary>
    internal HttpClient CreateFlowClient() => new(Handler(new ServiceNames(ServicesFile).ConnectAsync)) { Timeout = Timeout.InfiniteTimeSpan };

    private static SocketsHttpHandler Handler(Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>> connect) => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        AutomaticDecompression = DecompressionMethods.All,
        ConnectTimeout = TimeSpan.FromSeconds(10),
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        ConnectCallback = connect,
    };

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var host = context.DnsEndPoint.Host;
        var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await Resolve(host, cancellationToken);
        var allowed = addresses.Where(Allows).ToArray();
        if (allowed.Length == 0)
        {
            throw new ToolException(addresses.Length == 0
                ? $"its host {host} has no address."
                : $"its host {host} is at an address tools may not connect to ({(addresses.Any(IPAddress.IsLoopback)
                    ? $"loopback; {LoopbackVariable}=true allows it"
                    : "link-local or a metadata service")}).");
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, context.DnsEndPoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static IPAddress WithoutScope(IPAddress address) =>
        address is { AddressFamily: AddressFamily.InterNetworkV6, ScopeId: not 0 } ? new IPAddress(address.GetAddressBytes()) : address;

    private static bool Matches(string host, string pattern) => pattern.StartsWith("*.", StringComparison.Ordinal)
        ? host.EndsWith(pattern[1..], StringComparison.OrdinalIgnoreCase)
        : string.Equals(host, pattern, StringComparison.OrdinalIgnoreCase);
}
