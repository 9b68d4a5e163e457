using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.DataProtection;
using Portal.Auth.Options;
using Portal.Embedded;

namespace Portal.Auth;

/// <summary>The keys of cookies, forms and stored sessions: in the data directory, for its owner alone, so that a restart signs nobody out.</summary>
internal static class KeyRing
{
    /// <exception cref="StartupException">The certificate that is to protect the keys cannot be used.</exception>
    public static void AddKeyRing(this IServiceCollection services, AuthOptions options, DataDirectory data)
    {
        var keys = Path.Combine(data.Root, "keys");
        DataDirectory.CreatePrivate(keys);
        var protection = services.AddDataProtection().SetApplicationName("GenkitPortal").PersistKeysToFileSystem(new DirectoryInfo(keys));
        if (options.KeyCertificateFile is { } certificate)
        {
            protection.ProtectKeysWithCertificate(Load(certificate, options.KeyCertificateKeyFile!));
        }
    }

    private static X509Certificate2 Load(string certificate, string key)
    {
        try
        {
            return X509Certificate2.CreateFromPemFile(certificate, key);
        }
        catch (Exception exception) when (exception is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"The certificate {certificate} with its key {key} cannot be used (Portal:Auth:KeyCertificateFile): {exception.Message}", exception);
        }
    }
}
