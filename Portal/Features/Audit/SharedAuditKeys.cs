using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Embedded;

namespace Portal.Features.Audit;

/// <summary>
/// Gives all portals on one database the same keys of the audit log. The private one is in the database as the key ring encrypts it, which keeps it from whoever
/// has only the database when the ring itself is protected by a certificate (<c>Portal:Auth:KeyCertificateFile</c>).
/// </summary>
internal static class SharedAuditKeys
{
    private const string Private = "audit/signing.key";
    private const string Public = "audit/keys/";

    /// <summary>Opens the keys of a directory after they were made those of the database; the first portal's become everyone's.</summary>
    /// <exception cref="StartupException">A key cannot be read or written.</exception>
    public static AuditKey Open(PortalDatabase database, IDataProtectionProvider protection, string directory) =>
        Task.Run(() => database.WriteAsync(context => OpenAsync(context, protection.CreateProtector("Portal.Audit.Key.v1"), directory), CancellationToken.None)).GetAwaiter().GetResult();

    private static async Task<AuditKey> OpenAsync(PortalDbContext context, IDataProtector protector, string directory)
    {
        var known = await context.SharedKeys.AsNoTracking().Where(key => key.Name.StartsWith("audit/")).ToDictionaryAsync(key => key.Name, key => key.Content);
        var (file, keys) = (Path.Combine(directory, "signing.key"), Path.Combine(directory, "keys"));
        if (known.TryGetValue(Private, out var shared))
        {
            DataDirectory.CreatePrivate(directory);
            DataDirectory.WritePrivate(file, Encoding.ASCII.GetBytes(Open(protector, shared)));
        }

        AuditKey.Open(directory).Dispose();
        if (shared is null)
        {
            context.SharedKeys.Add(new SharedKey { Name = Private, Content = protector.Protect(await File.ReadAllTextAsync(file)) });
        }

        foreach (var path in Directory.EnumerateFiles(keys, "*.pem").Where(path => !known.ContainsKey(Public + Path.GetFileName(path))))
        {
            context.SharedKeys.Add(new SharedKey { Name = Public + Path.GetFileName(path), Content = await File.ReadAllTextAsync(path) });
        }

        foreach (var (name, content) in known.Where(key => key.Key.StartsWith(Public, StringComparison.Ordinal)))
        {
            DataDirectory.WritePrivate(Path.Combine(keys, Path.GetFileName(name)), Encoding.ASCII.GetBytes(content));
        }

        return AuditKey.Open(directory);
    }

    private static string Open(IDataProtector protector, string content)
    {
        try
        {
            return protector.Unprotect(content);
        }
        catch (CryptographicException exception)
        {
            throw new StartupException(
                "The key of the audit log in the database cannot be decrypted: the certificate of Portal:Auth:KeyCertificateFile is not the one it was stored with. Give every portal the same one.",
                exception);
        }
    }
}
