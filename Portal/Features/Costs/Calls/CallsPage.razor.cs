using Microsoft.AspNetCore.Components;
using Portal.Auth;
using Portal.Components;
using Portal.Features.Costs.Queries;
using Portal.Features.Usage;

namespace Portal.Features.Costs.Calls;

/// <summary>The single calls behind a view of the costs, a page at a time. The first page shows new calls as they come.</summary>
public sealed partial class CallsPage(CostCalls store, UsageLog usage, PortalOptions options, CurrentUser user, ReaderTimeZone zones, NavigationManager navigation)
{
    private const int PageSize = 50;

    private readonly CancellationTokenSource _gone = new();
    private CostView _view = new();
    private CostQuery? _asked;
    private CallChoice _choice;
    private IReadOnlyList<PricedCall>? _calls;
    private TimeZoneInfo _zone = TimeZoneInfo.Utc;
    private string _query = "";
    private string? _shown;
    private string? _error;
    private string? _next;

    /// <summary>Of the page while it is prerendered.</summary>
    [CascadingParameter]
    public HttpContext? Request { get; set; }

    [SupplyParameterFromQuery]
    public string? Only { get; set; }

    [SupplyParameterFromQuery]
    public string? After { get; set; }

    private IReadOnlyList<Crumb> Crumbs => [new("Costs", CostAddress.PageOf(_view))];

    protected override async Task OnInitializedAsync()
    {
        _zone = await zones.FindAsync(RendererInfo.IsInteractive ? null : Request);
        if (RendererInfo.IsInteractive)
        {
            var news = KeepCurrent(ReadAsync);
            void OnUsage()
            {
                if (After is null)
                {
                    news.Request();
                }
            }

            usage.Changed += OnUsage;
            Keep(() => usage.Changed -= OnUsage);
        }
    }

    protected override async Task OnParametersSetAsync()
    {
        var query = new Uri(navigation.Uri).Query;
        if (query != _shown)
        {
            _shown = query;
            (_view, var errors) = CostAddress.Parse(query);
            _error = errors.Count > 0 ? string.Join(' ', errors) : null;
            _choice = CallChoice.All;
            if (Only is not null && (!Enum.TryParse(Only, ignoreCase: true, out _choice) || !Enum.IsDefined(_choice) || char.IsAsciiDigit(Only[0])))
            {
                (_choice, _error) = (CallChoice.All, "only must be unpriced or errors.");
            }

            await ReadAsync();
        }
    }

    protected override void Dispose(bool disposing)
    {
        _gone.Cancel();
        _gone.Dispose();
        base.Dispose(disposing);
    }

    private async Task ReadAsync()
    {
        var cancelled = _gone.Token;
        try
        {
            _asked = _view.ToQuery(Clock.GetUtcNow().UtcDateTime, _zone);
            var page = await store.ListAsync(user, _asked, _choice, After, PageSize, cancelled);
            (_calls, _next) = (page.Items, page.Next);
            _query = CostAddress.ToQuery(_view with { Zone = _asked.Zone.Id }) + (_choice == CallChoice.All ? "" : $"&only={Only}");
        }
        catch (FormatException exception)
        {
            (_calls, _next, _error) = ([], null, exception.Message);
        }
        catch (OperationCanceledException) when (cancelled.IsCancellationRequested)
        {
            // The reader left.
        }
    }
}
