using System.Text;
using Portal.Auth;

namespace Portal.Features.Prices;

/// <summary>The REST API of the price book.</summary>
internal static class PricesApi
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var api = app.MapGroup("/api/v1/prices").WithTags("Prices");
        api.MapGet("", List).Requires(Permission.ReadNamespace, somewhere: true).WithName("ListPrices").WithSummary("Prices in force, those that come with the portal included")
            .Produces<PriceItems>();
        api.MapGet("/history", HistoryAsync).Requires(Permission.ReadNamespace, somewhere: true).WithName("ListPriceHistory").WithSummary("Entered prices, also those that are no longer in force")
            .Produces<PriceHistory>();
        api.MapGet("/export", Export).Requires(Permission.ReadNamespace, somewhere: true).WithName("ExportPrices").WithSummary("Prices in force as CSV").Produces<string>(contentType: "text/csv");
        api.MapPost("", (PriceForm form, PriceStore store, CurrentUser user, CancellationToken cancellationToken) => AnswerAsync(store.SaveAsync(user, form, null, cancellationToken)))
            .Requires(Permission.ManageSettings).WithName("AddPrice").Produces<PriceItem>().ProducesValidationProblem();
        api.MapPut("/{id:long}", (long id, PriceForm form, PriceStore store, CurrentUser user, CancellationToken cancellationToken) => AnswerAsync(store.SaveAsync(user, form, id, cancellationToken)))
            .Requires(Permission.ManageSettings).WithName("ChangePrice").Produces<PriceItem>().ProducesValidationProblem();
        api.MapDelete("/{id:long}", (long id, PriceStore store, CurrentUser user, CancellationToken cancellationToken) => AnswerAsync(store.RemoveAsync(user, id, cancellationToken)))
            .Requires(Permission.ManageSettings).WithName("RemovePrice").Produces<PriceItem>().ProducesValidationProblem();
        api.MapPost("/{id:long}/restore", (long id, PriceStore store, CurrentUser user, CancellationToken cancellationToken) => AnswerAsync(store.RestoreAsync(user, id, cancellationToken)))
            .Requires(Permission.ManageSettings).WithName("RestorePrice").WithSummary("Bring back a price that was taken out of force").Produces<PriceItem>().ProducesValidationProblem();
        api.MapPost("/import", ImportAsync).Requires(Permission.ManageSettings).WithName("ImportPrices").WithSummary("Read a CSV or LiteLLM file; apply=true enters what it holds")
            .Accepts<string>("text/csv", "application/json").Produces<PriceImportAnswer>().ProducesValidationProblem();
        api.MapPost("/discounts", (PriceDiscountForm form, PriceStore store, CurrentUser user, CancellationToken cancellationToken) => AnswerAsync(store.SetDiscountAsync(user, form, cancellationToken)))
            .Requires(Permission.ManageSettings).WithName("SetPriceDiscount").WithSummary("What a provider takes less from an instant on").ProducesValidationProblem();
        api.MapDelete("/discounts/{id:long}", (long id, PriceStore store, CurrentUser user, CancellationToken cancellationToken) => AnswerAsync(store.RemoveDiscountAsync(user, id, cancellationToken)))
            .Requires(Permission.ManageSettings).WithName("RemovePriceDiscount").ProducesValidationProblem();
    }

    private static PriceItems List(PriceBook book) => new(
        [.. book.Current.Prices.Select(PriceItem.Of).OrderBy(item => item.Price.Provider, StringComparer.Ordinal).ThenBy(item => item.Price.Model, StringComparer.Ordinal).ThenBy(item => item.Price.ValidFrom)],
        [.. book.Current.Discounts.Select(DiscountItem.Of)],
        ListPrices.AsOf);

    private static async Task<PriceHistory> HistoryAsync(PriceStore store, CancellationToken cancellationToken) => new(
        [.. (await store.HistoryAsync(cancellationToken)).Select(row => new PastPrice(row.Id, PriceForm.Of(PriceRows.PriceOf(row)), row.CreatedAt, row.CreatedBy, row.RemovedAt, row.RemovedBy))]);

    private static IResult Export(PriceBook book, bool all = false) => Results.File(
        Encoding.UTF8.GetBytes(PriceCsv.Write(book.Current.Prices.Where(price => all || !price.IsShipped))), "text/csv; charset=utf-8", "prices.csv");

    private static async Task<IResult> ImportAsync(
        HttpContext context, PriceStore store, CurrentUser user, TimeProvider clock, CancellationToken cancellationToken, DateTimeOffset? validFrom = null, bool apply = false)
    {
        user.Demand(Permission.ManageSettings, null);
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        try
        {
            var import = PriceImport.Read(await reader.ReadToEndAsync(cancellationToken), validFrom ?? clock.GetUtcNow(), clock.GetUtcNow());
            if (!apply)
            {
                return Results.Ok(new PriceImportAnswer(import.Format, import.Prices.Count, null, import.Lines));
            }

            var result = await store.ImportAsync(user, import.Prices, import.Format, cancellationToken);
            return result.Problems.Count > 0 ? Problem(result) : Results.Ok(new PriceImportAnswer(import.Format, import.Prices.Count, result.Changed, import.Lines));
        }
        catch (FormatException exception)
        {
            return Results.Problem(exception.Message, statusCode: StatusCodes.Status400BadRequest);
        }
    }

    private static async Task<IResult> AnswerAsync(Task<PriceResult> change)
    {
        var result = await change;
        return result.Problems.Count > 0 ? Problem(result)
            : result.Price is { } price ? Results.Ok(PriceItem.Of(price))
            : Results.NoContent();
    }

    private static IResult Problem(PriceResult result) => Results.ValidationProblem(
        result.Problems.GroupBy(problem => problem.Field).ToDictionary(group => group.Key, group => group.Select(problem => problem.Message).ToArray()));
}

/// <param name="Shipped">Whether it comes with the portal; such a price is overridden, and not changed.</param>
public sealed record PriceItem(long Id, bool Shipped, string? Label, PriceForm Price)
{
    public static PriceItem Of(Price price) => new(price.Id, price.IsShipped, price.Label, PriceForm.Of(price));
}

public sealed record DiscountItem(long Id, string Provider, DateTimeOffset ValidFrom, decimal Percent, string? Note)
{
    public static DiscountItem Of(PriceDiscount discount) => new(discount.Id, discount.Provider, discount.ValidFrom, discount.Percent / 100m, discount.Note);
}

/// <param name="ShippedAsOf">The day the prices that come with the portal were looked up.</param>
public sealed record PriceItems(IReadOnlyList<PriceItem> Items, IReadOnlyList<DiscountItem> Discounts, DateOnly ShippedAsOf);

public sealed record PriceHistory(IReadOnlyList<PastPrice> Items);

/// <param name="RemovedAt">Null while it is in force.</param>
public sealed record PastPrice(long Id, PriceForm Price, DateTimeOffset CreatedAt, string CreatedBy, DateTimeOffset? RemovedAt, string? RemovedBy);

/// <param name="Prices">Prices that the file holds.</param>
/// <param name="Changed">Prices that were entered or changed; null when nothing was asked to be.</param>
public sealed record PriceImportAnswer(string Format, int Prices, int? Changed, IReadOnlyList<PriceImportLine> Lines);
