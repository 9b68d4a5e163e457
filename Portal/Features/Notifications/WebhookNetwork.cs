using System.Net;
using System.Net.Sockets;
using Portal.Runner.Tools;

namespace Portal.Features.Notifications;

/// <summary>
/// Where webhooks may be. Whoever manages a budget chooses the address, and the portal stands inside the network: without the option no address of loopback
/// or of a private network is connected to, and link-local ones and metadata services never. The address that was checked is the one that is used.
/// </summary>
public sealed class WebhookNetwork(PortalOptions options)
{
    private const int LongestAddress = 2000;

    private static readonly IPNetwork[] s_private =
        [IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("172.16.0.0/12"), IPNetwork.Parse("192.168.0.0/16"), IPNetwork.Parse("100.64.0.0/10"), IPNetwork.Parse("fc00::/7")];

    private static readonly (IPNetwork Network, int Offset)[] s_carriers = [(IPNetwork.Parse("64:ff9b::/96"), 12), (IPNetwork.Parse("2002::/16"), 2)];

    private readonly bool _allowPrivate = options.Notifications.AllowPrivateAddresses;
    private readonly ToolNetwork _tools = new() { AllowLoopback = options.Notifications.AllowPrivateAddresses };

    /// <summary>What is wrong with an address, as far as it can be said without asking for its host; null when nothing is.</summary>
    public string? FindProblem(string text)
    {
        if (text.Length > LongestAddress || !Uri.TryCreate(text, UriKind.Absolute, out var address) || address.Scheme is not ("https" or "http") || address.UserInfo.Length > 0)
        {
            return $"Write an address such as https://hooks.example.com/… without user and password in it, of at most {LongestAddress} characters.";
        }

        return IPAddress.TryParse(address.IdnHost.Trim('[', ']'), out var host) && !Allows(host) ? Refusal(address.IdnHost) : null;
    }

    public bool Allows(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return _tools.Allows(plain) && (_allowPrivate || !(IsPrivate(plain) || (Carried(plain) is { } inner && IsPrivate(inner))));
    }

    /// <summary>A handler that connects only where this allows: no redirects, no proxy, no cookies.</summary>
    internal SocketsHttpHandler CreateHandler() => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        PooledConnectionLifetime = TimeSpan.FromMinutes(1),
        ActivityHeadersPropagator = null,
        ConnectCallback = ConnectAsync,
    };

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var host = context.DnsEndPoint.Host;
        var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await Dns.GetHostAddressesAsync(host, cancellationToken);
        var allowed = addresses.Where(Allows).ToArray();
        if (allowed.Length == 0)
        {
            throw new HttpRequestException(Refusal(host));
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

    private static bool IsPrivate(IPAddress address) => s_private.Any(network => network.Contains(address));

    /// <summary>The IPv4 address inside an IPv6 address, which a translator on the way would connect to.</summary>
    private static IPAddress? Carried(IPAddress address)
    {
        var offset = s_carriers.FirstOrDefault(carrier => carrier.Network.Contains(address)).Offset;
        return offset == 0 ? null : new IPAddress(address.GetAddressBytes().AsSpan(offset, 4));
    }

    private static string Refusal(string host) =>
        $"{host} is at an address webhooks may not be at; those of private networks take Portal:Notifications:AllowPrivateAddresses.";
}
