using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using Portal.Dotprompt.Diagnostics;
using Portal.Dotprompt.Editing;

namespace Portal.Components.Code;

/// <summary>
/// A text editor (Monaco). The browser owns the text while it is edited: <see cref="InitialValue"/> is read once, later changes go through
/// <see cref="SetValueAsync"/>, and edits arrive through <see cref="OnChange"/>, coalesced to one a pause of about 150 ms. What is asked of it before
/// the browser has loaded it is done then; nothing when the page is left before.
/// </summary>
public sealed partial class CodeEditor(IJSRuntime script) : IAsyncDisposable
{
    /// <summary>
    /// Longest text taken from the browser, in UTF-16 units; longer ones raise <see cref="OnTooLarge"/> instead of <see cref="OnChange"/>.
    /// </summary>
    public const int MaximumLength = 1_500_000;

    private static readonly Dictionary<string, string> s_noCommands = [];

    private ElementReference _host;
    private IJSObjectReference? _module;
    private readonly TaskCompletionSource<IJSObjectReference?> _made = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private DotNetObjectReference<CodeEditor>? _self;
    private bool _ready;

    [Parameter]
    public string InitialValue { get; set; } = "";

    /// <summary>What a screen reader calls the editor.</summary>
    [Parameter, EditorRequired]
    public string Label { get; set; } = "";

    [Parameter]
    public string Language { get; set; } = "dotprompt";

    [Parameter]
    public bool ReadOnly { get; set; }

    /// <summary>Key under which the browser keeps text it could not hand over; null keeps none.</summary>
    [Parameter]
    public string? StorageKey { get; set; }

    /// <summary>When <see cref="InitialValue"/> was saved: text kept in the browser before that is out of date.</summary>
    [Parameter]
    public DateTimeOffset? SavedAt { get; set; }

    /// <summary>
    /// Commands by name (<c>run</c>, <c>save</c>, <c>publish</c>, <c>stop</c> have keys) with their titles in the command palette.
    /// </summary>
    [Parameter]
    public IReadOnlyDictionary<string, string> Commands { get; set; } = s_noCommands;

    /// <summary>Writes a text in the language's style, for the editor's Format command; null has none.</summary>
    [Parameter]
    public Func<string, string>? Formatter { get; set; }

    /// <summary>Finds what a rename at a line and column of a text replaces; without a new name, only where the name stands. Null has none.</summary>
    [Parameter]
    public Func<string, int, int, string?, RenameAnswer>? Renamer { get; set; }

    [Parameter]
    public EventCallback<EditedText> OnChange { get; set; }

    /// <summary>A command was given by key or palette; pending changes have arrived before it.</summary>
    [Parameter]
    public EventCallback<string> OnCommand { get; set; }

    /// <summary>The text is longer than <see cref="MaximumLength"/>; carries its length.</summary>
    [Parameter]
    public EventCallback<int> OnTooLarge { get; set; }

    /// <summary>The editor is there and takes calls.</summary>
    [Parameter]
    public EventCallback OnReady { get; set; }

    [Parameter]
    public string? Class { get; set; }

    [Parameter]
    public string TestId { get; set; } = "editor";

    /// <summary>
    /// The text as it is in the browser now, with its version; null when it is too long.
    /// </summary>
    public async Task<EditedText?> FlushAsync() => await _made.Task is { } editor ? await editor.InvokeAsync<EditedText?>("flush") : null;

    /// <summary>Replaces the text, undoable by its author; not reported by <see cref="OnChange"/>. Returns the new version.</summary>
    public async Task<long> SetValueAsync(string text) => await _made.Task is { } editor ? await editor.InvokeAsync<long>("setValue", text) : 0;

    /// <summary>Underlines problems found in version <paramref name="version"/> of the text; dropped when the text has moved on.</summary>
    public Task SetProblemsAsync(IReadOnlyList<Diagnostic> problems, long version) => TellAsync("setProblems", problems.Select(EditorProblem.From), version);

