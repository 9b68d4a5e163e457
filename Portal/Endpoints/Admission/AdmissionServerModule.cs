using Portal.Kubernetes.Client;
using Portal.Operator.Admission;
using Portal.Operator.Admission.Webhooks;

namespace Portal.Endpoints.Admission;

internal static class AdmissionServerModule
{
    /// <summary>Adds the webhook's listener where a port is set.</summary>
    public static IServiceCollection AddAdmissionServer(this IServiceCollection services, AdmissionSettings settings)
    {
        if (settings.Port is not { } port)
        {
            return services;
        }

        services.AddSingleton<IWebhookCertificateSource>(provider => settings.CertificateDirectory is { Length: > 0 } directory
            ? new FileCertificates(directory)
            : Own(settings, provider));
        services.AddSingleton(provider => new AdmissionServer(
            port,
            provider.GetRequiredService<AdmissionChain>(),
            provider.GetRequiredService<IWebhookCertificateSource>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILoggerFactory>()));
        return services.AddHostedService(provider => provider.GetRequiredService<AdmissionServer>());
    }

    private static SecretCertificates Own(AdmissionSettings settings, IServiceProvider provider)
    {
        var client = provider.GetRequiredService<KubeClient>();
        return new SecretCertificates(
            client, settings.Webhook(client.Connection.DefaultNamespace), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<SecretCertificates>>());
    }
}
