using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Portal.Kubernetes.Objects;
using Portal.Operator.Api;
using Portal.Operator.Flows;
using Portal.Operator.Manifests;
using Portal.Operator.Models;

namespace Portal.Operator.FlowSets;

/// <summary>Several flows in one Deployment, each with a model and credentials of its own.</summary>
[CustomResource("flowset", "gfs")]
[ScaleSubresource]
[Description("FlowSet serves several flows from one Deployment, each with its own prompts, tools, model and credentials.")]
[PrintColumn("Ready", "string", PrintColumnAttribute.ReadyPath)]
[PrintColumn("ReadyFlows", "integer", ".status.readyFlows")]
[PrintColumn("Total", "integer", ".status.totalFlows")]
[PrintColumn("Available", "integer", ".status.availableReplicas")]
[PrintColumn("Age", "date", PrintColumnAttribute.AgePath)]
public sealed class FlowSet(JsonObject json) : KubeObject<FlowSetSpec, FlowSetStatus>(json), IKubeKind<FlowSet>
{
    public static ResourceDefinition Definition { get; } = GenkitApi.Namespaced("FlowSet", "flowsets");

    public static FlowSet FromJson(JsonObject json) => new(json);
}

public sealed record FlowSetSpec : RunnerSpec
{
    [Description("The flows, each served at POST /<name>.")]
    [Required]
    [MinLength(1)]
    [ListMapKey("name")]
    public IReadOnlyList<FlowSetFlow> Flows { get; init; } = [];

    [Description("Container image of the runner.")]
    [Required]
    [MinLength(1)]
    public override string? Image { get; init; }
}

/// <summary>One flow of a FlowSet. Its first prompt answers; the others are there to be included.</summary>
[CelRule("(has(self.prompts) && size(self.prompts) > 0) || (has(self.promptRefs) && size(self.promptRefs) > 0)", "a flow needs at least one prompt, in prompts or promptRefs")]
public sealed record FlowSetFlow : IFlowParts
{
    [Description("Model that answers unless a prompt names another. Set this or modelSpec.")]
    public LocalReference? ModelRef { get; init; }

    [Description("The model written in place. Set this or modelRef.")]
    public ModelSpec? ModelSpec { get; init; }

    [Description("Name of the flow within the set; the path it is served at.")]
    [Required]
    [MinLength(1)]
    [RegularExpression("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")]
    public string Name { get; init; } = "";

    [Description("Prompts; the first answers at POST /<name>.")]
    public IReadOnlyList<FlowPrompt>? Prompts { get; init; }

    [Description("More prompts by name, after those in prompts; repeated ones count once.")]
    public IReadOnlyList<LocalReference>? PromptRefs { get; init; }

    [Description("Tools the model may call.")]
    public IReadOnlyList<LocalReference>? Tools { get; init; }

    [Description("More tools by name, after those in tools; repeated ones count once.")]
    public IReadOnlyList<LocalReference>? ToolRefs { get; init; }
}

public sealed record FlowSetStatus : RunnerStatus
{
    [Description("State of each flow, in the order of the spec.")]
    [ListMapKey("name")]
    public IReadOnlyList<FlowSetFlowStatus>? Flows { get; init; }

    [Description("Flows that are ready.")]
    public int ReadyFlows { get; init; }

    [Description("Flows in the spec.")]
    public int TotalFlows { get; init; }
}

public sealed record FlowSetFlowStatus
{
    [Description("Why the flow is not ready, or how many replicas serve it.")]
    public string? Message { get; init; }

    [Description("Name of the flow.")]
    [Required]
    public string Name { get; init; } = "";

    [Description("Where the flow is in its life.")]
    public FlowPhase? Phase { get; init; }

    [Description("Whether the flow is served as it is written now.")]
    public bool Ready { get; init; }
}
