using Portal.Operator.Admission;

namespace Portal.Operator.Flows.Rules;

/// <summary>Each entry says one prompt, by a name that can be served; two entries of one name say the same.</summary>
internal sealed class PromptEntriesRule : IFlowPartRule
{
    public IEnumerable<AdmissionFinding> Check(FlowPart part, AdmissionScope scope)
    {
        var contents = new Dictionary<string, string>(StringComparer.Ordinal);
        var (entries, references) = (part.Parts.Prompts ?? [], part.Parts.PromptRefs ?? []);
        for (var index = 0; index < entries.Count; index++)
        {
            var (entry, path) = (entries[index], $"{part.Path}.prompts[{index}]");
            foreach (var finding in Shape(entry, path).Concat(Name(entry, path, part)).Concat(Twin(entry, path, part, scope, contents)))
            {
                yield return finding;
            }
        }

        if (references.Count > 0)
        {
            yield return AdmissionFinding.Warning($"{part.Path}.promptRefs", "is read as more entries of prompts", "write prompts: [{promptRef: {name: ...}}]");
        }

        if (part.Parts.ToolRefs is { Count: > 0 })
        {
            yield return AdmissionFinding.Warning($"{part.Path}.toolRefs", "is read as more entries of tools", "write tools: [{name: ...}]");
        }
    }

    private static IEnumerable<AdmissionFinding> Shape(FlowPrompt entry, string path)
    {
        var (reference, alias) = (entry.PromptRef?.Name ?? "", entry.Name ?? "");
        if (reference.Length == 0 && alias.Length == 0 && entry.Prompt is null)
        {
            yield return AdmissionFinding.Broken(path, FlowDependencies.NoPrompt, "give it one of them");
        }

        if (reference.Length + alias.Length > 0 && entry.Prompt is not null)
        {
            yield return AdmissionFinding.Warning($"{path}.prompt", "is not used: the prompt named beside it wins", "remove one of them");
        }

        if (reference.Length > 0 && alias.Length > 0 && reference != alias)
        {
            yield return AdmissionFinding.Warning($"{path}.name", "is not used: promptRef beside it wins", "remove one of them");
        }
        else if (alias.Length > 0)
        {
            yield return AdmissionFinding.Warning($"{path}.name", "is read as promptRef.name", $"write promptRef: {{name: {alias}}}");
        }
    }

    private static IEnumerable<AdmissionFinding> Name(FlowPrompt entry, string path, FlowPart part)
    {
        var (name, field) = NameOf(entry, path);
        if (name.Length > 0 && FlowRules.CheckPromptName(name, part.ServesPrompts, field) is { } problem)
        {
            yield return AdmissionFinding.Of(problem);
        }
    }

    private static IEnumerable<AdmissionFinding> Twin(FlowPrompt entry, string path, FlowPart part, AdmissionScope scope, Dictionary<string, string> contents)
    {
        var (name, field) = NameOf(entry, path);
        var content = entry.Prompt is { } inline && name == inline.Name
            ? inline.Content
            : scope.Read(objects => objects.FindPrompt(part.Namespace, name)?.Spec.Content);
        if (name.Length > 0 && content is not null && !contents.TryAdd(name, content) && contents[name] != content)
        {
            yield return AdmissionFinding.Broken(field, FlowDependencies.GivenTwice(name));
        }
    }

    private static (string Name, string Field) NameOf(FlowPrompt entry, string path) => entry switch
    {
        { PromptRef.Name: { Length: > 0 } name } => (name, $"{path}.promptRef.name"),
        { Name: { Length: > 0 } name } => (name, $"{path}.name"),
        { Prompt: { } inline } => (inline.Name, $"{path}.prompt.name"),
        _ => ("", path),
    };
}
