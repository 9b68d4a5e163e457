using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Portal.Kubernetes.Objects;
using Portal.Operator.Api;
using Portal.Operator.Manifests;
using Portal.Operator.Models;

namespace Portal.Operator.Flows;

/// <summary>Prompts, tools and a model served over HTTP.</summary>
[CustomResource("flow", "gfl")]
[ScaleSubresource]
[Description("Flow serves prompts, with tools and a model, over HTTP.")]
[PrintColumn("Phase", "string", ".status.phase")]
[PrintColumn("Available", "integer", ".status.availableReplicas")]
[PrintColumn("Ready", "string", PrintColumnAttribute.ReadyPath)]
[PrintColumn("Age", "date", PrintColumnAttribute.AgePath)]
public sealed class Flow(JsonObject json) : KubeObject<FlowSpec, FlowStatus>(json), IKubeKind<Flow>
{
    public static ResourceDefinition Definition { get; } = GenkitApi.Namespaced("Flow", "flows");

    public static Flow FromJson(JsonObject json) => new(json);
}

public sealed record FlowSpec : RunnerSpec, IFlowParts
{
    [Description("Model that answers unless a prompt names another. Not together with modelSpec.")]
    public LocalReference? ModelRef { get; init; }

    [Description("The model written in place. Not together with modelRef.")]
    public ModelSpec? ModelSpec { get; init; }

    [Description("Prompts served at POST /<prompt>. The first answers at POST /<flow> too.")]
    public IReadOnlyList<FlowPrompt>? Prompts { get; init; }

    [Description("More prompts by name, after those in prompts; repeated ones count once.")]
    public IReadOnlyList<LocalReference>? PromptRefs { get; init; }

    [Description("Tools the model may call.")]
    public IReadOnlyList<LocalReference>? Tools { get; init; }

    [Description("More tools by name, after those in tools; repeated ones count once.")]
    public IReadOnlyList<LocalReference>? ToolRefs { get; init; }
}

/// <summary>A prompt of a Flow, by name or in place. A name wins when both are given.</summary>
public sealed record FlowPrompt
{
    [Description("Name of a Prompt; the older way to write promptRef. Beside promptRef, a name that begins with _ makes the Prompt a partial of the others, at its newest state.")]
    public string? Name { get; init; }

    [Description("The prompt written in place.")]
    public InlinePrompt? Prompt { get; init; }

    [Description("A Prompt in the same namespace.")]
    public LocalReference? PromptRef { get; init; }
}

public sealed record InlinePrompt
{
    [Description("The Dotprompt document, verbatim.")]
    [Required]
    [MinLength(1)]
    public string Content { get; init; } = "";

    [Description("Name the prompt is served under; one that begins with _ is a partial.")]
    [Required]
    [MinLength(1)]
    public string Name { get; init; } = "";
}

public enum FlowPhase
{
    /// <summary>Nothing answers yet.</summary>
    Pending,

    /// <summary>Every replica runs the current revision.</summary>
    Running,

    /// <summary>Will not come up without a change.</summary>
    Failed,

    /// <summary>A new revision is coming up; older replicas may answer.</summary>
    Updating,
}

public sealed record FlowStatus : RunnerStatus;
