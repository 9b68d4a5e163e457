using System.Data.Common;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Portal.Auth;
using Portal.Components;
using Portal.Components.Charts;
using Portal.Features.Budgets;
using Portal.Features.Costs.Queries;
using Portal.Features.Usage;

namespace Portal.Features.Costs.Dashboard;

/// <summary>What calls cost, by whatever is asked; the page's state is its address. New calls come by themselves, at most once a second.</summary>
public sealed partial class CostsPage(
    CostReports reports, PublishMarkers publishes, MonthForecasts forecasts, UsageLog usage, CurrentUser user, ReaderTimeZone zones, NavigationManager navigation)
{
    private readonly CancellationTokenSource _gone = new();
    private CostView _view = new();
    private CostReport? _report;
    private CostChart _chart = new([], [], false);
    private IReadOnlyList<ChartMarker> _markers = [];
    private IReadOnlyList<string> _errors = [];
    private TimeZoneInfo _zone = TimeZoneInfo.Utc;
    private DateTimeOffset _readAt;
    private Forecast? _forecast;
    private (CostFilters Filters, string Currency, TimeZoneInfo Zone)? _foreseen;
    private long _foreseenAt;
    private string? _shown;
    private string? _failure;
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
            var news = KeepCurrent(RefreshAsync);
            usage.Changed += news.Request;
            Keep(() => usage.Changed -= news.Request);
            navigation.LocationChanged += OnLocationChanged;
            Keep(() => navigation.LocationChanged -= OnLocationChanged);
            KeepAgesCurrent();
            Keep(Clock.CreateTimer(_ => news.Request(), null, LiveQuery.Idle, LiveQuery.Idle));
        }
    }

    protected override Task OnParametersSetAsync() => FollowAddressAsync();

    protected override void Dispose(bool disposing)
    {
        _gone.Cancel();
        _gone.Dispose();
        base.Dispose(disposing);
    }

    private string NothingWords => _view.Metric switch
    {
        CostMetric.Cost => "The calls below cost nothing: their models are free, or have no price yet.",
        CostMetric.Tokens => "No provider counted any for the calls below.",
        _ => "What is below was called before it.",
    };

    // Where only the query changes no parameter does, and nobody else would tell.
    private void OnLocationChanged(object? sender, LocationChangedEventArgs args) => _ = InvokeAsync(async () =>
    {
        await FollowAddressAsync();
        StateHasChanged();
    });

    private async Task FollowAddressAsync()
    {
        var address = new Uri(navigation.Uri);
        if (!IsDisposed && address.AbsolutePath == "/costs" && address.Query != _shown)
        {
            _shown = address.Query;
            (_view, _errors) = CostAddress.Parse(address.Query);
            await ReadAsync();
        }
    }

    private Task TogglePauseAsync()
    {
        _paused = !_paused;
        return RefreshAsync();
    }

    private Task RefreshAsync() => _paused ? Task.CompletedTask : ReadAsync();

    private async Task ReadAsync()
    {
        var view = _view;
        var cancelled = _gone.Token;
        try
        {
            _failure = null;
            var report = await reports.QueryAsync(user, view.ToQuery(Clock.GetUtcNow().UtcDateTime, _zone), cancelled);
            var markers = await publishes.ListAsync(user, report, cancelled);
            if (view == _view)
            {
                (_report, _markers, _readAt) = (report, markers, Clock.GetUtcNow());
                _chart = CostChart.Of(report, view.Metric, row => CostAddress.PageOf(CostDrill.Into(view, row.Value)));
                await ForeseeAsync(report, cancelled);
            }
        }
        catch (OperationCanceledException) when (cancelled.IsCancellationRequested)
        {
            // The reader left.
        }
        catch (DbException exception)
        {
            // It is asked again with the next call or the next minute; meanwhile what is shown is old, and says so.
            _failure = exception.Message;
        }
        catch (AccessDeniedException exception) when (RendererInfo.IsInteractive)
        {
            await DispatchExceptionAsync(exception);
        }
    }

    // Of two months, which one call more hardly changes: read with the page's filters and now and then, and never before the page is there.
    private async Task ForeseeAsync(CostReport report, CancellationToken cancellationToken)
    {
        var asked = (report.Query.Filters, report.Currency, report.Query.Zone);
        if (RendererInfo.IsInteractive && (_foreseen != asked || Clock.GetElapsedTime(_foreseenAt) > LiveQuery.Idle))
        {
            if (_foreseen != asked)
            {
                (_foreseen, _forecast) = (asked, null);
                StateHasChanged();
            }

            _foreseenAt = Clock.GetTimestamp();
            _forecast = await forecasts.FindAsync(user, report.Query.Filters, report.Currency, report.Query.Zone, cancellationToken);
        }
    }

    private string Format(double value) => CostWords.Value(_view.Metric, value, _report?.Currency ?? "");

    private string CallsLink(string? only) => CostAddress.CallsOf(_view, only);

    private string ExportLink(string format) => $"/api/v1/costs?format={format}&{CostAddress.ToQuery(_view with { Zone = _view.Zone ?? _zone.Id })}".TrimEnd('&');
}
