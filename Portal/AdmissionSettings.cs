using Portal.Operator.Admission;
using Portal.Operator.Admission.Webhooks;

namespace Portal;

/// <summary>What becomes of writes before they are stored.</summary>
public sealed record AdmissionSettings
{
    internal static readonly string[] Keys =
    [
        "Admission:Strict", "Admission:RunnerImage", "Admission:Port", "Admission:CertificateDirectory",
        "Admission:Namespace", "Admission:Service", "Admission:Secret", "Admission:Configuration",
    ];

    /// <inheritdoc cref="AdmissionOptions.Strict"/>
    public bool Strict { get; init; }

    /// <inheritdoc cref="AdmissionOptions.RunnerImage"/>
    public string? RunnerImage { get; init; }

    /// <summary>Port of the webhook on every interface, with TLS; null opens none. The embedded server asks in process and needs none.</summary>
    public int? Port { get; init; }

    /// <summary>Directory with <c>tls.crt</c> and <c>tls.key</c> that somebody else keeps up to date; null makes certificates here and keeps them in a Secret.</summary>
    public string? CertificateDirectory { get; init; }

    /// <summary>Namespace of the webhook's Service and Secret; null is the portal's own.</summary>
    public string? Namespace { get; init; }

    /// <inheritdoc cref="WebhookOptions.Service"/>
    public string Service { get; init; } = WebhookOptions.DefaultName;

    /// <inheritdoc cref="WebhookOptions.Secret"/>
    public string Secret { get; init; } = WebhookOptions.DefaultName;

    /// <inheritdoc cref="WebhookOptions.Configuration"/>
    public string Configuration { get; init; } = WebhookOptions.DefaultName;

    public AdmissionOptions Rules => new() { Strict = Strict, RunnerImage = RunnerImage };

    public WebhookOptions Webhook(string ownNamespace) =>
        new() { Namespace = Namespace ?? ownNamespace, Service = Service, Secret = Secret, Configuration = Configuration };
}
