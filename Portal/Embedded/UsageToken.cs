using System.Security.Cryptography;
using System.Text;

namespace Portal.Embedded;

/// <summary>What runners show to tell of their calls. Those of this machine get one that lives as long as the portal's process; others a configured one.</summary>
public sealed class UsageToken(PortalOptions options)
{
    private readonly byte[]? _configured = options.Usage.Token is { Length: > 0 } token ? Hash(token) : null;
    private byte[]? _localHash;

    /// <summary>For runners of this machine.</summary>
    public string Local { get; } = RandomNumberGenerator.GetHexString(64, lowercase: true);

    /// <summary>Compares in constant time.</summary>
    public bool Accepts(string token)
    {
        var given = Hash(token);
        _localHash ??= Hash(Local);
        return CryptographicOperations.FixedTimeEquals(given, _localHash) | (_configured is not null && CryptographicOperations.FixedTimeEquals(given, _configured));
    }

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
