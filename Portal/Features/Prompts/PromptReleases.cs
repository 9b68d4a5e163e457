using Portal.Data;
using Portal.Dotprompt.Diagnostics;
using Portal.Features.Releases;
using Portal.Operator.Prompts;

namespace Portal.Features.Prompts;

/// <summary>What releases ask about prompts: whether a document can be published, and what happens to its draft when it was.</summary>
internal sealed class PromptReleases(PromptCheck check, DraftStore drafts, PromptActivity activity) : IReleaseCheck, IReleaseListener
{
    public string Kind => Prompt.Definition.Kind;

    public IReadOnlyList<Diagnostic> Find(string @namespace, string name, string content) => check.Check(@namespace, name, content).Problems;

    public ContentProblem? Check(string @namespace, string name, string content)
    {
        if ((PromptName.Check(name) ?? PromptContent.Check(content)) is { } problem)
        {
            return new ContentProblem(problem, []);
        }

        var errors = check.Check(@namespace, name, content).Errors.ToList();
        return errors.Count switch
        {
            0 => null,
            1 => new ContentProblem(errors[0].Message, errors),
            _ => new ContentProblem($"{errors.Count} errors, the first: {errors[0].Message}", errors),
        };
    }

    public async Task PublishedAsync(Publication publication)
    {
        if (publication.Kind == Kind)
        {
            await drafts.SettleAsync(publication.Namespace, publication.Name, publication.Content, null, CancellationToken.None);
            activity.WasPublished();
        }
    }
}
