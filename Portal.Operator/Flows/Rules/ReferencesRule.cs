using Portal.Operator.Admission;
using Portal.Operator.Api;

namespace Portal.Operator.Flows.Rules;

/// <summary>What a flow names exists. What is missing may still come.</summary>
internal sealed class ReferencesRule : IFlowPartRule
{
    public IEnumerable<AdmissionFinding> Check(FlowPart part, AdmissionScope scope) => Find(part, scope).OfType<AdmissionFinding>();

    private static IEnumerable<AdmissionFinding?> Find(FlowPart part, AdmissionScope scope)
    {
        AdmissionFinding? Prompt(string name, string field) => scope.FindMissing("prompt", name, field, objects => objects.FindPrompt(part.Namespace, name));

        var prompts = part.Parts.Prompts ?? [];
        for (var index = 0; index < prompts.Count; index++)
        {
            yield return prompts[index] switch
            {
                { PromptRef.Name: { Length: > 0 } name } => Prompt(name, $"{part.Path}.prompts[{index}].promptRef.name"),
                { Name: { Length: > 0 } name } => Prompt(name, $"{part.Path}.prompts[{index}].name"),
                _ => null,
            };
        }

        foreach (var finding in Each(part.Parts.PromptRefs, $"{part.Path}.promptRefs", Prompt))
        {
            yield return finding;
        }

        AdmissionFinding? Tool(string name, string field) => scope.FindMissing("tool", name, field, objects => objects.FindTool(part.Namespace, name));

        foreach (var finding in Each(part.Parts.Tools, $"{part.Path}.tools", Tool).Concat(Each(part.Parts.ToolRefs, $"{part.Path}.toolRefs", Tool)))
        {
            yield return finding;
        }

        if (part.Parts.ModelRef is { } model)
        {
            yield return scope.FindMissing("model", model.Name, $"{part.Path}.modelRef.name", objects => objects.FindModel(part.Namespace, model.Name));
        }
    }

    private static IEnumerable<AdmissionFinding?> Each(IReadOnlyList<LocalReference>? references, string path, Func<string, string, AdmissionFinding?> find) =>
        (references ?? []).Select((reference, index) => find(reference.Name, $"{path}[{index}].name"));
}
