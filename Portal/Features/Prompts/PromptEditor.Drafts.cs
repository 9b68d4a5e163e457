using Portal.Auth;
using Portal.Components;
using Portal.Data;
using Portal.Features.Ownership;
using Portal.Features.Prompts.Merging;
using Portal.Features.Releases;
using Portal.Kubernetes.Client;
using Portal.Operator.Prompts;
using Radzen;

namespace Portal.Features.Prompts;

// Drafts, publishing and deleting.
public sealed partial class PromptEditor
{
    private const int MostAttempts = 10;
    private const int MostFollows = 100;
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

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
        else if (HasDraft && Published is { } same)
        {
            await _autosave.SettleAsync(same);
        }

        await LookUpReleasesAsync();
        StateHasChanged();
    }

    /// <summary>Which revision the text began from, and whether a request about this prompt waits.</summary>
    private async Task LookUpReleasesAsync()
    {
        _base = _autosave.BaseContent is { } began
            ? await revisions.NumberOfAsync(Prompt.Definition.Kind, Namespace, Name, began, CancellationToken.None) : null;
        _open = await releases.FindOpenAsync(Prompt.Definition.Kind, Namespace, Name, user, CancellationToken.None);
    }

    /// <summary>What others do to this prompt, to what it includes and to its releases.</summary>
    private void FollowOthers()
    {
        var (ofDraft, ofPartials, ofReleases) = (KeepCurrent(FollowDraftAsync), KeepCurrent(ExamineAgainAsync), KeepCurrent(LookUpReleasesAsync));
        void OnDraft(string @namespace, string name)
        {
            if (@namespace == Namespace && name == Name)
            {
                ofDraft.Request();
            }
        }

        void OnPartial(string @namespace, string name)
        {
            if (@namespace == Namespace)
            {
                ofPartials.Request();
            }
        }

        void OnRelease(long id) => ofReleases.Request();
        drafts.Changed += OnDraft;
        Keep(() => drafts.Changed -= OnDraft);
        library.Changed += OnPartial;
        Keep(() => library.Changed -= OnPartial);
        releases.Changed += OnRelease;
        Keep(() => releases.Changed -= OnRelease);
    }

    private async Task FollowDraftAsync()
    {
        for (var attempt = 0; attempt < MostFollows && !IsDisposed; attempt++)
        {
            var stored = await drafts.FindAsync(Namespace, Name, CancellationToken.None);
            if (!_autosave.IsForeign(stored))
            {
                return;
            }

            if (_autosave.State is not (DraftState.Clean or DraftState.Saved))
            {
                _autosave.MarkConflict();
                await MergeDraftAsync();
                return;
            }

            if (await TryFollowAsync(stored!.Content))
            {
                _autosave.Load(stored, Published);
                return;
            }

            // Text is on its way from the browser. It becomes a conflict when it is saved; or it is known here already, and only the answer is still to come.
            await Task.Delay(s_pause, Clock);
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
        await drafts.DiscardAsync(user, Namespace, Name, CancellationToken.None);
        _autosave.Load(null, Published);
        await SetTextAsync(_autosave.Text);
        Notify("Loaded the published text. Undo (Ctrl+Z) brings yours back.");
    }

    /// <summary>Another page saved this draft too: what both wrote is put together, and only where they disagree somebody must choose.</summary>
    private async Task MergeDraftAsync()
    {
        if (_merging || _autosave.State != DraftState.Conflict)
        {
            return;
        }

        _merging = true;
        var attempts = 0;
        try
        {
            await CatchUpAsync();
            while (_autosave.State == DraftState.Conflict && await drafts.FindAsync(Namespace, Name, CancellationToken.None) is { } theirs)
            {
                _conflict = ThreeWayMerge.Of(_autosave.CommonText, _autosave.Text, theirs.Content);
                _theirs = theirs;
                if (_conflict.Text is not { } merged)
                {
                    return;
                }

                // Not under the fingers of somebody who is just typing: what they type now would be lost.
                if (!await TryFollowAsync(merged) && ++attempts < MostAttempts)
                {
                    await Task.Delay(s_pause, Clock);
                    await CatchUpAsync();
                    continue;
                }

                await TakeMergedAsync(theirs, merged);
            }
        }
        finally
        {
            _merging = false;
        }
    }

    private async Task TakeMergedAsync(Draft theirs, string merged)
    {
        _conflict = null;
        await SetTextAsync(merged);
        await _autosave.TakeMergedAsync(theirs, merged);
        Notify($"Put together with what {theirs.AuthorName ?? "another page"} wrote. Undo (Ctrl+Z) brings yours back.");
    }

    private async Task ResolveDraftAsync()
    {
        await CatchUpAsync();
        if (await drafts.FindAsync(Namespace, Name, CancellationToken.None) is not { } theirs)
        {
            await KeepMineAsync();
            return;
        }

        if (await MergeAsync(_autosave.CommonText, theirs.Content, theirs.AuthorName ?? "The other page") is { } merged)
        {
            await TakeMergedAsync(theirs, merged);
        }
    }

    /// <summary>The published text moved on under this draft: both are put together on the new one.</summary>
    private async Task MergePublishedAsync()
    {
        await CatchUpAsync();
        if (Published is { } published && await MergeAsync(_autosave.BaseContent ?? "", published, "Published") is { } merged)
        {
            await SetTextAsync(merged);
            _autosave.Edit(merged);
            await _autosave.KeepMineAsync(published);
            await LookUpReleasesAsync();
            Notify("Put together with the published text. Undo (Ctrl+Z) brings yours back.");
        }
    }

    /// <summary>The merged text; null when its author gave up choosing.</summary>
    private async Task<string?> MergeAsync(string common, string theirs, string title)
    {
        var merge = ThreeWayMerge.Of(common, _autosave.Text, theirs);
        if (merge.Text is { } clean)
        {
            return clean;
        }

        var parameters = new Dictionary<string, object?> { [nameof(MergeDialog.Merge)] = merge, [nameof(MergeDialog.TheirsTitle)] = title };
        return await dialogs.OpenAsync<MergeDialog>("Put both texts together", parameters, new DialogOptions { Width = "min(1000px, 94vw)", CloseDialogOnEsc = true }) as string;
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

        await drafts.DiscardAsync(user, Namespace, Name, CancellationToken.None);
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
            [nameof(PublishDialog.Kind)] = Prompt.Definition.Kind,
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
        var isAsked = Live is not null && commands.MustAsk(Namespace);
        var question = isAsked ? $"Here it takes a release: nothing is deleted before that is agreed, and your draft stays. {consequence}"
            : $"The Prompt object and its draft are removed. {consequence} This cannot be undone.";
        if (!await dialogs.AskAsync($"Delete {Name}?", question, isAsked ? "Ask to delete it" : "Delete prompt"))
        {
            return;
        }

        try
        {
            var result = await commands.DeleteAsync(user, Namespace, Name, CancellationToken.None);
            if (result.Refusal is { } refusal)
            {
                notifications.Notify(NotificationSeverity.Error, "Not deleted", refusal, duration: 10_000);
                return;
            }

            Notify(result.Request is { } asked ? $"Release {asked.Id} asks to delete {Name}." : $"{Name} was deleted.");
            navigation.NavigateTo(result.Request is { } request ? $"/approvals/{request.Id}" : ListLink);
        }
        catch (Exception exception) when (exception is KubernetesException or HttpRequestException or AccessDeniedException or OwnedObjectException)
        {
            notifications.Notify(NotificationSeverity.Error, "Not deleted", exception.Message, duration: 10_000);
        }
    }
}
