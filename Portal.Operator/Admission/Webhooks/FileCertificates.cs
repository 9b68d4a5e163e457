using System.Security.Cryptography.X509Certificates;

namespace Portal.Operator.Admission.Webhooks;

/// <summary>A certificate somebody else keeps up to date, such as cert-manager, in the files <c>tls.crt</c> and <c>tls.key</c> of a mounted Secret.</summary>
public sealed class FileCertificates(string directory) : IWebhookCertificateSource
{
    /// <summary>A kubelet takes about as long to bring a changed Secret into its files.</summary>
    public TimeSpan Interval => TimeSpan.FromMinutes(1);

    public async Task<X509Certificate2> LoadAsync(CancellationToken cancellationToken) => WebhookCertificates.Load(
        await File.ReadAllTextAsync(Path.Combine(directory, "tls.crt"), cancellationToken).ConfigureAwait(false),
        await File.ReadAllTextAsync(Path.Combine(directory, "tls.key"), cancellationToken).ConfigureAwait(false));
}
