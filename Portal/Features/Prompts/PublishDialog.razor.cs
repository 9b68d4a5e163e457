using Microsoft.AspNetCore.Components;
using Portal.Dotprompt.Diagnostics;

namespace Portal.Features.Prompts;

/// <summary>Shows what publishing changes and whom it reaches, publishes, and then shows the roll-out.</summary>
public sealed partial class PublishDialog(PromptCatalog catalog, PromptCheck check, Publisher publisher, PromptActivity activity)
{
    private PublishResult? _result;
    private IReadOnlyList<Diagnostic> _errors = [];
    private int _warnings;
    private string? _published;
    private bool _busy;
    private bool _closeHasFocus;
    private ElementReference _cancel;
    private ElementReference _confirm;
    private ElementReference _close;

    [Parameter, EditorRequired]
    public string Namespace { get; set; } = "";

    [Parameter, EditorRequired]
    public string Name { get; set; } = "";

    /// <summary>The text to publish.</summary>
    [Parameter, EditorRequired]
    public string Draft { get; set; } = "";

    private string Warnings => _warnings switch { 0 => "", 1 => "There is one warning.", _ => $"There are {_warnings} warnings." };

    private (string Title, string Message, IReadOnlyList<Diagnostic> Problems)? Refusal => (_errors.Count, _result) switch
    {
        (1, _) => ("Fix this error first", "", _errors),
        ( > 1, _) => ($"Fix these {_errors.Count} errors first", "", _errors),
        (_, { Outcome: PublishOutcome.Conflict } conflict) => ("Somebody else owns this prompt", conflict.Message, conflict.Problems),
        (_, { } refused) => ("Not accepted", refused.Message, refused.Problems),
        _ => null,
    };

    protected override void OnInitialized()
    {
        ReadPublished();
        var problems = check.Check(Namespace, Name, Draft).Problems;
        _errors = [.. problems.Where(problem => problem.Severity == DiagnosticSeverity.Error)];
        _warnings = problems.Count(problem => problem.Severity == DiagnosticSeverity.Warning);
    }

    /// <summary>Enter always does the next thing, and the keyboard never stays behind on a button that is gone.</summary>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            await (_errors.Count > 0 ? _cancel : _confirm).FocusAsync();
        }
        else if (!_closeHasFocus && _result?.Outcome is PublishOutcome.Published or PublishOutcome.Pending)
        {
            _closeHasFocus = true;
            await _close.FocusAsync();
        }
    }

    private void ReadPublished() => _published = catalog.Find(Namespace, Name) is { } live ? PromptCatalog.SpecOf(live).Content : null;

    private async Task PublishAsync(bool force)
    {
        _busy = true;
        _result = await publisher.PublishAsync(
            new PublishRequest
            {
                Namespace = Namespace,
                Name = Name,
                Content = Draft,
                Force = force,
                CheckExpected = true,
                ExpectedContent = _published,
            },
            CancellationToken.None);
        _busy = false;
        if (_result.Outcome == PublishOutcome.Published)
        {
            activity.WasPublished();
        }
        else if (_result.Outcome == PublishOutcome.Stale)
        {
            ReadPublished();
        }
    }
}
