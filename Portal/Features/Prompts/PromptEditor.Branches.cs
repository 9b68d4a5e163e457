using Portal.Data;
using Portal.Features.Prompts.Branches;
using Portal.Features.Prompts.Merging;
using Radzen;

namespace Portal.Features.Prompts;

// Branching off, and bringing the winner back.
public sealed partial class PromptEditor
{
    private Branch? _branch;

    private async Task BranchAsync()
    {
        await CatchUpAsync();
        await _autosave.FlushAsync();
        var parameters = new Dictionary<string, object?> { [nameof(NewBranchDialog.Namespace)] = Namespace, [nameof(NewBranchDialog.Origin)] = Name };
        if (await dialogs.OpenAsync<NewBranchDialog>($"Branch {Name}", parameters, new DialogOptions { Width = "520px", CloseDialogOnEsc = true }) is string name)
        {
            navigation.NavigateTo($"{ListLink}/{Uri.EscapeDataString(name)}");
        }
    }

    private async Task MergeBranchAsync()
    {
        await CatchUpAsync();
        await _autosave.FlushAsync();
        var lastSeen = (await drafts.FindAsync(Namespace, _branch!.Origin, CancellationToken.None))?.UpdatedAt;
        if (await branches.PrepareAsync(Namespace, Name, CancellationToken.None) is not { } merge)
        {
            notifications.Notify(NotificationSeverity.Error, "Not merged", $"There is no prompt “{_branch.Origin}” any more.", duration: 10_000);
            return;
        }

        var merged = merge.Text;
        if (merged is null)
        {
            var parameters = new Dictionary<string, object?>
            {
                [nameof(MergeDialog.Merge)] = merge,
                [nameof(MergeDialog.MineTitle)] = _branch.Origin,
                [nameof(MergeDialog.TheirsTitle)] = Name,
            };
            merged = await dialogs.OpenAsync<MergeDialog>($"Merge {Name} into {_branch.Origin}", parameters,
                new DialogOptions { Width = "min(1000px, 94vw)", CloseDialogOnEsc = true }) as string;
        }

        if (merged is null)
        {
            return;
        }

        if (await branches.MergeAsync(user, _branch, merged, lastSeen, CancellationToken.None))
        {
            Notify($"The draft of {_branch.Origin} has both now. Look at it, run it, and publish it.");
            navigation.NavigateTo($"{ListLink}/{Uri.EscapeDataString(_branch.Origin)}");
        }
        else
        {
            notifications.Notify(NotificationSeverity.Error, "Not merged", $"Somebody just changed the draft of {_branch.Origin}. Merge again.", duration: 10_000);
        }
    }
}
