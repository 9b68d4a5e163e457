using Microsoft.AspNetCore.Components;
using Portal.Auth;
using Portal.Components;
using Portal.Features.Prices;
using Portal.Features.Usage;
using Radzen;

namespace Portal.Features.Costs.Prices;

public sealed partial class PricesPage
{
    private const int MostPast = 100;
    private const int MostUnpriced = 100;
    private IReadOnlyList<UnpricedModel> _unpriced = [];
    private IReadOnlyList<Price> _past = [];
    private string? _asked;
    private string _find = "";

    [Inject]
    private PriceBook Book { get; set; } = null!;

    [Inject]
    private PriceStore Store { get; set; } = null!;

    [Inject]
    private UnpricedUsage Unpriced { get; set; } = null!;

    [Inject]
    private UsageLog Usage { get; set; } = null!;

    [Inject]
    private CurrentUser User { get; set; } = null!;

    [Inject]
    private DialogService Dialogs { get; set; } = null!;

    [Inject]
    private NotificationService Notes { get; set; } = null!;

    [Inject]
    private NavigationManager Navigation { get; set; } = null!;

    /// <summary>Asks for the price of this <c>provider/model</c>.</summary>
    [SupplyParameterFromQuery(Name = "add")]
    private string? Add { get; set; }

    private bool MayChange => User.May(Permission.ManageSettings, null);

    private IReadOnlyList<Price> Shown =>
    [
        .. Book.Current.Prices
            .Where(price => string.IsNullOrWhiteSpace(_find) || $"{price.Provider}/{price.Model}".Contains(_find.Trim(), StringComparison.OrdinalIgnoreCase))
            .OrderBy(price => price.IsShipped).ThenBy(price => price.Provider, StringComparer.Ordinal).ThenBy(price => price.Model, StringComparer.Ordinal)
            .ThenByDescending(price => price.ValidFrom),
    ];

    protected override async Task OnInitializedAsync()
    {
        if (RendererInfo.IsInteractive)
        {
            var news = KeepCurrent(ReadAsync);
            Book.Changed += news.Request;
            Usage.Changed += news.Request;
            Keep(() => Book.Changed -= news.Request);
            Keep(() => Usage.Changed -= news.Request);
        }

        await ReadAsync();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (RendererInfo.IsInteractive && MayChange && Add is { } wanted && wanted != _asked)
        {
            _asked = wanted;
            var at = wanted.IndexOf('/', StringComparison.Ordinal);
            await EditAsync(null, at < 0 ? null : new PriceForm { Provider = wanted[..at], Model = wanted[(at + 1)..] });
        }
    }

    private async Task ReadAsync()
    {
        _unpriced = await Unpriced.ListAsync(User, CancellationToken.None);
        _past = [.. (await Store.HistoryAsync(CancellationToken.None)).Where(row => row.RemovedAt is not null).Take(MostPast).Select(PriceRows.PriceOf)];
    }

    private async Task EditAsync(Price? price, PriceForm? begin)
    {
        var title = price is null ? "Add price" : price.IsShipped ? $"Price of {price.Provider}/{price.Model} instead of the list price" : $"Change the price of {price.Provider}/{price.Model}";
        var parameters = new Dictionary<string, object?>
        {
            [nameof(PriceDialog.Begin)] = begin ?? (price is null ? new PriceForm() : PriceForm.Of(price)),
            [nameof(PriceDialog.Replaces)] = price is { IsShipped: false } ? price.Id : null,
        };
        await Dialogs.OpenAsync<PriceDialog>(title, parameters, new DialogOptions { Width = "720px", CloseDialogOnEsc = true });
    }

    private async Task ImportAsync() => await Dialogs.OpenAsync<ImportDialog>("Import prices", null, new DialogOptions { Width = "760px", CloseDialogOnEsc = true });

    private async Task RemoveAsync(Price price)
    {
        if (await Dialogs.AskAsync($"Remove the price of {price.Provider}/{price.Model}?", "New calls are priced by what is left, or are unpriced. Past calls keep their cost until it is recomputed.", "Remove price"))
        {
            Tell(await Store.RemoveAsync(User, price.Id, CancellationToken.None));
        }
    }

    private async Task RestoreAsync(Price price) => Tell(await Store.RestoreAsync(User, price.Id, CancellationToken.None));

    private void Tell(PriceResult result)
    {
        if (result.Problems is [var problem, ..])
        {
            Notes.Notify(NotificationSeverity.Error, $"{problem.Field} {problem.Message}");
        }
    }
}
