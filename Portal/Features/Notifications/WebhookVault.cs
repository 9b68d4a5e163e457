using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;

namespace Portal.Features.Notifications;

/// <summary>Keeps the addresses of webhooks: whoever knows one may post there, so they are stored encrypted and never shown as a whole.</summary>
public sealed class WebhookVault(IDataProtectionProvider protection)
{
    private readonly IDataProtector _protector = protection.CreateProtector("Portal.Notifications.Webhook");

    public string Protect(string address) => _protector.Protect(address);

    /// <summary>Null when the key that encrypted it is gone.</summary>
    public Uri? Open(string? encrypted)
    {
        try
        {
            return encrypted is null ? null : new Uri(_protector.Unprotect(encrypted));
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>The host, and a mark by which two addresses can be told apart; null for none.</summary>
    public string? Describe(string? encrypted) => encrypted is null ? null
        : Open(encrypted) is { } address ? $"{address.Scheme}://{address.Authority}/… #{Mark(address)}"
        : "cannot be read any more; write it anew";

    private static string Mark(Uri address) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(address.AbsoluteUri)))[..6];
}
