using Microsoft.EntityFrameworkCore;
using Portal.Auth;
using Portal.Data;
using Portal.Features.Audit;

namespace Portal.Features.Prices;

/// <summary>A change of the prices within one transaction.</summary>
internal sealed class PriceChange(PortalDbContext context, AuditLog audit, CurrentUser user, DateTime now)
{
    public PortalDbContext Context => context;

    /// <summary>What was entered and is in force, with what this change has done to it.</summary>
    public async Task<List<Price>> InForceAsync() => [.. (await context.Prices.Where(row => row.RemovedAt == null).ToListAsync()).Select(PriceRows.PriceOf)];

    public PriceRow Add(Price price)
    {
        var row = PriceRows.RowOf(price, user.Actor.Name, now);
        context.Prices.Add(row);
        return row;
    }

    /// <summary>Null when it is not in force.</summary>
    public async Task<Price?> RemoveAsync(long id)
    {
        if (await context.Prices.FirstOrDefaultAsync(row => row.Id == id && row.RemovedAt == null) is not { } row)
        {
            return null;
        }

        (row.RemovedAt, row.RemovedBy) = (now, user.Actor.Name);
        await context.SaveChangesAsync();
        return PriceRows.PriceOf(row);
    }

    public void Note(string action, Price price, Price? before, Price? after) => Note(action, $"{price.Provider}/{price.Model}", Json(before), Json(after));

    public void Note(string action, string? name, JsonObject? before, JsonObject? after) =>
        audit.Append(context, new AuditEntry(user.Actor, action, "Price", null, name, AuditResult.Succeeded, before, after, Address: user.Address));

    private static JsonObject? Json(Price? price) => price is null ? null : JsonSerializer.SerializeToNode(PriceForm.Of(price), JsonSerializerOptions.Web) as JsonObject;
}
