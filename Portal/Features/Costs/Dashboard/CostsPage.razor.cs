using Microsoft.AspNetCore.Components;
using Portal.Auth;
using Portal.Components;
using Portal.Components.Charts;
using Portal.Features.Costs.Queries;
using Portal.Features.Usage;

namespace Portal.Features.Costs.Dashboard;

/// <summary>What calls cost, by whatever is asked; the page's state is its address. New calls come by themselves, at most once a second.</summary>
public sealed partial class CostsPage(
    CostReports reports, PublishMarkers publishes, UsageLog usage, CurrentUser user, ReaderTimeZone zones, NavigationManager navigation)
{
    private readonly CancellationTokenSource _gone = new();
    private LiveQuery? _live;
    private CostView _view = new();
    private CostReport? _report;
    private CostChart _chart = new([], [], false);
    private IReadOnlyList<ChartMarker> _markers = [];
    private IReadOnlyList<string> _errors = [];
    private TimeZoneInfo _zone = TimeZoneInfo.Utc;
    private DateTimeOffset _readAt;
    private string? _shown;
    private bool _paused;

    /// <summary>Of the page while it is prerendered.</summary>
    [CascadingParameter]
    public HttpContext? Request { get; set; }

    private string ChartLabel => $"{_view.Metric} by {_view.Group.Title().ToLowerInvariant()}, by {(_report?.Query.Bucket == CostBucket.Hour ? "hour" : "day")}";

    protected override async Task OnInitializedAsync()
    {
        _zone = await zones.FindAsync(RendererInfo.IsInteractive ? null : Request);
        if (RendererInfo.IsInteractive)
        {
            _live = new LiveQuery(() => InvokeAsync(RefreshAsync), Clock);
            usage.Changed += OnUsage;
            KeepAgesCurrent();
            Keep(Clock.CreateTimer(_ => _live.Request(), null, LiveQuery.Idle, LiveQuery.Idle));
        }
    }

    protected override async Task OnParametersSetAsync()
    {
        var query = new Uri(navigation.Uri).Query;
        if (query != _shown)
        {
            _shown = query;
            (_view, _errors) = CostAddress.Parse(query);
            await ReadAsync();
        }
    }

    protected override void Dispose(bool disposing)
    {
        usage.Changed -= OnUsage;
        _live?.Dispose();
        _gone.Cancel();
        _gone.Dispose();
        base.Dispose(disposing);
    }

    private void OnUsage()
    {
        if (!_paused)
        {
            _live?.Request();
        }
    }

    private Task TogglePauseAsync()
    {
        _paused = !_paused;
        return _paused ? Task.CompletedTask : RefreshAsync();
    }

    private async Task RefreshAsync()
    {
        if (!IsDisposed && !_paused)
        {
            await ReadAsync();
            StateHasChanged();
        }
    }

    private async Task ReadAsync()
    {
        var view = _view;
        var cancelled = _gone.Token;
        try
        {
            var report = await reports.QueryAsync(user, view.ToQuery(Clock.GetUtcNow().UtcDateTime, _zone), cancelled);
            var markers = await publishes.ListAsync(user, report, cancelled);
            if (view == _view)
            {
                (_report, _markers, _readAt) = (report, markers, Clock.GetUtcNow());
                _chart = CostChart.Of(report, view.Metric, row => CostAddress.PageOf(CostDrill.Into(view, row.Value)));
            }
        }
        catch (OperationCanceledException) when (cancelled.IsCancellationRequested)
        {
            // The reader left.
        }
    }

    private string Format(double value) => CostWords.Value(_view.Metric, value, _report?.Currency ?? "");

    private string CallsLink(string? only) => CostAddress.CallsOf(_view, only);

    private string ExportLink(string format) => $"/api/v1/costs?format={format}&{CostAddress.ToQuery(_view with { Zone = _view.Zone ?? _zone.Id })}".TrimEnd('&');
}
