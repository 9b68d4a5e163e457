using Microsoft.AspNetCore.Components;
using Portal.Auth;
using Portal.Components;
using Portal.Features.Ownership;
using Portal.Features.Playground;
using Portal.Features.Prompts;
using Portal.Kubernetes.Client;

namespace Portal.Features.Runs;

/// <summary>One run, the same for everyone who opens the address. From here it is restored, run again with another text, marked, and made a sample.</summary>
public sealed partial class RunPage(
    RunReader reader, RunStore runs, RunCommands commands, DatasetRows datasets, DraftStore drafts, PromptCatalog catalog, CurrentUser user, NavigationManager navigation)
{
    private RunListItem? _item;
    private Run? _live;
    private RunListItem? _other;
    private Run? _otherLive;
    private string? _current;
    private IReadOnlyList<string> _datasets = [];
    private string? _dataset;
    private string? _reference;
    private string? _sampleSaid;
    private string? _note;
    private string? _said;
    private string? _error;
    private bool _restores;
    private bool _isLoaded;

    [Parameter]
    public string Namespace { get; set; } = "";

    [Parameter]
    public string Id { get; set; } = "";

    /// <summary>The run to compare with.</summary>
    [SupplyParameterFromQuery(Name = "with")]
    public string? With { get; set; }

    private string ListAddress => $"/ns/{Uri.EscapeDataString(Namespace)}/runs";

    private string PromptAddress => $"/ns/{Uri.EscapeDataString(Namespace)}/prompts/{Uri.EscapeDataString(_item!.Run.Prompt)}";

    private IReadOnlyList<Crumb> Crumbs => [new("Runs", ListAddress)];

    private bool MayRead => _item!.Run.IsReadableBy(user);

    private bool MayMark => user.May(Permission.Comment, Namespace) && user.May(Permission.Run, Namespace) && user.May(Permission.ReadRuns, Namespace) && _item!.Run.State != RunState.Running;

    protected override void OnInitialized()
    {
        if (RendererInfo.IsInteractive)
        {
            var news = KeepCurrent(LoadAsync);
            void OnRun(RunSnapshot run)
            {
                if (run.Id == Id || run.Id == With)
                {
                    news.Request();
                }
            }

            runs.Changed += OnRun;
            Keep(() => runs.Changed -= OnRun);
        }
    }

    protected override async Task OnParametersSetAsync() => await LoadAsync();

    private async Task LoadAsync()
    {
        var isFirst = _item?.Run.Id != Id;
        _item = await reader.FindAsync(user, Namespace, Id, CancellationToken.None);
        _live = _item is not null && MayRead ? runs.FindRunning(Id) : null;
        _other = With is null ? null : await reader.FindAsync(user, Namespace, With, CancellationToken.None);
        _otherLive = _other?.Run.IsReadableBy(user) == true ? runs.FindRunning(With!) : null;
        if (_item is { Run: var run } && isFirst)
        {
            (_note, _reference, _restores) = (run.Note, run.Output, false);
            _datasets = await datasets.ListAsync(user, Namespace, CancellationToken.None);
        }

        if (_item is not null)
        {
            _current = (await drafts.FindAsync(Namespace, _item.Run.Prompt, CancellationToken.None))?.Content
                ?? (catalog.Find(Namespace, _item.Run.Prompt) is { } live ? PromptCatalog.SpecOf(live).Content : null);
        }

        _isLoaded = true;
    }

    private Task StarAsync() => MarkAsync(!_item!.Run.IsStarred, _item.Run.Note);

    private async Task NoteAsync()
    {
        await MarkAsync(_item!.Run.IsStarred, _note);
        _said = "Saved.";
    }

    private async Task MarkAsync(bool isStarred, string? note)
    {
        await commands.MarkAsync(user, Namespace, Id, isStarred, note, CancellationToken.None);
        await LoadAsync();
    }

    private Task ReplayedAsync(string id)
    {
        _error = null;
        navigation.NavigateTo(navigation.GetUriWithQueryParameter("with", id));
        return Task.CompletedTask;
    }

    private async Task RestoreAsync()
    {
        var run = _item!.Run;
        var published = catalog.Find(Namespace, run.Prompt) is { } live ? PromptCatalog.SpecOf(live).Content : null;
        var draft = await drafts.FindAsync(Namespace, run.Prompt, CancellationToken.None);
        if ((draft?.Content ?? published) != _current)
        {
            await LoadAsync();
            _error = "Somebody changed the prompt meanwhile. Look at the difference again.";
            return;
        }

        if (await drafts.SaveAsync(user, Namespace, run.Prompt, run.Content!, published, draft?.UpdatedAt, CancellationToken.None) is null)
        {
            _error = "Somebody saved this draft meanwhile. Look at the difference again.";
            return;
        }

        navigation.NavigateTo($"{PromptAddress}?run={run.Id}");
    }

    private async Task SaveSampleAsync()
    {
        (_sampleSaid, _error) = (null, null);
        try
        {
            _error = await datasets.AddAsync(user, Namespace, Id, _dataset?.Trim() ?? "", _reference ?? "", CancellationToken.None);
            _sampleSaid = _error is null ? $"Added to {_dataset?.Trim()}." : null;
        }
        catch (OwnedObjectException exception)
        {
            _error = exception.Message;
        }
        catch (KubernetesException exception)
        {
            _error = exception.IsConflict ? "Somebody changed the dataset meanwhile. Add the row again." : exception.Message;
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or TimeoutException)
        {
            _error = "The cluster does not answer. Add the row again when it is back.";
        }
    }
}
