using Portal.Dotprompt.Editing;
using Portal.Features.Ownership;
using Portal.Features.Prompts.Forms;
using Radzen;

namespace Portal.Features.Prompts;

// The form over the same text, and the pickers.
public sealed partial class PromptEditor
{
    private const int MostTries = 5;

    private readonly SemaphoreSlim _changing = new(1);
    private string? _formProblem;

    private OwnerFiles Files => PromptFiles.Of(Live ?? PromptFiles.Empty(Namespace, Name), _autosave.Text);

    private string FileLink => $"/api/v1/namespaces/{Uri.EscapeDataString(Namespace)}/prompts/{Uri.EscapeDataString(Name)}/file";

    private void ShowView(string? view) => GoTo(new() { ["view"] = view });

    private void ShowSource() => ShowView(null);

    /// <summary>Makes a change of the form in the text: one after the other, each one step for undo, and never over what is typed meanwhile.</summary>
    private async Task ChangeAsync(FormChange change)
    {
        if (!MayEdit)
        {
            return;
        }

        await _changing.WaitAsync();
        try
        {
            for (var attempt = 0; attempt < MostTries && !await TryChangeAsync(change); attempt++)
            {
                // Somebody types; the change is asked for again on the new text.
            }
        }
        finally
        {
            _changing.Release();
        }
    }

    private async Task<bool> TryChangeAsync(FormChange change)
    {
        var edit = _editor is null ? null : await _editor.FlushAsync();
        if (edit is not null && edit.Text != _check!.Document.Source)
        {
            await OnEditedAsync(edit);
        }

        var answer = change(_check!.Document);
        _formProblem = answer.Refusal;
        if (answer.Edits.Count == 0)
        {
            return true;
        }

        if (edit is not null)
        {
            return await _editor!.ApplyAsync(answer.Edits, edit.Version);
        }

        var text = TextEdit.Apply(_check.Document.Source, answer.Edits);
        await SetTextAsync(text);
        _autosave.Edit(text);
        return true;
    }

    private async Task PickModelAsync()
    {
        var parameters = new Dictionary<string, object?> { [nameof(PickDialog.Namespace)] = Namespace, [nameof(PickDialog.Model)] = _check?.Document.Metadata.Model };
        if (await dialogs.OpenAsync<PickDialog>("Choose a model", parameters, new DialogOptions { Width = "560px", CloseDialogOnEsc = true }) is string name)
        {
            await ChangeFromSourceAsync(FormChanges.Text(["model"], name));
        }
    }

    private async Task PickToolsAsync()
    {
        var parameters = new Dictionary<string, object?>
        {
            [nameof(PickDialog.Namespace)] = Namespace,
            [nameof(PickDialog.Tools)] = true,
            [nameof(PickDialog.Names)] = _check?.Document.Metadata.Tools ?? [],
        };
        if (await dialogs.OpenAsync<PickDialog>("Choose tools", parameters, new DialogOptions { Width = "560px", CloseDialogOnEsc = true }) is IReadOnlyList<string> names)
        {
            await ChangeFromSourceAsync(FormChanges.Tools(names));
        }
    }

    private async Task ChangeFromSourceAsync(FormChange change)
    {
        await ChangeAsync(change);
        if (_formProblem is { } problem)
        {
            notifications.Notify(NotificationSeverity.Error, "Not changed", problem, duration: 10_000);
        }

        if (_editor is not null)
        {
            await _editor.FocusAsync();
        }
    }
}
