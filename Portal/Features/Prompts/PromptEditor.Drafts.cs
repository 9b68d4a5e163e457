using Portal.Auth;
using Portal.Components;
using Portal.Features.Ownership;
using Portal.Kubernetes.Client;
using Portal.Operator.Prompts;
using Radzen;

namespace Portal.Features.Prompts;

// Drafts, publishing and deleting.
public sealed partial class PromptEditor
{
    /// <summary>A page without changes of its own follows what others publish; one with changes says so and waits.</summary>
    private async Task FollowPublishedAsync()
    {
        if (_autosave.State == DraftState.Clean && Published is { } published && published != _autosave.Text)
        {
            if (await TryFollowAsync(published))
            {
                _autosave.Load(null, published);
            }
        }
        else if (HasDraft && Published is { } same && same == _autosave.Text)
        {
            _autosave.Load(null, same);
            await drafts.DiscardAsync(Namespace, Name, same, CancellationToken.None);
        }

        await LookUpReleasesAsync();
        StateHasChanged();
    }

    private void OnReleaseChanged(long id) => _ = InvokeAsync(async () =>
    {
        await LookUpReleasesAsync();
        StateHasChanged();
    });

    /// <summary>Which revision the text began from, and whether a request about this prompt waits.</summary>
    private async Task LookUpReleasesAsync()
    {
        _base = _autosave.BaseContent is { } began
            ? await revisions.NumberOfAsync(Prompt.Definition.Kind, Namespace, Name, began, CancellationToken.None) : null;
        _open = await releases.FindOpenAsync(Prompt.Definition.Kind, Namespace, Name, user, CancellationToken.None);
    }

    private void OnDraftChanged(string @namespace, string name)
    {
        if (@namespace == Namespace && name == Name)
        {
            _ = InvokeAsync(async () =>
            {
                var stored = await drafts.FindAsync(Namespace, Name, CancellationToken.None);
                if (!_autosave.IsForeign(stored))
                {
                    return;
                }

                if (_autosave.State is DraftState.Clean or DraftState.Saved)
                {
                    // Text on its way from the browser wins here, and becomes a conflict when it is saved.
                    if (await TryFollowAsync(stored!.Content))
                    {
                        _autosave.Load(stored, Published);
                    }
                }
                else
                {
                    _autosave.MarkConflict();
                }

                StateHasChanged();
            });
        }
    }

    private async Task LoadOtherDraftAsync()
    {
        _autosave.Load(await drafts.FindAsync(Namespace, Name, CancellationToken.None), Published);
        await SetTextAsync(_autosave.Text);
        Notify("Loaded the other draft. Undo (Ctrl+Z) brings yours back.");
    }

    private async Task LoadPublishedAsync()
    {
        await commands.DiscardDraftAsync(user, Namespace, Name);
        _autosave.Load(null, Published);
        await SetTextAsync(_autosave.Text);
        Notify("Loaded the published text. Undo (Ctrl+Z) brings yours back.");
    }

    private async Task KeepMineAsync()
    {
        await CatchUpAsync();
        await _autosave.KeepMineAsync(Published);
    }

    private async Task DiscardAsync()
    {
        var question = Live is null
            ? "The draft was never published: discarding it removes this prompt."
            : "The editor goes back to the published text.";
        if (!await dialogs.AskAsync("Discard the draft?", question, "Discard draft"))
        {
            return;
        }

        await commands.DiscardDraftAsync(user, Namespace, Name);
        _autosave.Load(null, Published);
        if (Live is null)
        {
            navigation.NavigateTo(ListLink);
            return;
        }

        await SetTextAsync(_autosave.Text);
    }

    private async Task PublishAsync()
    {
        await CatchUpAsync();
        if (_tooLarge is not null)
        {
            return;
        }

        await _autosave.FlushAsync();
        var parameters = new Dictionary<string, object?>
        {
            [nameof(PublishDialog.Namespace)] = Namespace,
            [nameof(PublishDialog.Name)] = Name,
            [nameof(PublishDialog.Draft)] = _autosave.Text,
        };
        var options = new DialogOptions { Width = "min(1100px, 94vw)", CloseDialogOnEsc = true, AutoFocusFirstElement = false };
        await dialogs.OpenAsync<PublishDialog>($"{PublishWords} {Name}", parameters, options);
        await FollowPublishedAsync();
    }

    private async Task DeleteAsync()
    {
        var flows = catalog.FlowsOf(Namespace, Name).Select(flow => flow.Name).ToList();
        var consequence = flows.Count == 0 ? "No flow uses it." : $"Flows that use it stop being ready: {string.Join(", ", flows)}.";
        var question = $"The Prompt object and its draft are removed. {consequence} This cannot be undone.";
        if (!await dialogs.AskAsync($"Delete {Name}?", question, "Delete prompt"))
        {
            return;
        }

        try
        {
            await commands.DeleteAsync(user, Namespace, Name, CancellationToken.None);
            Notify($"{Name} was deleted.");
            navigation.NavigateTo(ListLink);
        }
        catch (Exception exception) when (exception is KubernetesException or HttpRequestException or AccessDeniedException or OwnedObjectException)
        {
            notifications.Notify(NotificationSeverity.Error, "Not deleted", exception.Message, duration: 10_000);
        }
    }
}
