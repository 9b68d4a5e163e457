using System.Net;

namespace Portal.Endpoints;

/// <summary>Where the portal listens, and the rule that without sign-in it does so on loopback only.</summary>
public static class ListenAddresses
{
    public const string Default = "http://127.0.0.1:5080";

    /// <summary>The addresses asked for by <c>--urls</c>, <c>ASPNETCORE_URLS</c> or <c>Kestrel:Endpoints</c>; the default when there are none.</summary>
    /// <param name="hasSignIn">Whether people sign in; without, an address that reaches beyond this machine is refused.</param>
    /// <exception cref="StartupException">An address is malformed, or reaches beyond this machine.</exception>
    public static IReadOnlyList<string> Read(IConfiguration configuration, bool hasSignIn)
    {
        var asked = (configuration["urls"] ?? "").Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var endpoints = configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"] ?? "");
        var addresses = asked.Concat(endpoints).ToList();
        if (addresses.Count == 0)
        {
            addresses.Add(Default);
        }

        foreach (var address in addresses)
        {
            Check(address, hasSignIn);
        }

        return asked.Length > 0 ? asked : addresses;
    }

    private static void Check(string address, bool hasSignIn)
    {
        BindingAddress parsed;
        try
        {
            parsed = BindingAddress.Parse(address);
        }
        catch (FormatException exception)
        {
            throw NotAnAddress(address, exception);
        }

        if (parsed.Port > IPEndPoint.MaxPort || parsed.Scheme is not ("http" or "https"))
        {
            throw NotAnAddress(address, null);
        }

        if (!hasSignIn && !parsed.IsUnixPipe && !IsLoopback(parsed.Host))
        {
            throw new StartupException(
                $"Refusing to listen on {address}: no sign-in is configured, so anyone who can reach that address could read and change everything. " +
                $"Use a loopback address such as {Default} (--urls), or configure a sign-in (Portal:Auth:Oidc).");
        }
    }

    private static StartupException NotAnAddress(string address, FormatException? reason) =>
        new($"'{address}' is not an address to listen on; write it like {Default} (--urls).", reason);

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) ||
        (IPAddress.TryParse(host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));
}
