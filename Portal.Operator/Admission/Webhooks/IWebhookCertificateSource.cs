using System.Security.Cryptography.X509Certificates;

namespace Portal.Operator.Admission.Webhooks;

/// <summary>Where the webhook's certificate comes from.</summary>
public interface IWebhookCertificateSource
{
    /// <summary>How long what was loaded is good before it is to be loaded again.</summary>
    TimeSpan Interval { get; }

    /// <summary>The certificate with its key as it is now; the caller disposes it. Safe to repeat.</summary>
    /// <exception cref="Exception">There is none to be had at the moment; the message says why, and never holds a key.</exception>
    Task<X509Certificate2> LoadAsync(CancellationToken cancellationToken);
}
