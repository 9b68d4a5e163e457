using Portal.Operator.Api;
using Portal.Operator.Models;

namespace Portal.Operator.Flows;

/// <summary>What makes up one flow, whether it has a Deployment of its own or shares that of a FlowSet.</summary>
public interface IFlowParts
{
    IReadOnlyList<FlowPrompt>? Prompts { get; }

    IReadOnlyList<LocalReference>? PromptRefs { get; }

    IReadOnlyList<LocalReference>? Tools { get; }

    IReadOnlyList<LocalReference>? ToolRefs { get; }

    LocalReference? ModelRef { get; }

    ModelSpec? ModelSpec { get; }
}
