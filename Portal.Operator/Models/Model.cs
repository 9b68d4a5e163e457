using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Portal.Kubernetes.Objects;
using Portal.Operator.Api;
using Portal.Operator.Manifests;

namespace Portal.Operator.Models;

/// <summary>A provider's model with its default settings.</summary>
[CustomResource("model", "gmd")]
[Description("Model is a provider's model with its capabilities and default settings.")]
[PrintColumn("Provider", "string", ".spec.provider")]
[PrintColumn("Model", "string", ".spec.model")]
[PrintColumn("Ready", "string", PrintColumnAttribute.ReadyPath)]
[PrintColumn("Age", "date", PrintColumnAttribute.AgePath)]
public sealed class Model(JsonObject json) : KubeObject<ModelSpec, ModelStatus>(json), IKubeKind<Model>
{
    public static ResourceDefinition Definition { get; } = GenkitApi.Namespaced("Model", "models");

    public static Model FromJson(JsonObject json) => new(json);
}

/// <summary>A model, on its own or written inside a Flow.</summary>
public sealed record ModelSpec
{
    [Description("Settings used unless a prompt says otherwise, such as temperature, maxOutputTokens, topP, topK, stopSequences; a JSON object.")]
    public JsonNode? DefaultConfig { get; init; }

    [Description("What the model can do, in Genkit's ModelInfo shape: label, stage, versions, supports.")]
    public JsonNode? Info { get; init; }

    [Description("The provider's name of the model.")]
    [Required]
    [MinLength(1)]
    public string Model { get; init; } = "";

    [Description("PluginConfig the model is reached through.")]
    [Required]
    public LocalReference PluginConfigRef { get; init; } = new();

    [Description("Provider; the type of the PluginConfig.")]
    [Required]
    [MinLength(1)]
    public string Provider { get; init; } = "";
}

public sealed record ModelStatus : GenkitStatus;
