using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Portal.Data;

namespace Portal.Features.Prices;

/// <summary>Hears of prices that another portal on the same database has changed.</summary>
internal sealed partial class PriceRefresh(PortalDatabase database, PriceBook book, TimeProvider clock, ILogger<PriceRefresh> logger) : BackgroundService
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_interval, clock);
        var known = (0L, 0, 0L, 0);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                var seen = await database.ReadAsync(async context => (
                    await context.Prices.MaxAsync(row => (long?)row.Id, stoppingToken) ?? 0, await context.Prices.CountAsync(row => row.RemovedAt != null, stoppingToken),
                    await context.PriceDiscounts.MaxAsync(row => (long?)row.Id, stoppingToken) ?? 0, await context.PriceDiscounts.CountAsync(row => row.RemovedAt != null, stoppingToken)));
                if (seen != known)
                {
                    known = seen;
                    var (prices, discounts) = await database.ReadAsync(PriceStore.ReadAsync);
                    book.Use(prices, discounts);
                }
            }
            catch (DbException exception)
            {
                Log.NotRead(logger, exception);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Prices could not be read; those known so far hold")]
        public static partial void NotRead(ILogger logger, Exception exception);
    }
}
