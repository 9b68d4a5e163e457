using Portal.Embedded;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;

namespace Portal.Features.Releases;

/// <summary>Whether <see cref="ApprovedOnly"/> is asked about everything that is written: by the embedded server it is; a cluster has to be told to, and to refuse when it cannot ask.</summary>
public sealed class ApprovedOnlyGuard(KubeClient client, PortalOptions options, ClusterInfo cluster)
{
    private static readonly ResourceDefinition s_configurations =
        new("admissionregistration.k8s.io", "v1", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations", false);

    /// <summary>How a text that nobody approved could come in, and what to do about it; null when it cannot.</summary>
    public async Task<string?> FindGapAsync(CancellationToken cancellationToken)
    {
        if (cluster.Mode == ClusterMode.Embedded)
        {
            return null;
        }

        if (options.Admission.Port is null)
        {
            return "This process is not the admission webhook of the cluster (Portal:Admission:Port), so kubectl can write any text. Let the portal itself answer the webhook: only it knows what was approved.";
        }

        try
        {
            var name = options.Admission.Configuration;
            return await client.Resource(s_configurations).FindAsync(null, name, cancellationToken) is not { } configuration
                ? $"There is no ValidatingWebhookConfiguration \"{name}\", so the cluster asks nobody and kubectl can write any text. Install the webhook of the chart."
                : IsLenient(configuration)
                ? $"The ValidatingWebhookConfiguration \"{name}\" has failurePolicy Ignore: while the portal does not answer, kubectl can write any text. Set admission.webhook.failurePolicy=Fail."
                : null;
        }
        catch (Exception exception) when (exception is KubernetesException or HttpRequestException or IOException or TimeoutException)
        {
            return $"Whether the cluster asks before a text is written could not be found out: {exception.Message}";
        }
    }

    // Fail is what a webhook that says nothing has.
    private static bool IsLenient(KubeObject configuration) => configuration.Json["webhooks"] is not JsonArray { Count: > 0 } webhooks
        || webhooks.OfType<JsonObject>().Any(webhook => webhook["failurePolicy"]?.ToString() is { } policy && policy != "Fail");
}
