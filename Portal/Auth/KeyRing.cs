using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Portal.Auth.Options;
using Portal.Data;
using Portal.Embedded;

namespace Portal.Auth;

/// <summary>
/// The keys of cookies, forms and stored sessions: in the data directory, for its owner alone, so that a restart signs nobody out; in the database where several
/// portals may share it.
/// </summary>
internal static class KeyRing
{
    /// <exception cref="StartupException">The certificate that is to protect the keys cannot be used.</exception>
    public static void AddKeyRing(this IServiceCollection services, AuthOptions options, DatabaseOptions database, DataDirectory data)
    {
        var protection = services.AddDataProtection().SetApplicationName("GenkitPortal");
        if (database.IsPostgres)
        {
            services.AddSingleton<DatabaseKeys>();
            services.AddOptions<KeyManagementOptions>().Configure<DatabaseKeys>(static (management, keys) => management.XmlRepository = keys);
        }
        else
        {
            var keys = Path.Combine(data.Root, "keys");
            DataDirectory.CreatePrivate(keys);
            protection.PersistKeysToFileSystem(new DirectoryInfo(keys));
        }

        if (options.KeyCertificateFile is { } certificate)
        {
            protection.ProtectKeysWithCertificate(Load(certificate, options.KeyCertificateKeyFile!));
        }
    }

    /// <summary>Makes the first key, where portals share them.</summary>
    public static Task PrepareKeyRingAsync(this IServiceProvider services) => services.GetService<DatabaseKeys>() is { } keys
        ? keys.PrepareAsync(services.GetRequiredService<IKeyManager>(), services.GetRequiredService<TimeProvider>())
        : Task.CompletedTask;

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
