using System.Data.Common;
using Microsoft.AspNetCore.Components;
using Portal.Auth;
using Portal.Data;
using Portal.Dotprompt.Diagnostics;
using Portal.Features.Ownership;
using Portal.Features.Releases.Policies;
using Portal.Features.Releases.Revisions;
using Portal.Features.Releases.States;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Runtime;
using Portal.Operator.Prompts;

namespace Portal.Features.Releases;

/// <summary>Shows what publishing changes and whom it reaches; then publishes, or asks those whom the policy of the namespace wants asked.</summary>
public sealed partial class PublishDialog(
    InformerFactory informers, IEnumerable<IReleaseCheck> checks, ReleaseDesk desk, EnvironmentDirectory environments, CurrentUser user)
{
    private ReleaseResult? _result;
    private IReadOnlyList<Diagnostic> _errors = [];
    private int _warnings;
    private string? _published;
    private string _seen = "";
    private string _message = "";
    private string _reason = "";
    private DateTime? _at;
    private string? _owner;
    private (ObjectOwner Owner, OwnerFiles Files)? _keeper;
    private bool _takesOver;
    private bool _busy;
    private bool _closeHasFocus;
    private ElementReference _cancel;
    private ElementReference _confirm;
    private ElementReference _close;

    [Parameter, EditorRequired]
    public string Kind { get; set; } = "";

    [Parameter, EditorRequired]
    public string Namespace { get; set; } = "";

    [Parameter, EditorRequired]
    public string Name { get; set; } = "";

    /// <summary>The content to publish.</summary>
    [Parameter, EditorRequired]
    public string Draft { get; set; } = "";

    /// <summary>The older revision this brings back; null for a content of its own.</summary>
    [Parameter]
    public int? RollbackOf { get; set; }

    private ReleasePolicy Policy => environments.PolicyOf([Namespace]);

    private int Required => Math.Max(Policy.Approvals, SubmissionReader.MayPublish(user, Namespace, [Object]) ? 0 : 1);

    private bool IsRequest => Required > 0 || _at is not null || Freeze is not null;

    private FreezeWindow? Freeze => Policy.FreezeAt(Clock.GetUtcNow());

    private bool IsDone => _result?.Release?.Status is ReleaseStatus.Published or ReleaseStatus.Publishing or ReleaseStatus.Open or ReleaseStatus.Approved;

    private bool IsOwned => _result?.Published.Any(answer => answer.Outcome == PublishOutcome.Conflict) == true;

    private bool NeedsReason => RollbackOf is not null && string.IsNullOrWhiteSpace(_message);

    private ReleaseObject Object => new(Kind, Name, Draft) { Force = _takesOver, RollbackOf = RollbackOf, SeenHash = _seen };

    private string? FileLink => Kind != Prompt.Definition.Kind ? null : $"/api/v1/namespaces/{Uri.EscapeDataString(Namespace)}/prompts/{Uri.EscapeDataString(Name)}/file";

    private string Warnings => _warnings switch { 0 => "", 1 => "There is one warning.", _ => $"There are {_warnings} warnings." };

    private string Asks => (Required, Freeze) switch
    {
        (0, { } freeze) => $"Nothing is published now: {freeze.Reason}. It goes out when that is over.",
        (0, _) => "It goes out at the time given.",
        (1, _) => $"The policy of {environments.Of(Namespace).Name} asks for one approval by another person{Group}.",
        (var count, _) => $"The policy of {environments.Of(Namespace).Name} asks for {count} approvals by other people{Group}.",
    };

    private string Group => Policy.RequiredGroups.Count == 0 ? "" : $" of the group {string.Join(", ", Policy.RequiredGroups)}";

    private (string Title, string Message, IReadOnlyList<Diagnostic> Problems)? Refusal => (_errors.Count, _result) switch
    {
        (1, _) => ("Fix this error first", "", _errors),
        ( > 1, _) => ($"Fix these {_errors.Count} errors first", "", _errors),
        (_, { Refusal: { } refusal } refused) => ("Not accepted", refusal.Message, refused.Problems),
        (_, { Release.Status: ReleaseStatus.Failed } failed) when IsOwned => ($"Somebody else owns this {Kind.ToLowerInvariant()}", failed.Published[0].Message, []),
        (_, { Release.Status: ReleaseStatus.Failed } failed) => ("The cluster refused it", failed.Release!.Problem ?? "", []),
        _ => null,
    };

    protected override void OnInitialized()
    {
        ReadPublished();

        // To bring an older state back is to bring back all of it: what somebody else wrote since goes.
        _takesOver = RollbackOf is not null && _owner is not null;
        var problems = checks.FirstOrDefault(check => check.Kind == Kind)?.Find(Namespace, Name, Draft) ?? [];
        _errors = [.. problems.Where(problem => problem.Severity == DiagnosticSeverity.Error)];
        _warnings = problems.Count(problem => problem.Severity == DiagnosticSeverity.Warning);
    }

    /// <summary>Enter always does the next thing, and the keyboard never stays behind on a button that is gone.</summary>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            await (_keeper is not null || _errors.Count > 0 || RollbackOf is not null ? _cancel : _confirm).FocusAsync();
        }
        else if (!_closeHasFocus && IsDone)
        {
            _closeHasFocus = true;
            await _close.FocusAsync();
        }
    }

    private void ReadPublished()
    {
        var live = ReleaseKinds.FindKnown(informers, Kind, Namespace, Name);
        _keeper = live is not null && ObjectOwner.Of(live) is { IsExclusive: true } owner ? (owner, OwnerFiles.Of(live, ReleaseKinds.SpecWith(live, Draft))) : null;
        _published = live is null ? null : LiveContent.Beside(live, Draft);
        _seen = live is null ? "" : ReleaseKinds.HashOf(ReleaseKinds.ContentOf(live));
        _owner = Kind == Prompt.Definition.Kind ? FieldWriter.OwnerOf(live, "content") : live is null ? null : FieldsEntry.OtherWriterOf(live)?.Manager;
    }

    private Task PublishAsync() => SubmitAsync(null);

    private Task TakeOverAsync()
    {
        _takesOver = true;
        return SubmitAsync(null);
    }

    private Task BreakGlassAsync() => SubmitAsync(_reason);

    private async Task SubmitAsync(string? breakGlass)
    {
        _busy = true;
        try
        {
            _result = await desk.SubmitAsync(SubmissionOf(breakGlass), user, CancellationToken.None);
        }
        catch (Exception exception) when (exception is AccessDeniedException or KubernetesException or HttpRequestException or IOException or TimeoutException or DbException)
        {
            _result = ReleaseResult.Refused(exception is AccessDeniedException ? RefusalReason.Forbidden : RefusalReason.Invalid, exception.Message);
        }
        finally
        {
            _busy = false;
        }

        if (_result.Refusal?.Reason == RefusalReason.Conflict)
        {
            ReadPublished();
        }
    }

    private ReleaseSubmission SubmissionOf(string? breakGlass) => new()
    {
        Namespace = Namespace,
        Objects = [Object],
        Message = _message,
        PublishAt = _at is { } at ? new DateTimeOffset(DateTime.SpecifyKind(at, DateTimeKind.Utc)) : null,
        BreakGlass = breakGlass,
    };
}
