using Portal.Operator.Flows;

namespace Portal.Features.Playground;

/// <summary>The prompts a Flow lists. A Flow whose stored spec does not have its shape lists none.</summary>
public static class FlowPrompts
{
    /// <summary>Names of Prompt objects the Flow serves.</summary>
    public static IReadOnlySet<string> NamesOf(Flow flow)
    {
        try
        {
            var listed = (flow.Spec.Prompts ?? []).Select(entry => entry.PromptRef?.Name is { Length: > 0 } name ? name : entry.Name);
            var referred = (flow.Spec.PromptRefs ?? []).Select(reference => reference.Name);
            return listed.Concat(referred).OfType<string>().Where(name => name.Length > 0).ToHashSet(StringComparer.Ordinal);
        }
        catch (JsonException)
        {
            return new HashSet<string>();
        }
    }

    /// <summary>Prompt objects that the Flow's prompts call as partials, by the name they call them: always as they are published.</summary>
    public static IReadOnlyDictionary<string, string> FollowedBy(Flow flow)
    {
        try
        {
            return (flow.Spec.Prompts ?? []).Where(entry => entry is { PromptRef.Name.Length: > 0, Name: ['_', _, ..] })
                .DistinctBy(entry => entry.Name).ToDictionary(entry => entry.Name![1..], entry => entry.PromptRef!.Name, StringComparer.Ordinal);
        }
        catch (JsonException)
        {
            return new Dictionary<string, string>();
        }
    }

    /// <summary>Prompts written in the Flow itself.</summary>
    public static IReadOnlyList<InlinePrompt> InlineOf(Flow flow)
    {
        try
        {
            return [.. (flow.Spec.Prompts ?? []).Select(entry => entry.Prompt).OfType<InlinePrompt>()];
        }
        catch (JsonException)
        {
            return [];
        }
    }
}
