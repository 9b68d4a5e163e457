using Radzen;

namespace Portal.Components;

/// <summary>Asks before something that cannot be undone.</summary>
public static class Confirmation
{
    /// <summary>True when the reader confirmed; closing the dialog in any other way is a no.</summary>
    /// <param name="title">The question.</param>
    /// <param name="text">What will happen.</param>
    /// <param name="confirm">The button that does it, with its verb: <c>Delete prompt</c>.</param>
    public static async Task<bool> AskAsync(this DialogService dialogs, string title, string text, string confirm)
    {
        var parameters = new Dictionary<string, object?> { [nameof(ConfirmDialog.Text)] = text, [nameof(ConfirmDialog.Confirm)] = confirm };
        return await dialogs.OpenAsync<ConfirmDialog>(title, parameters, new DialogOptions { Width = "460px", CloseDialogOnEsc = true }) is true;
    }
}
