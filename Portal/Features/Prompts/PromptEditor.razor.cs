using System.Globalization;
using Microsoft.AspNetCore.Components;
using Portal.Auth;
using Portal.Components;
using Portal.Components.Code;
using Portal.Components.Inputs;
using Portal.Data;
using Portal.Dotprompt.Diagnostics;
using Portal.Dotprompt.Documents;
using Portal.Dotprompt.Editing;
using Portal.Features.Playground;
using Portal.Features.Prompts.Branches;
using Portal.Features.Prompts.Merging;
using Portal.Features.Prompts.Partials;
using Portal.Features.Releases;
using Portal.Features.Releases.Policies;
using Portal.Features.Releases.Revisions;
using Portal.Operator.Models;
using Portal.Operator.Prompts;
using Radzen;

namespace Portal.Features.Prompts;

/// <summary>
/// Source, outline, problems and test panel of one prompt. The text belongs to the browser; drafts, checks and runs to the server.
/// </summary>
public sealed partial class PromptEditor(
    PromptCatalog catalog,
    PromptCheck check,
    PromptSurroundings surroundings,
    PromptPreview preview,
    DraftStore drafts,
    PromptCommands commands,
    RunStore runs,
    ModelResolver models,
    PromptActivity activity,
    PartialLibrary library,
    RevisionStore revisions,
    BranchStore branches,
    ReleaseList releases,
    EnvironmentDirectory environments,
    CurrentUser user,
    DialogService dialogs,
    NotificationService notifications,
    NavigationManager navigation) : IAsyncDisposable
{
    private static readonly Dictionary<string, string> s_commands = new()
    {
        ["run"] = "Run prompt",
        ["stop"] = "Stop run",
        ["save"] = "Save draft now",
        ["publish"] = "Publish…",
        ["model"] = "Choose model…",
        ["tools"] = "Choose tools…",
    };

    private static readonly (string? View, string Title)[] s_views = [(null, "Source"), ("form", "Form"), ("rendered", "Rendered"), ("yaml", "YAML")];

    /// <summary>Panes that a narrow window shows one at a time.</summary>
    private static readonly (string Pane, string Title)[] s_panes = [("source", "Prompt"), ("outline", "Outline and problems"), ("test", "Inputs and run")];

    private readonly InputsModel _inputs = new();
    private DraftAutosave _autosave = null!;
    private CodeEditor? _editor;
    private CheckedPrompt? _check;
    private Run? _run;
    private RunSnapshot? _ended;
    private RunError? _runProblem;
    private string? _pickedModel;
    private IReadOnlyList<Model> _pickable = [];
    private string _initial = "";
    private string? _tooLarge;
    private string? _oversize;
    private (CheckedPrompt? Prompt, string Input, string? Text) _tokens;
    private long _version;
    private int? _base;
    private ReleaseDetail? _open;
    private ThreeWayMerge? _conflict;
    private Draft? _theirs;
    private bool _merging;
    private bool _missing;
    private string _pane = "source";

    [Parameter, EditorRequired]
    public string Namespace { get; set; } = "";

    [Parameter, EditorRequired]
    public string Name { get; set; } = "";

    [Parameter]
    public string? RunId { get; set; }

    [Parameter]
    public string? Tab { get; set; }

    /// <summary>What the middle shows: <c>form</c>, <c>rendered</c>, <c>yaml</c>; the source for anything else.</summary>
    [Parameter]
    public string? View { get; set; }

    private string? ViewShown => Array.Exists(s_views, view => view.View == View) ? View : null;

    private Prompt? Live => catalog.Find(Namespace, Name);

    private string? Published => Live is { } live ? PromptCatalog.SpecOf(live).Content : null;

    private bool MayEdit => user.May(Permission.EditDraft, Namespace);

    private bool HasDraft => _autosave.State != DraftState.Clean;

    private bool NamesModel => !string.IsNullOrWhiteSpace(_check?.Document.Metadata.Model);

    private bool IsOutOfDate => HasDraft && Published is { } published && published != _autosave.BaseContent && published != _autosave.Text;

    private bool IsDeleted => Live is null && _autosave.BaseContent is not null;

    /// <summary>Who last wrote the published text, when the portal did not.</summary>
    private string? LiveManager => FieldWriter.OwnerOf(Live, "content");

    private string HistoryLink => $"{ListLink}/{Uri.EscapeDataString(Name)}/history";

    /// <summary>Whether the policy asks somebody else first.</summary>
    private bool IsReviewed => environments.PolicyOf([Namespace]).Approvals > 0 || !user.May(Permission.PublishDirectly, Namespace);

    private string PublishWords => IsReviewed ? "Request publish" : "Publish";

    private string ListLink => $"/ns/{Uri.EscapeDataString(Namespace)}/prompts";

    private IReadOnlyList<Crumb> Crumbs => [new(Namespace, ListLink), new("Prompts", ListLink)];

    protected override async Task OnInitializedAsync()
    {
        _autosave = new DraftAutosave(drafts, user, Clock, Namespace, Name);
        _autosave.Changed += OnSaved;
        var draft = await drafts.FindAsync(Namespace, Name, CancellationToken.None);
        if (Live is null && draft is null && RendererInfo.IsInteractive)
        {
            // The address may be that of an object this process has not heard of yet.
            await catalog.Prompts.WaitForSyncAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(10), Clock)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }

        _missing = Live is null && draft is null;
        _autosave.Load(draft, Published);
        _initial = _autosave.Text;
        Examine(_initial);
        Watch(catalog.Prompts, prompt => prompt.Name == Name && prompt.Namespace == Namespace);
        if (RendererInfo.IsInteractive && !IsDisposed)
        {
            Keep(catalog.Prompts.Subscribe(change =>
            {
                if (change.Object.Name == Name && change.Object.Namespace == Namespace)
                {
                    _ = InvokeAsync(FollowPublishedAsync);
                }
            }));
            FollowOthers();
        }

        // The text is there; what is said beside it may come a moment later.
        StateHasChanged();
        _branch = await branches.FindAsync(Namespace, Name, CancellationToken.None);
        await LookUpReleasesAsync();
    }

    protected override async Task OnParametersSetAsync()
    {
        if (IsDisposed || RunId is null || RunId == _run?.Id || RunId == _ended?.Id)
        {
            return;
        }

        // Of another namespace it may be none of the reader's business.
        var found = await runs.FindAsync(RunId, CancellationToken.None) is { } run && run.Namespace == Namespace && run.IsReadableBy(user) ? run : null;
        Attach(found is null ? null : runs.FindRunning(RunId));
        _ended = _run is null ? found : null;
        if ((_run?.Snapshot() ?? _ended) is { } shown)
        {
            _inputs.Load(shown.Input);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Dispose();
        Attach(null);
        await _autosave.DisposeAsync();
        _changing.Dispose();
    }

    private void OnSaved()
    {
        RequestRender();
        if (_autosave.State == DraftState.Conflict)
        {
            _ = InvokeAsync(async () =>
            {
                await MergeDraftAsync();
                StateHasChanged();
            });
        }
    }

    private void Examine(string text)
    {
        var before = _check?.Problems.Count ?? 0;
        _oversize = PromptContent.TooLong(text);
        _check = check.Check(Namespace, Name, text);
        _inputs.Update(_check.InputSchema, _check.Document.Metadata.InputDefaults, _check.Outline.Media);
        _pickable = NamesModel ? [] : models.Models(Namespace);
        activity.Checked(before, _check.Problems.Count);
    }

    private Task OnEditorReadyAsync() => ShowProblemsAsync();

    private async Task OnEditedAsync(EditedText edit)
    {
        _tooLarge = null;
        _version = edit.Version;
        _autosave.Edit(edit.Text);
        Examine(edit.Text);
        await ShowProblemsAsync();
    }

    private async Task ShowProblemsAsync()
    {
        if (_editor is not null && _check is not null)
        {
            await _editor.SetProblemsAsync(_check.Problems, _version == 0 ? long.MaxValue : _version);
            await _editor.SetLanguageDataAsync(Language());
        }
    }

    /// <summary>About how many tokens the model would receive; null while the prompt cannot be rendered.</summary>
    private string? Tokens
    {
        get
        {
            if (_check is null || !_inputs.TryBuild(out var input, out _))
            {
                return null;
            }

            // Counted once for a text and an input, however often the page renders.
            var key = InputKey(input!);
            if (_tokens.Prompt != _check || _tokens.Input != key)
            {
                var rendered = preview.Render(Namespace, Name, _check.Document, input!);
                _tokens = (_check, key, rendered.Problem is null ? TokenEstimate.Of(rendered.Messages).ToString("N0", CultureInfo.InvariantCulture) : null);
            }

            return _tokens.Text;
        }
    }

    /// <summary>Files are told apart by their length: their text does not count.</summary>
    private static string InputKey(JsonObject input) => string.Join('\n', input.Select(pair => pair.Value is JsonValue value && value.TryGetValue<string>(out var text) && text.Length > 10_000
        ? $"{pair.Key}:{text.Length}" : $"{pair.Key}:{pair.Value?.ToJsonString()}"));

    private LanguageData Language()
    {
        var known = surroundings.LanguageOf(Namespace, Name, _check!.InputSchema);
        var pins = library.Published(Namespace).Select(partial => (partial.Name, History: library.HistoryOf(Namespace, partial.Name))).Where(item => item.History is not null && item.Name != Name)
            .Select(item => new LanguageItem($"{item.Name}@{item.History!.Newest}", "of the library", item.History.Find(item.History.Newest)?.Text));
        return known with { Partials = [.. known.Partials, .. pins] };
    }

    /// <summary>What is said about pins may be another thing now.</summary>
    private Task ExamineAgainAsync()
    {
        Examine(_autosave.Text);
        return ShowProblemsAsync();
    }

    private void OnTooLarge(int length) =>
        _tooLarge = $"The text has {length:N0} characters; a prompt can have at most {PromptContent.MaximumBytes:N0} bytes.";

    private Task OnCommandAsync(string command) => command switch
    {
        "run" => RunAsync(),
        "publish" => PublishAsync(),
        "save" => SaveAsync(),
        "model" => PickModelAsync(),
        "tools" => PickToolsAsync(),
        _ => StopAsync(),
    };

    private static RenameAnswer Rename(string text, int line, int column, string? newName)
    {
        var document = DotpromptDocument.Parse(text);
        return newName is null ? VariableRename.Find(document, line, column) : VariableRename.Rename(document, line, column, newName);
    }

    private Task FormatAsync() => _editor?.FormatAsync() ?? Task.CompletedTask;

    private Task UndoAsync() => _editor?.UndoAsync() ?? Task.CompletedTask;

    private Task RedoAsync() => _editor?.RedoAsync() ?? Task.CompletedTask;

    private async Task SaveAsync()
    {
        await CatchUpAsync();
        await _autosave.FlushAsync();
    }

    private async Task RevealAsync(int line, int column)
    {
        _pane = "source";
        if (ViewShown is not null)
        {
            ShowSource();
        }

        if (_editor is not null)
        {
            await _editor.RevealAsync(line, column);
        }
    }

    private async Task FixAsync(QuickFix fix)
    {
        if (_editor is not null)
        {
            await _editor.ApplyFixAsync(fix);
        }
    }

    /// <summary>Brings the server's copy up to the browser's last key press.</summary>
    private async Task CatchUpAsync()
    {
        // A change of the form that is under way belongs to the text.
        await _changing.WaitAsync();
        try
        {
            if (_editor is not null && await _editor.FlushAsync() is { } edit && edit.Text != _autosave.Text)
            {
                await OnEditedAsync(edit);
            }
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Shows a text that came from elsewhere, unless the author is just typing.</summary>
    private async Task<bool> TryFollowAsync(string text)
    {
        if (_editor is null || await _editor.FollowAsync(text) is not { } version)
        {
            return false;
        }

        _version = version;
        Examine(text);
        await ShowProblemsAsync();
        return true;
    }

    private async Task SetTextAsync(string text)
    {
        if (_editor is not null)
        {
            _version = await _editor.SetValueAsync(text);
        }

        Examine(text);
        await ShowProblemsAsync();
    }

    private void Notify(string message) =>
        notifications.Notify(new NotificationMessage { Severity = NotificationSeverity.Success, Summary = message, Duration = 4000 });
}