    /// <summary>Replaces the text and returns its new version, unless its author is just changing it: then nothing, and null.</summary>
    public async Task<long?> FollowAsync(string text) => await _made.Task is { } editor
        && await editor.InvokeAsync<long>("follow", text) is > 0 and var version ? version : null;

    public Task SetLanguageDataAsync(LanguageData data) => TellAsync("setLanguageData", data);

    public Task ApplyFixAsync(QuickFix fix) => TellAsync("applyFix", fix.Range, fix.NewText);

    /// <summary>
    /// Does edits, as offsets into a version of the text; one step for undo, reported by <see cref="OnChange"/> before this returns. False, with
    /// nothing done, when the text has moved on.
    /// </summary>
    public async Task<bool> ApplyAsync(IReadOnlyList<TextEdit> edits, long version) => await _made.Task is { } editor && await editor.InvokeAsync<bool>("applyEdits", edits, version);

    /// <summary>Takes the last edit of the text back.</summary>
    public Task UndoAsync() => TellAsync("undo");

    /// <summary>Does again what was taken back.</summary>
    public Task RedoAsync() => TellAsync("redo");

    public Task FocusAsync() => TellAsync("focus");

    /// <summary>Formats the text; one step for undo.</summary>
    public Task FormatAsync() => TellAsync("format");

    /// <summary>Puts the cursor there, scrolls to it and gives the editor the focus.</summary>
    public Task RevealAsync(int line, int column) => TellAsync("reveal", line, column);

    private async Task TellAsync(string action, params object?[] arguments)
    {
        if (await _made.Task is { } editor)
        {
            await editor.InvokeVoidAsync(action, arguments);
        }
    }

    [JSInvokable]
    public Task TextChanged(string text, long version) => OnChange.InvokeAsync(new EditedText(text, version));

    [JSInvokable]
    public Task CommandGiven(string name) => OnCommand.InvokeAsync(name);

    [JSInvokable]
    public string Format(string text) => text.Length > MaximumLength || Formatter is null ? text : Formatter(text);

    [JSInvokable]
    public RenameAnswer Rename(string text, int line, int column, string? newName) => text.Length > MaximumLength || Renamer is null
        ? new RenameAnswer([], "There is nothing to rename here.")
        : Renamer(text, line, column, newName);

    [JSInvokable]
    public Task TooLarge(int length) => OnTooLarge.InvokeAsync(length);

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
        {
            return;
        }

        _self = DotNetObjectReference.Create(this);
        _module = await script.InvokeAsync<IJSObjectReference>("import", "./assets/code-editor.js");
        if (_made.Task.IsCompleted)
        {
            // The page was left meanwhile.
            await _module.DisposeAsync();
            return;
        }

        var options = new
        {
            value = InitialValue,
            label = Label,
            readOnly = ReadOnly,
            language = Language,
            storageKey = StorageKey,
            savedAt = SavedAt?.ToUnixTimeMilliseconds() ?? 0,
            commands = Commands,
            formats = Formatter is not null,
            renames = Renamer is not null,
            maximum = MaximumLength
        };
        var editor = await _module.InvokeAsync<IJSObjectReference>("create", _host, _self, options);
        if (!_made.TrySetResult(editor))
        {
            await editor.InvokeVoidAsync("dispose");
            await editor.DisposeAsync();
            return;
        }

        _ready = true;
        await OnReady.InvokeAsync();
        StateHasChanged();
    }

    public async ValueTask DisposeAsync()
    {
        _made.TrySetResult(null);
        try
        {
            if (await _made.Task is { } editor)
            {
                await editor.InvokeVoidAsync("dispose");
                await editor.DisposeAsync();
            }

            if (_module is not null)
            {
                await _module.DisposeAsync();
            }
        }
        catch (JSDisconnectedException)
        {
            // The browser is gone, and its editor with it.
        }

        _self?.Dispose();
    }
}
