using Portal.Operator.Datasets.Rules;
using Portal.Operator.Evals.Rules;
using Portal.Operator.Flows.Rules;
using Portal.Operator.FlowSets.Rules;
using Portal.Operator.Models.Rules;
using Portal.Operator.PluginConfigs.Rules;
using Portal.Operator.Prompts.Rules;
using Portal.Operator.Tools.Rules;

namespace Portal.Operator.Admission;

/// <summary>The rules there are: one line a kind.</summary>
internal static class AdmissionRules
{
    public static IReadOnlyList<IKindAdmission> All { get; } =
    [
        DatasetRule.Create(),
        EvalAdmission.Create(),
        FlowAdmission.Create(),
        FlowSetAdmission.Create(),
        ModelRule.Create(),
        PluginConfigRule.Create(),
        PromptAdmission.Create(),
        ToolAdmission.Create(),
    ];
}
