using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Portal.Kubernetes.Objects;
using Portal.Operator.Api;
using Portal.Operator.Manifests;

namespace Portal.Operator.PluginConfigs;

/// <summary>How a model provider is reached: its type, its credentials and its settings.</summary>
[CustomResource("pluginconfig", "gpc")]
[Description("PluginConfig says how a model provider is reached: its type, credentials and settings.")]
[PrintColumn("Type", "string", ".spec.type")]
[PrintColumn("Ready", "string", PrintColumnAttribute.ReadyPath)]
[PrintColumn("Age", "date", PrintColumnAttribute.AgePath)]
public sealed class PluginConfig(JsonObject json) : KubeObject<PluginConfigSpec, PluginConfigStatus>(json), IKubeKind<PluginConfig>
{
    public static ResourceDefinition Definition { get; } = GenkitApi.Namespaced("PluginConfig", "pluginconfigs");

    public static PluginConfig FromJson(JsonObject json) => new(json);
}

public sealed record PluginConfigSpec
{
    [Description("Names of the Secret keys the provider reads; the provider's usual names when empty.")]
    public IReadOnlyList<string>? CredentialKeys { get; init; }

    [Description("Secret with the credentials. Its keys become environment variables of the Flows that use this provider.")]
    [Required]
    public LocalReference CredentialsRef { get; init; } = new();

    [Description("Settings of the provider, such as baseURL, endpoint or projectId; a JSON object.")]
    public JsonNode? ExtraConfig { get; init; }

    [Description("Cloud region, for providers that have one.")]
    public string? Region { get; init; }

    [Description("Provider, such as openai: one that the Flow's image knows.")]
    [Required]
    [MinLength(1)]
    public string Type { get; init; } = "";
}

public sealed record PluginConfigStatus : GenkitStatus;
