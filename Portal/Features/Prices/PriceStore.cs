using Microsoft.EntityFrameworkCore;
using Portal.Auth;
using Portal.Data;
using Portal.Features.Audit;

namespace Portal.Features.Prices;

/// <summary>
/// The prices that were entered. A row is never changed: a correction takes one out of force and adds another, in one transaction with its audit entry, so
/// that every edit can be taken back and the price of a past call can be told for ever.
/// </summary>
public sealed class PriceStore(PortalDatabase database, PriceBook book, AuditLog audit, TimeProvider clock)
{
    /// <summary>Prices that one import may hold.</summary>
    public const int MostImported = 10_000;

    /// <summary>What is in force, and what was, newest first.</summary>
    public async Task<IReadOnlyList<PriceRow>> HistoryAsync(CancellationToken cancellationToken) =>
        await database.ReadAsync(context => context.Prices.OrderByDescending(row => row.Id).Take(MostImported).ToListAsync(cancellationToken));

    /// <summary>Adds a price, or puts it in the place of another.</summary>
    /// <param name="user">Who asks.</param>
    /// <param name="form">The price.</param>
    /// <param name="replaces">Id of the one it corrects; null for none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="AccessDeniedException">They may not change settings.</exception>
    public async Task<PriceResult> SaveAsync(CurrentUser user, PriceForm form, long? replaces, CancellationToken cancellationToken)
    {
        user.Demand(Permission.ManageSettings, null);
        var (price, problems) = PriceCheck.Read(form, clock.GetUtcNow());
        if (price is null)
        {
            return new PriceResult(null, problems);
        }

        return await ChangeAsync(user, async change =>
        {
            Price? before = null;
            if (replaces is { } id && (before = await change.RemoveAsync(id)) is null)
            {
                return Refused("id", "is no price in force any more: somebody has changed it; look at it again");
            }

            if (PriceCheck.FindConflict(price, await change.InForceAsync()) is { } conflict)
            {
                return new PriceResult(null, [conflict]);
            }

            var row = change.Add(price);
            change.Note(before is null ? "price.added" : "price.changed", price, before, price);
            return new PriceResult(() => PriceRows.PriceOf(row), []);
        }, cancellationToken);
    }

    /// <summary>Takes a price out of force; what it covered is then priced by what is left.</summary>
    /// <exception cref="AccessDeniedException">They may not change settings.</exception>
    public Task<PriceResult> RemoveAsync(CurrentUser user, long id, CancellationToken cancellationToken)
    {
        user.Demand(Permission.ManageSettings, null);
        return ChangeAsync(user, async change =>
        {
            if (await change.RemoveAsync(id) is not { } removed)
            {
                return Refused("id", "is no price in force");
            }

            change.Note("price.removed", removed, removed, null);
            return new PriceResult(() => removed, []);
        }, cancellationToken);
    }

    /// <summary>Brings back a price that was taken out of force, in the place of what has come after it.</summary>
    /// <exception cref="AccessDeniedException">They may not change settings.</exception>
    public Task<PriceResult> RestoreAsync(CurrentUser user, long id, CancellationToken cancellationToken)
    {
        user.Demand(Permission.ManageSettings, null);
        return ChangeAsync(user, async change =>
        {
            var old = await change.Context.Prices.FirstOrDefaultAsync(row => row.Id == id && row.RemovedAt != null, cancellationToken);
            if (old is null)
            {
                return Refused("id", "is no price that was taken out of force");
            }

            var price = PriceRows.PriceOf(old);
            var place = (await change.InForceAsync()).FirstOrDefault(other => other.Provider == price.Provider && other.Model == price.Model && other.ValidFrom == price.ValidFrom);
            var before = place is null ? null : await change.RemoveAsync(place.Id);
            if (PriceCheck.FindConflict(price, await change.InForceAsync()) is { } conflict)
            {
                return new PriceResult(null, [conflict]);
            }

            var row = change.Add(price);
            change.Note("price.restored", price, before, price);
            return new PriceResult(() => PriceRows.PriceOf(row), []);
        }, cancellationToken);
    }

    /// <summary>Enters what an import holds, all or nothing; a price that is in force already is left as it is, and one of the same model and time is replaced.</summary>
    /// <exception cref="AccessDeniedException">They may not change settings.</exception>
    public Task<PriceResult> ImportAsync(CurrentUser user, IReadOnlyList<Price> prices, string from, CancellationToken cancellationToken)
    {
        user.Demand(Permission.ManageSettings, null);
        return ChangeAsync(user, async change =>
        {
            var inForce = await change.InForceAsync();
            var byPlace = inForce.ToDictionary(PlaceOf);
            var added = 0;
            foreach (var price in prices)
            {
                var known = byPlace.GetValueOrDefault(PlaceOf(price));
                if (known is not null && SameAs(known, price))
                {
                    continue;
                }

                if (known is not null)
                {
                    await change.RemoveAsync(known.Id);
                    inForce.Remove(known);
                }

                if (PriceCheck.FindConflict(price, inForce) is { } conflict)
                {
                    return new PriceResult(null, [conflict with { Field = $"{price.Provider}/{price.Model} {conflict.Field}" }]);
                }

                change.Add(price);
                inForce.Add(price);
                byPlace[PlaceOf(price)] = price;
                added++;
            }

            change.Note("price.imported", null, null, new JsonObject { ["from"] = from, ["prices"] = added });
            return new PriceResult(null, []) { Changed = added };
        }, cancellationToken);
    }

