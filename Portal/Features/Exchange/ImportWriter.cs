using Portal.Auth;
using Portal.Data;
using Portal.Features.Prompts;
using Portal.Features.Releases.Revisions;
using Portal.Operator.Prompts;

namespace Portal.Features.Exchange;

/// <summary>Writes one prompt of an import: its draft, its history where it has none, and what became of it. Doing it twice changes nothing the second time.</summary>
internal sealed class ImportWriter(ImportStore store, PromptCatalog catalog, DraftStore drafts, RevisionStore revisions, PortalDatabase database)
{
    /// <param name="written">Names this import wrote already; gets this one's.</param>
    internal async Task WriteAsync(CurrentUser user, PromptImport import, PromptImportItem item, HashSet<string> written)
    {
        if (item.Problem is not null || item.Choice == ImportChoice.Skip || item.Content is null)
        {
            await store.SettleAsync(import.Id, item.Position, item.Problem is null || item.IsLeft ? ImportOutcome.Skipped : ImportOutcome.Refused, item.Problem, null);
            return;
        }

        if ((PromptName.Check(item.Name) ?? (written.Add(item.Name) ? null : "Another prompt of this import has the same name. Give one of them another name.")) is { } wrong)
        {
            await store.SettleAsync(import.Id, item.Position, ImportOutcome.Refused, wrong, null);
            return;
        }

        var draft = await drafts.FindAsync(import.Namespace, item.Name, CancellationToken.None);
        var target = new ImportTarget(null, catalog.Find(import.Namespace, item.Name) is { } live ? PromptCatalog.SpecOf(live).Content : null, draft);
        var history = await KeepHistoryAsync(user, import.Namespace, item);
        if (target.Text == item.Content)
        {
            await store.SettleAsync(import.Id, item.Position, ImportOutcome.Unchanged, Join("The same text is there already.", history), null);
            return;
        }

        if (draft is not null && item.Choice != ImportChoice.Replace)
        {
            await store.SettleAsync(import.Id, item.Position, ImportOutcome.Refused, "There is another draft of this name. Choose to replace it, or another name.", null);
            return;
        }

        var saved = await drafts.SaveAsync(user, import.Namespace, item.Name, item.Content, target.Published, draft?.UpdatedAt, CancellationToken.None);
        await (saved is null
            ? store.SettleAsync(import.Id, item.Position, ImportOutcome.Refused, "Somebody saved this draft meanwhile. Look at it, and import again.", null)
            : store.SettleAsync(import.Id, item.Position, ImportOutcome.Drafted, history, ImportStore.EntryOf(user, import.Namespace, item, target.Text)));
    }

    /// <summary>Makes older versions revisions of a prompt that has none, and says so.</summary>
    private async Task<string?> KeepHistoryAsync(CurrentUser user, string @namespace, PromptImportItem item)
    {
        if (item.History.Count == 0)
        {
            return null;
        }

        if (!user.May(Permission.SubmitRelease, @namespace))
        {
            return "Its older versions were left out: revisions are made by those who may ask for releases.";
        }

        if ((await revisions.ListAsync(Prompt.Definition.Kind, @namespace, item.Name, CancellationToken.None)).Count > 0)
        {
            return "Its older versions were left out: the prompt has revisions of its own.";
        }

        await database.WriteAsync(
            async context =>
            {
                foreach (var version in item.History.Where(version => PromptContent.Check(version.Content) is null))
                {
                    await revisions.AddAsync(context, new NewRevision(Prompt.Definition.Kind, @namespace, item.Name, version.Content, user.Actor, version.Message), CancellationToken.None);
                    await context.SaveChangesAsync(CancellationToken.None);
                }
            },
            CancellationToken.None);
        return $"{item.History.Count} older version{(item.History.Count == 1 ? "" : "s")} became its history.";
    }

    private static string Join(string first, string? second) => second is null ? first : $"{first} {second}";
}
