using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Portal.Kubernetes.Client.Auth;

/// <summary>How the server is verified.</summary>
internal sealed record TlsSettings
{
    /// <summary>The only authorities to trust; null: those of the system.</summary>
    public X509Certificate2Collection? Authorities { get; init; }
    public bool SkipVerification { get; init; }

    /// <summary>The name the server's certificate must have, when it is not that of the address.</summary>
    public string? ServerName { get; init; }
}

/// <summary>The client certificate for connections to come; a plugin may change it.</summary>
internal sealed class ClientCertificate
{
    private volatile X509Certificate2? _current;

    public X509Certificate2? Current
    {
        get => _current;
        set => _current = value;
    }
}

/// <summary>Makes the handler of a connection.</summary>
internal static class HandlerFactory
{
    public static HttpMessageHandler Create(TlsSettings tls, Credentials credentials, IWebProxy proxy)
    {
        var certificate = new ClientCertificate { Current = credentials.Certificate };
        var sockets = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            Proxy = proxy,
            RequestHeaderEncodingSelector = HeaderLines.Of,
            ConnectTimeout = TimeSpan.FromSeconds(15),
            PooledConnectionLifetime = TimeSpan.FromMinutes(15),
            SslOptions = new SslClientAuthenticationOptions
            {
                LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate.Current!,
            },
        };
        if (tls.SkipVerification)
        {
#pragma warning disable CA5359 // It is what the kubeconfig asks for by insecure-skip-tls-verify.
            sockets.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else if (tls.Authorities is { } authorities)
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.AddRange(authorities);
            sockets.SslOptions.CertificateChainPolicy = policy;
        }

        return new AuthenticationHandler(credentials, certificate, tls.ServerName, sockets);
    }
}