    /// <summary>Sets what a provider takes less from an instant on; 0 percent ends it.</summary>
    /// <exception cref="AccessDeniedException">They may not change settings.</exception>
    public Task<PriceResult> SetDiscountAsync(CurrentUser user, PriceDiscountForm form, CancellationToken cancellationToken)
    {
        user.Demand(Permission.ManageSettings, null);
        return ChangeAsync(user, async change =>
        {
            if (PriceCheck.FindProblem(form, clock.GetUtcNow()) is { } problem)
            {
                return new PriceResult(null, [problem]);
            }

            var provider = form.Provider!.Trim().ToLowerInvariant();
            var from = PriceCheck.WholeSecond(form.ValidFrom!.Value).UtcDateTime;
            var before = await change.Context.PriceDiscounts.FirstOrDefaultAsync(row => row.Provider == provider && row.ValidFrom == from && row.RemovedAt == null, cancellationToken);
            if (before is not null)
            {
                (before.RemovedAt, before.RemovedBy) = (clock.GetUtcNow().UtcDateTime, user.Actor.Name);
                await change.Context.SaveChangesAsync(cancellationToken);
            }

            var row = new PriceDiscountRow
            {
                Provider = provider,
                ValidFrom = from,
                Discount = (int)(form.Percent * 100),
                Note = form.Note,
                CreatedAt = clock.GetUtcNow().UtcDateTime,
                CreatedBy = user.Actor.Name,
            };
            change.Context.PriceDiscounts.Add(row);
            change.Note("price.discounted", provider, Json(before), Json(row));
            return new PriceResult(null, []) { Changed = 1 };
        }, cancellationToken);
    }

    /// <summary>Ends a discount as if it had never been.</summary>
    /// <exception cref="AccessDeniedException">They may not change settings.</exception>
    public Task<PriceResult> RemoveDiscountAsync(CurrentUser user, long id, CancellationToken cancellationToken)
    {
        user.Demand(Permission.ManageSettings, null);
        return ChangeAsync(user, async change =>
        {
            if (await change.Context.PriceDiscounts.FirstOrDefaultAsync(row => row.Id == id && row.RemovedAt == null, cancellationToken) is not { } row)
            {
                return Refused("id", "is no discount in force");
            }

            change.Note("price.discount.removed", row.Provider, Json(row), null);
            (row.RemovedAt, row.RemovedBy) = (clock.GetUtcNow().UtcDateTime, user.Actor.Name);
            return new PriceResult(null, []) { Changed = 1 };
        }, cancellationToken);
    }

    /// <summary>Another portal changed prices.</summary>
    // In the order of all changes: what was read before one of this portal must not replace it.
    internal Task HearAsync() => database.WriteAsync(context => Task.FromResult(UseStored(context)), CancellationToken.None);

    /// <summary>What is in force, as a book has it.</summary>
    internal static (IReadOnlyList<Price> Prices, IReadOnlyList<PriceDiscount> Discounts) Read(PortalDbContext context)
    {
        var prices = context.Prices.Where(row => row.RemovedAt == null).ToList();
        var discounts = context.PriceDiscounts.Where(row => row.RemovedAt == null).ToList();
        return ([.. prices.Select(PriceRows.PriceOf)], [.. discounts.Select(PriceRows.DiscountOf)]);
    }

    private static (string, string, DateTimeOffset) PlaceOf(Price price) => (price.Provider, price.Model, price.ValidFrom);

    private static bool SameAs(Price left, Price right) =>
        left with { Id = 0, Tiers = [], Note = null } == right with { Id = 0, Tiers = [], Note = null } && left.Tiers.SequenceEqual(right.Tiers);

    private static PriceResult Refused(string field, string message) => new(null, [new FieldProblem(field, message)]);

    private static JsonObject? Json(PriceDiscountRow? row) => row is null ? null : new JsonObject
    {
        ["validFrom"] = row.ValidFrom.ToString("u"),
        ["percent"] = row.Discount / 100m,
        ["note"] = row.Note,
    };

    private async Task<PriceResult> ChangeAsync(CurrentUser user, Func<PriceChange, Task<PriceResult>> work, CancellationToken cancellationToken)
    {
        try
        {
            return await database.WriteAsync(
                async context =>
                {
                    var result = await work(new PriceChange(context, audit, user, clock.GetUtcNow().UtcDateTime));
                    if (result.Problems.Count > 0)
                    {
                        throw new RefusedException(result);
                    }

                    // In force before the next change can begin.
                    await context.SaveChangesAsync(cancellationToken);
                    UseStored(context);
                    context.Tell(PortalTopics.Prices);
                    return result;
                },
                cancellationToken);
        }
        catch (RefusedException refused)
        {
            return refused.Result;
        }
    }

    private PriceList UseStored(PortalDbContext context)
    {
        var (prices, discounts) = Read(context);
        var list = PriceList.Of(prices, discounts);
        context.OnCommit(() => book.Use(list));
        context.AfterCommit(book.Tell);
        return list;
    }

    /// <summary>Takes back what a refused change has written so far.</summary>
    private sealed class RefusedException(PriceResult result) : Exception
    {
        public PriceResult Result => result;
    }
}

/// <summary>What became of a change: nothing was changed when there are problems.</summary>
public sealed record PriceResult(IReadOnlyList<FieldProblem> Problems)
{
    private readonly Func<Price>? _price;

    internal PriceResult(Func<Price>? price, IReadOnlyList<FieldProblem> problems)
        : this(problems) => _price = price;

    /// <summary>The price that was changed, with its id; null when it was not one.</summary>
    public Price? Price => Problems.Count == 0 ? _price?.Invoke() : null;

    /// <summary>How many prices are not as they were.</summary>
    public int Changed { get; init; } = 1;
}
