using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web.Virtualization;
using Microsoft.AspNetCore.WebUtilities;
using Portal.Auth;
using Portal.Components;
using Portal.Features.Playground;
using Portal.Runner.Contract;

namespace Portal.Features.Runs;

/// <summary>The history of runs. The filter is the address.</summary>
public sealed partial class RunsPage(RunReader reader, RunStore runs, CurrentUser user, NavigationManager navigation)
{
    private const int LongestExcerpt = 160;

    private RunFilter _filter = new();
    private string? _error;
    private int? _total;
    private Virtualize<RunListItem>? _rows;
    private string? _search;
    private string? _prompt;
    private string? _revision;
    private string? _model;
    private string? _user;
    private string _outcome = "";
    private string _source = "";
    private DateTime? _from;
    private DateTime? _to;
    private bool _starred;
    private string? _shown;
    private string? _applied;

    [Parameter]
    public string Namespace { get; set; } = "";

    private string Address => $"/ns/{Uri.EscapeDataString(Namespace)}/runs";

    protected override void OnInitialized()
    {
        KeepAgesCurrent();
        if (RendererInfo.IsInteractive)
        {
            var news = KeepCurrent(RefreshAsync);
            void OnRun(RunSnapshot run)
            {
                if (run.Namespace == Namespace && run.State != RunState.Running)
                {
                    news.Request();
                }
            }

            runs.Changed += OnRun;
            Keep(() => runs.Changed -= OnRun);
            navigation.LocationChanged += OnMoved;
            Keep(() => navigation.LocationChanged -= OnMoved);
        }
    }

    protected override async Task OnParametersSetAsync() => await ShowAsync();

    private void OnMoved(object? sender, Microsoft.AspNetCore.Components.Routing.LocationChangedEventArgs moved) => _ = InvokeAsync(async () =>
    {
        // Leaving the page moves too.
        if (new Uri(moved.Location).AbsolutePath == Address)
        {
            await ShowAsync();
            StateHasChanged();
        }
    });

    private async Task ShowAsync()
    {
        var uri = navigation.Uri;
        if (_shown == uri)
        {
            return;
        }

        _shown = uri;
        var query = QueryHelpers.ParseQuery(new Uri(uri).Query);
        var (filter, error) = RunFilter.Parse(name => query.TryGetValue(name, out var value) ? value.ToString() : null);
        (_filter, _error) = (error is null ? filter : new RunFilter(), error);
        if (_applied is null)
        {
            Show(filter);
        }
        else if (uri == _applied)
        {
            _applied = null;
        }

        var total = (await reader.ListAsync(user, Namespace, _filter, 0, 1, CancellationToken.None)).Total;
        if (_shown != uri)
        {
            return;
        }

        _total = total;
        await RefreshAsync();
    }

    private void Show(RunFilter filter)
    {
        (_search, _prompt, _revision, _model, _user) = (filter.Search, filter.Prompt, filter.Revision?.ToString(CultureInfo.InvariantCulture), filter.Model, filter.User);
        (_outcome, _source, _from, _to, _starred) = (filter.Outcome ?? "", filter.Source ?? "", filter.From, filter.To, filter.Starred);
    }

    private void Apply()
    {
        var filter = new RunFilter
        {
            Search = Given(_search),
            Prompt = Given(_prompt),
            Model = Given(_model),
            User = Given(_user),
            Outcome = Given(_outcome),
            Source = Given(_source),
            From = _from,
            To = _to,
            Starred = _starred,
        };

        // As typed, so that what is no number is told and not dropped.
        var query = filter.ToQuery();
        var target = Address + (Given(_revision) is { } revision ? QueryHelpers.AddQueryString(query, "revision", revision) : query);

        if (navigation.ToAbsoluteUri(target).AbsoluteUri is var address && address != navigation.Uri)
        {
            // The fields hold it already, and by then perhaps what is typed next.
            _applied = address;
            navigation.NavigateTo(target);
        }
    }

    private static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private async ValueTask<ItemsProviderResult<RunListItem>> ProvideAsync(ItemsProviderRequest request)
    {
        var list = await reader.ListAsync(user, Namespace, _filter, request.StartIndex, Math.Clamp(request.Count, 1, 200), request.CancellationToken);
        _total = list.Total;
        return new ItemsProviderResult<RunListItem>(list.Items, list.Total);
    }

    private Task RefreshAsync() => _rows?.RefreshDataAsync() ?? Task.CompletedTask;

    private static string Excerpt(RunSnapshot run) => run.Output.Length > 0 ? run.Output.Length > LongestExcerpt ? run.Output[..LongestExcerpt] : run.Output
        : run.Error?.Message ?? (run.Kept == RunKeeping.Off ? "not kept, or not yours to read" : "");

    internal static Status StatusOf(RunState state) => state switch
    {
        RunState.Completed => Status.Ready,
        RunState.Running => Status.Progressing,
        RunState.Stopped => Status.Paused,
        _ => Status.Failed,
    };
}
