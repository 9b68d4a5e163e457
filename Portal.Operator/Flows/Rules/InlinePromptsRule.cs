using System.Text;
using Portal.Operator.Admission;
using Portal.Operator.Prompts.Rules;

namespace Portal.Operator.Flows.Rules;

/// <summary>Prompts written in place are checked like those of their own kind, and fit into one ConfigMap together.</summary>
internal sealed class InlinePromptsRule : IFlowPartRule
{
    public IEnumerable<AdmissionFinding> Check(FlowPart part, AdmissionScope scope)
    {
        var bytes = 0L;
        var entries = part.Parts.Prompts ?? [];
        for (var index = 0; index < entries.Count; index++)
        {
            if (entries[index].Prompt is { } inline)
            {
                bytes += Encoding.UTF8.GetByteCount(inline.Content);
                foreach (var finding in PromptDocumentRule.Check(inline.Content, $"{part.Path}.prompts[{index}].prompt.content"))
                {
                    yield return finding;
                }
            }
        }

        if (bytes > FlowRules.MaxConfigMapBytes)
        {
            yield return AdmissionFinding.Error(
                $"{part.Path}.prompts", $"the prompts written in place take {bytes} bytes, more than the {FlowRules.MaxConfigMapBytes} a ConfigMap can hold", "shorten them");
        }
    }
}
