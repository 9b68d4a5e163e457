using Portal.Features.Exchange.Formats;
using Portal.Features.Prompts;

namespace Portal.Features.Exchange;

/// <summary>What is proposed to become of a prompt that was read: its name, and what to do where the name is taken.</summary>
internal static class ImportProposal
{
    /// <param name="taken">Names of the prompts before it; gets this one's.</param>
    public static PromptImportItem Of(ForeignPrompt prompt, int position, ConflictRule rule, Func<string, ImportTarget> targetOf, HashSet<string> taken)
    {
        var notes = prompt.Notes.ToList();
        var slug = PromptName.Check(prompt.Name) is null ? prompt.Name : Slug.Of(prompt.Name);
        if (slug != prompt.Name && prompt.Content is not null)
        {
            notes.Add(new MappingNote(NoteKind.Warning, "name", slug.Length > 0 ? $"“{prompt.Name}” becomes {slug}, a name objects can have." : "It has no name that can be used: give it one."));
        }

        var (name, problem) = (slug, prompt.Problem ?? (prompt.Content is null ? null : PromptContent.Check(prompt.Content)));
        if (prompt.IsPartial && problem is null)
        {
            prompt = prompt with { Content = DotpromptFiles.MarkPartial(prompt.Content!) };
            notes.Add(new MappingNote(NoteKind.Became, "file name", $"A partial of the library, marked partial: true. Prompts pin it as {{{{>{slug}@1}}}}, or a flow lists it as _{slug} and follows it."));
        }

        var target = targetOf(name);
        var isSecond = problem is null && name.Length > 0 && taken.Contains(name);
        if (problem is null && name.Length > 0 && rule == ConflictRule.Rename && (isSecond || (target.IsTaken && target.Text != prompt.Content)))
        {
            name = FreeName(name, candidate => !taken.Contains(candidate) && !targetOf(candidate).IsTaken);
            (target, isSecond) = (targetOf(name), false);
            notes.Add(new MappingNote(NoteKind.Warning, "name", $"{slug} is taken; it becomes {name}."));
        }

        if (isSecond)
        {
            notes.Add(new MappingNote(NoteKind.Warning, "name", "A prompt of this name comes before it: give it another one to import it."));
        }

        if (problem is null)
        {
            taken.Add(name);
        }

        return new PromptImportItem
        {
            Position = position,
            Source = prompt.Source,
            Format = prompt.Format,
            Name = name,
            Choice = problem is not null || isSecond ? ImportChoice.Skip : ChoiceFor(target, prompt.Content!, rule),
            Content = problem is null ? prompt.Content : null,
            History = problem is null ? prompt.History : [],
            Problem = problem,
            IsLeft = prompt.IsLeft,
            Notes = notes,
        };
    }

    private static ImportChoice ChoiceFor(ImportTarget target, string content, ConflictRule rule) => rule switch
    {
        _ when !target.IsTaken || target.Text == content => ImportChoice.Draft,
        ConflictRule.Skip => ImportChoice.Skip,
        ConflictRule.Replace => ImportChoice.Replace,
        _ => target.Draft is null ? ImportChoice.Draft : ImportChoice.Skip,
    };

    private static string FreeName(string name, Func<string, bool> isFree)
    {
        for (var number = 2; ; number++)
        {
            var suffix = $"-{number}";
            var candidate = $"{name[..Math.Min(name.Length, PromptName.MaximumLength - suffix.Length)].TrimEnd('-')}{suffix}";
            if (isFree(candidate))
            {
                return candidate;
            }
        }
    }
}
