using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Portal.Operator.Admission.Webhooks;

/// <summary>
/// An authority and the certificate it has issued for the webhook, as PEM texts. Renewed early: a new authority joins the bundle a year before the old
/// one ends, and signs only what is renewed later, so that at every moment each certificate still in use is trusted by the bundle.
/// </summary>
/// <param name="Bundle">Certificates of the authorities, newest first.</param>
/// <param name="AuthorityKey">Key of the newest.</param>
/// <param name="Certificate">What the webhook shows.</param>
/// <param name="Key">Its key.</param>
public sealed record WebhookCertificates(string Bundle, string AuthorityKey, string Certificate, string Key)
{
    private static readonly TimeSpan s_authorityLifetime = TimeSpan.FromDays(5 * 365);
    private static readonly TimeSpan s_renewAuthorityBefore = TimeSpan.FromDays(365);
    private static readonly TimeSpan s_lifetime = TimeSpan.FromDays(90);
    private static readonly TimeSpan s_renewBefore = TimeSpan.FromDays(30);

    /// <summary>Clocks of API servers may be behind.</summary>
    private static readonly TimeSpan s_skew = TimeSpan.FromHours(1);

    /// <summary>What is to be used from now on: <paramref name="current"/> itself while nothing is due.</summary>
    /// <param name="current">What there is; null, or unreadable, makes everything new.</param>
    /// <param name="dnsNames">Names of the webhook.</param>
    /// <param name="now">The time.</param>
    public static WebhookCertificates Renew(WebhookCertificates? current, IReadOnlyList<string> dnsNames, DateTimeOffset now)
    {
        try
        {
            return current is null ? New(dnsNames, now) : current.Renew(dnsNames, now);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            return New(dnsNames, now);
        }
    }

    /// <summary>The certificate with its key, ready to be shown.</summary>
    /// <exception cref="CryptographicException">They are no PEM, or do not belong together.</exception>
    /// <exception cref="ArgumentException">They are no PEM.</exception>
    public static X509Certificate2 Load(string certificate, string key)
    {
        using var pair = X509Certificate2.CreateFromPem(certificate, key);

        // A key that lives in memory only cannot be used by every TLS implementation.
        return X509CertificateLoader.LoadPkcs12(pair.Export(X509ContentType.Pfx), null);
    }

    /// <summary>Without the keys.</summary>
    public override string ToString() => nameof(WebhookCertificates);

    private static WebhookCertificates New(IReadOnlyList<string> dnsNames, DateTimeOffset now)
    {
        using var authority = CreateAuthority(now);
        using var serving = Issue(authority, dnsNames, now);
        return new(Pem(authority), KeyPem(authority), Pem(serving), KeyPem(serving));
    }

    private WebhookCertificates Renew(IReadOnlyList<string> dnsNames, DateTimeOffset now)
    {
        var bundle = new X509Certificate2Collection();
        bundle.ImportFromPem(Bundle);
        using var newest = X509Certificate2.CreateFromPem(bundle[0].ExportCertificatePem(), AuthorityKey);
        using var shown = X509Certificate2.CreateFromPem(Certificate, Key);
        var renewed = this;
        if (IsDue(shown, now, s_renewBefore) || !dnsNames.All(name => shown.MatchesHostname(name)) || !IsTrusted(shown, bundle))
        {
            using var authority = IsDue(newest, now, s_lifetime) ? CreateAuthority(now) : null;
            using var serving = Issue(authority ?? newest, dnsNames, now);
            renewed = renewed with { Certificate = Pem(serving), Key = KeyPem(serving) };
            renewed = authority is null ? renewed : renewed with { Bundle = Join(authority, bundle, now), AuthorityKey = KeyPem(authority) };
        }

        if (ReferenceEquals(renewed.Bundle, Bundle) && IsDue(newest, now, s_renewAuthorityBefore))
        {
            using var authority = CreateAuthority(now);
            renewed = renewed with { Bundle = Join(authority, bundle, now), AuthorityKey = KeyPem(authority) };
        }

        foreach (var item in bundle)
        {
            item.Dispose();
        }

        return renewed;
    }

    private static bool IsDue(X509Certificate2 certificate, DateTimeOffset now, TimeSpan before) =>
        certificate.NotAfter.ToUniversalTime() <= (now + before).UtcDateTime || certificate.NotBefore.ToUniversalTime() > now.UtcDateTime;

    /// <summary>Whether one of the authorities has signed it; times are looked at elsewhere.</summary>
    private static bool IsTrusted(X509Certificate2 certificate, X509Certificate2Collection bundle)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(bundle);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.IgnoreNotTimeValid;
        return chain.Build(certificate);
    }

    /// <summary>The new authority before those that have not ended.</summary>
    private static string Join(X509Certificate2 authority, X509Certificate2Collection bundle, DateTimeOffset now) => string.Concat(
        bundle.Where(item => item.NotAfter.ToUniversalTime() > now.UtcDateTime).Select(Pem).Prepend(Pem(authority)));

    private static X509Certificate2 CreateAuthority(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        // A name of its own for each, so that no chain is tried with another's key.
        var request = new CertificateRequest($"CN=genkit-portal-webhook-ca-{now.ToUnixTimeSeconds()}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request.CreateSelfSigned(now - s_skew, now + s_authorityLifetime);
    }

    private static X509Certificate2 Issue(X509Certificate2 authority, IReadOnlyList<string> dnsNames, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        // The names are in the extension, where clients look; a common name holds 64 characters only.
        var request = new CertificateRequest("CN=genkit-portal-webhook", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        foreach (var name in dnsNames)
        {
            names.AddDnsName(name);
        }

        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, true, false));
        using var certificate = request.Create(authority, Later(now - s_skew, authority.NotBefore), now + s_lifetime, RandomNumberGenerator.GetBytes(16));
        return certificate.CopyWithPrivateKey(key);
    }

    /// <summary>Nothing is valid before what signed it.</summary>
    private static DateTimeOffset Later(DateTimeOffset time, DateTime other) => time > other ? time : other;

    private static string Pem(X509Certificate2 certificate) => certificate.ExportCertificatePem() + "\n";

    private static string KeyPem(X509Certificate2 certificate)
    {
        using var key = certificate.GetECDsaPrivateKey()!;
        return key.ExportPkcs8PrivateKeyPem() + "\n";
    }
}
