using System.Text;
using Portal.Kubernetes.Objects;
using Portal.Runner.Providers;

namespace Portal.Features.Playground;

/// <summary>Credential values from a Secret, decoded when asked for.</summary>
internal sealed class SecretCredentials(KubeObject secret) : ICredentials
{
    public string Place => $"Secret {secret.Name}";

    public string? Find(string key)
    {
        if ((secret.Json["data"] as JsonObject)?[key] is not JsonValue value || !value.TryGetValue(out string? encoded))
        {
            return null;
        }

        try
        {
            return Encoding.UTF8.GetString(Convert.FromBase64String(encoded));
        }
        catch (FormatException)
        {
            // The API server refuses such a Secret; one that got through is as good as missing.
            return null;
        }
    }
}

/// <summary>For providers that need no credentials.</summary>
internal sealed class NoCredentials : ICredentials
{
    public string Place => "nowhere: no PluginConfig names a Secret";

    public string? Find(string key) => null;
}
