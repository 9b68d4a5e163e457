namespace Portal.Operator.Admission.Webhooks;

/// <summary>Where the webhook is, as the API server reaches it.</summary>
public sealed record WebhookOptions
{
    public const string DefaultName = "genkit-portal-webhook";

    /// <summary>Namespace of the Service and of the Secret.</summary>
    public required string Namespace { get; init; }

    /// <summary>Name of the Service in front of the webhook.</summary>
    public string Service { get; init; } = DefaultName;

    /// <summary>Name of the Secret that keeps authority and certificate.</summary>
    public string Secret { get; init; } = DefaultName;

    /// <summary>Name of the ValidatingWebhookConfiguration and the MutatingWebhookConfiguration that lead here.</summary>
    public string Configuration { get; init; } = DefaultName;

    /// <summary>Names the certificate is for; the API server asks for the first.</summary>
    public IReadOnlyList<string> DnsNames => [$"{Service}.{Namespace}.svc", $"{Service}.{Namespace}.svc.cluster.local"];
}
