using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.Logging;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;
using Portal.Operator.Api;

namespace Portal.Operator.Admission.Webhooks;

/// <summary>
/// Certificates the webhook makes itself: kept in a Secret, renewed before they end, and made known to the API server by the <c>caBundle</c> of the
/// webhook configurations. Of several replicas the first writes, by the Secret's resourceVersion, and the others read what it wrote.
/// </summary>
public sealed partial class SecretCertificates(KubeClient client, WebhookOptions options, TimeProvider timeProvider, ILogger<SecretCertificates> logger)
    : IWebhookCertificateSource
{
    private const string AuthorityFile = "ca.crt";
    private const string AuthorityKeyFile = "ca.key";
    private const string CertificateFile = "tls.crt";
    private const string KeyFile = "tls.key";

    private static readonly ResourceDefinition[] s_configurations =
    [
        new("admissionregistration.k8s.io", "v1", "MutatingWebhookConfiguration", "mutatingwebhookconfigurations", false),
        new("admissionregistration.k8s.io", "v1", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations", false),
    ];

    private static readonly WriteOptions s_write = new() { Manager = FieldManager.Operator };

    public TimeSpan Interval => TimeSpan.FromHours(1);

    /// <inheritdoc/>
    public async Task<X509Certificate2> LoadAsync(CancellationToken cancellationToken)
    {
        var certificates = await EnsureAsync(cancellationToken).ConfigureAwait(false);

        // First, so that the API server trusts what it is shown next.
        await PublishAsync(certificates.Bundle, cancellationToken).ConfigureAwait(false);
        return WebhookCertificates.Load(certificates.Certificate, certificates.Key);
    }

    private async Task<WebhookCertificates> EnsureAsync(CancellationToken cancellationToken)
    {
        var secrets = client.Resource(BuiltIn.Secret);
        while (true)
        {
            var secret = await secrets.FindAsync(options.Namespace, options.Secret, cancellationToken).ConfigureAwait(false);
            var current = secret is null ? null : Read(secret);
            var renewed = WebhookCertificates.Renew(current, options.DnsNames, timeProvider.GetUtcNow());
            if (ReferenceEquals(renewed, current))
            {
                return renewed;
            }

            try
            {
                await WriteAsync(secrets, secret, renewed, cancellationToken).ConfigureAwait(false);
                Log.Renewed(logger, options.Namespace, options.Secret);
                return renewed;
            }
            catch (KubernetesException exception) when (exception.IsConflict || exception.IsAlreadyExists || (exception.IsNotFound && secret is not null))
            {
                // Somebody else was first, or has deleted it: look again.
            }
        }
    }

    private async Task WriteAsync(Resource<KubeObject> secrets, KubeObject? secret, WebhookCertificates certificates, CancellationToken cancellationToken)
    {
        var data = new JsonObject
        {
            [AuthorityFile] = Encode(certificates.Bundle),
            [AuthorityKeyFile] = Encode(certificates.AuthorityKey),
            [CertificateFile] = Encode(certificates.Certificate),
            [KeyFile] = Encode(certificates.Key),
        };
        if (secret is null)
        {
            var metadata = new JsonObject
            {
                ["name"] = options.Secret,
                ["namespace"] = options.Namespace,
                ["labels"] = new JsonObject { [GenkitApi.ManagedByLabel] = GenkitApi.ManagedByValue },
            };
            await secrets.CreateAsync(new KubeObject(new JsonObject { ["metadata"] = metadata, ["data"] = data }), s_write, cancellationToken).ConfigureAwait(false);
            return;
        }

        var patch = new JsonObject { ["metadata"] = new JsonObject { ["resourceVersion"] = secret.ResourceVersion }, ["data"] = data };
        await secrets.MergePatchAsync(options.Namespace, options.Secret, patch, null, s_write, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Writes only where the bundle is another; whoever installs the configurations need not know it.</summary>
    private async Task PublishAsync(string bundle, CancellationToken cancellationToken)
    {
        var encoded = Encode(bundle);
        foreach (var definition in s_configurations)
        {
            var resource = client.Resource(definition);
            if (await resource.FindAsync(null, options.Configuration, cancellationToken).ConfigureAwait(false) is not { } found)
            {
                Log.NoConfiguration(logger, definition.Kind, options.Configuration);
                continue;
            }

            var patch = new JsonArray([.. Differences(found, encoded)]);
            if (patch.Count > 0)
            {
                await resource.JsonPatchAsync(null, options.Configuration, patch, null, s_write, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static IEnumerable<JsonNode> Differences(KubeObject configuration, string bundle)
    {
        var webhooks = configuration.Json["webhooks"] as JsonArray ?? [];
        for (var index = 0; index < webhooks.Count; index++)
        {
            if (webhooks[index]?["clientConfig"] is JsonObject target && target["caBundle"]?.ToString() != bundle)
            {
                // The test keeps the bundle from another webhook, should the list have changed meanwhile.
                yield return new JsonObject { ["op"] = "test", ["path"] = $"/webhooks/{index}/name", ["value"] = webhooks[index]!["name"]?.DeepClone() };
                yield return new JsonObject { ["op"] = "add", ["path"] = $"/webhooks/{index}/clientConfig/caBundle", ["value"] = bundle };
            }
        }
    }

    /// <summary>Null when something is missing or cannot be read: then it is made anew.</summary>
    private static WebhookCertificates? Read(KubeObject secret)
    {
        try
        {
            var data = secret.Json["data"] as JsonObject ?? [];
            string Text(string file) => Encoding.ASCII.GetString(Convert.FromBase64String(data[file]?.ToString() ?? throw new FormatException(file)));
            return new(Text(AuthorityFile), Text(AuthorityKeyFile), Text(CertificateFile), Text(KeyFile));
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static string Encode(string text) => Convert.ToBase64String(Encoding.ASCII.GetBytes(text));

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Certificates of the webhook written to the Secret {Namespace}/{Name}")]
        public static partial void Renewed(ILogger logger, string @namespace, string name);

        [LoggerMessage(LogLevel.Warning, "There is no {Kind} {Name}: the API server does not ask the admission webhook")]
        public static partial void NoConfiguration(ILogger logger, string kind, string name);
    }
}
