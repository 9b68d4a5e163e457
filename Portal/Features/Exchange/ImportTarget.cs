using Portal.Data;
using Portal.Features.Prompts;

namespace Portal.Features.Exchange;

/// <summary>What stands where an imported prompt would go.</summary>
/// <param name="NameProblem">Why the name cannot be used; null when it can.</param>
public sealed record ImportTarget(string? NameProblem, string? Published, Draft? Draft)
{
    /// <summary>What one sees when the prompt is opened; null when there is nothing.</summary>
    public string? Text => Draft?.Content ?? Published;

    public bool IsTaken => Text is not null;

    internal static ImportTarget Of(PromptCatalog catalog, IReadOnlyDictionary<string, Draft> drafts, string @namespace, string name) => new(
        PromptName.Check(name), catalog.Find(@namespace, name) is { } live ? PromptCatalog.SpecOf(live).Content : null, drafts.GetValueOrDefault(name));
}
