using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Portal.ApiServer.Storage;

namespace Portal.ApiServer.Auth;

/// <summary>
/// The server's own certificate authority, its certificate for loopback, and the administrator's token. With a directory they are kept there
/// (files of mode 0600) and the same ones come back after a restart, so that a kubeconfig stays valid.
/// </summary>
internal sealed class Credentials : IDisposable
{
    private static readonly TimeSpan s_authorityLifetime = TimeSpan.FromDays(3650);
    private static readonly TimeSpan s_serverLifetime = TimeSpan.FromDays(397);
    private static readonly TimeSpan s_renewBefore = TimeSpan.FromDays(30);

    private Credentials(X509Certificate2 server, string authorityPem, string token)
    {
        Server = server;
        AuthorityPem = authorityPem;
        Token = token;
    }

    /// <summary>Certificate for 127.0.0.1, ::1 and localhost, with its key.</summary>
    public X509Certificate2 Server { get; }

    public string AuthorityPem { get; }

    public string Token { get; }

    /// <summary>Loads what is there and makes what is missing or about to expire.</summary>
    public static Credentials Load(string? directory, TimeProvider timeProvider)
    {
        if (directory is not null)
        {
            PrivateFile.CreateDirectory(directory);
        }

        var now = timeProvider.GetUtcNow();
        using var authority = LoadPair(directory, "ca", now) ?? Keep(directory, "ca", CreateAuthority(now));
        var server = LoadPair(directory, "server", now);
        if (server is null || !IsIssuedBy(server, authority))
        {
            server?.Dispose();
            server = Keep(directory, "server", CreateServer(authority, now));
        }

        return new Credentials(server, authority.ExportCertificatePem(), LoadToken(directory));
    }

    /// <summary>A kubeconfig for the administrator.</summary>
    public string Kubeconfig(Uri server)
    {
        var authority = Convert.ToBase64String(Encoding.ASCII.GetBytes(AuthorityPem));
        return $"""
            apiVersion: v1
            kind: Config
            clusters:
            - name: genkit-portal
              cluster:
                server: {server.GetLeftPart(UriPartial.Authority)}
                certificate-authority-data: {authority}
            users:
            - name: genkit-portal-admin
              user:
                token: {Token}
            contexts:
            - name: genkit-portal
              context:
                cluster: genkit-portal
                user: genkit-portal-admin
                namespace: default
            current-context: genkit-portal

            """;
    }

    public void Dispose() => Server.Dispose();

    private static string LoadToken(string? directory)
    {
        var path = directory is null ? null : Path.Combine(directory, "admin.token");
        if (path is not null && File.Exists(path) && File.ReadAllText(path).Trim() is { Length: >= 32 } kept)
        {
            return kept;
        }

        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        if (path is not null)
        {
            PrivateFile.Write(path, token + "\n");
        }

        return token;
    }

    /// <summary>The pair from its files; null when it is missing, unreadable or about to expire.</summary>
    private static X509Certificate2? LoadPair(string? directory, string name, DateTimeOffset now)
    {
        if (directory is null || !File.Exists(Path.Combine(directory, name + ".crt")) || !File.Exists(Path.Combine(directory, name + ".key")))
        {
            return null;
        }

        try
        {
            var pair = X509Certificate2.CreateFromPemFile(Path.Combine(directory, name + ".crt"), Path.Combine(directory, name + ".key"));
            if (pair.NotAfter > now.Add(s_renewBefore).LocalDateTime && pair.NotBefore <= now.LocalDateTime)
            {
                return pair;
            }

            pair.Dispose();
            return null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static X509Certificate2 Keep(string? directory, string name, X509Certificate2 pair)
    {
        if (directory is not null)
        {
            using var key = pair.GetECDsaPrivateKey()!;
            PrivateFile.Write(Path.Combine(directory, name + ".key"), key.ExportPkcs8PrivateKeyPem() + "\n");
            PrivateFile.Write(Path.Combine(directory, name + ".crt"), pair.ExportCertificatePem() + "\n");
        }

        return pair;
    }

    private static X509Certificate2 CreateAuthority(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=genkit-portal-ca", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request.CreateSelfSigned(now.AddHours(-1), now.Add(s_authorityLifetime));
    }

    private static X509Certificate2 CreateServer(X509Certificate2 authority, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=genkit-portal-apiserver", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, true, false));
        using var certificate = request.Create(authority, now.AddHours(-1), now.Add(s_serverLifetime), RandomNumberGenerator.GetBytes(16));
        return certificate.CopyWithPrivateKey(key);
    }

    private static bool IsIssuedBy(X509Certificate2 certificate, X509Certificate2 authority)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(certificate);
    }
}
