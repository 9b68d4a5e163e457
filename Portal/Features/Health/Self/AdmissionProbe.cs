using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Portal.Components;
using Portal.Embedded;
using Portal.Endpoints.Admission;

namespace Portal.Features.Health.Self;

/// <summary>How long the certificates last that admission and the embedded API server show.</summary>
internal sealed class AdmissionProbe(ClusterInfo cluster, DataDirectory data, TimeProvider clock, AdmissionServer? server = null) : ISelfProbe
{
    /// <summary>Ours are renewed thirty days before their end.</summary>
    private const int Soon = 14;

    public string Group => "Admission and certificates";

    public Task<IReadOnlyList<SelfItem>> ReadAsync(CancellationToken cancellationToken)
    {
        List<SelfItem> items = [];
        if (server is not null)
        {
            items.Add(server.Expires is { } end
                ? Describe("Webhook certificate", end, "It should have been renewed by itself: look at the portal's log, or at Portal:Admission:CertificateDirectory.")
                : new SelfItem(Group, "Webhook certificate", Status.Failed, "there is none yet", "Until there is one the API server cannot ask for admission: look at the portal's log."));
        }
        else
        {
            items.Add(cluster.Mode == ClusterMode.Embedded
                ? new SelfItem(Group, "Admission", Status.Ready, "in this process, for the embedded API server")
                : new SelfItem(Group, "Admission", Status.Unknown, "not in this process", "Where the operator runs apart, its process has the webhook: see its metrics."));
        }

        if (cluster.Mode == ClusterMode.Embedded && EarliestEnd() is { } ends)
        {
            items.Add(Describe("Embedded API server", ends, "It is renewed when the portal starts: restart it."));
        }

        return Task.FromResult<IReadOnlyList<SelfItem>>(items);
    }

    private SelfItem Describe(string name, DateTimeOffset end, string advice)
    {
        var days = (int)Math.Floor((end - clock.GetUtcNow()).TotalDays);
        return new SelfItem(Group, name, days < 0 ? Status.Failed : days < Soon ? Status.Degraded : Status.Ready, days < 0 ? $"ended {-days} days ago" : $"{days} days left", days < Soon ? advice : null);
    }

    private DateTimeOffset? EarliestEnd()
    {
        List<DateTimeOffset> ends = [];
        foreach (var file in Directory.Exists(data.Certificates) ? Directory.EnumerateFiles(data.Certificates, "*.crt") : [])
        {
            try
            {
                using var certificate = X509CertificateLoader.LoadCertificateFromFile(file);
                ends.Add(certificate.NotAfter);
            }
            catch (Exception exception) when (exception is CryptographicException or IOException or UnauthorizedAccessException)
            {
                // Not one of ours.
            }
        }

        return ends.Count == 0 ? null : ends.Min();
    }
}
