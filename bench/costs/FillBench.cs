using System.Diagnostics;
using Portal.Data;
using Portal.Data.Dialects;
using Portal.Features.Prices;
using Portal.Features.Usage;

/// <summary>Fills a database through the code that takes the records of runners.</summary>
internal static class FillBench
{
    private const int AtOnce = 5_000;

    public static async Task<bool> RunAsync(string directory, string? connectionString, CallGenerator generator, int rows)
    {
        using var database = connectionString is null ? new PortalDatabase(Path.Combine(directory, "portal.db")) : new PortalDatabase(new PostgresDialect(connectionString));
        var log = new UsageLog(database, new PriceBook(), TimeProvider.System);
        var watch = Stopwatch.StartNew();
        var before = Environment.CpuUsage.TotalTime;
        foreach (var batch in generator.Make(rows).Chunk(AtOnce))
        {
            await log.AddAsync(batch, UsageLog.FromFlow, CancellationToken.None);
        }

        var seconds = watch.Elapsed.TotalSeconds;
        var cpu = (Environment.CpuUsage.TotalTime - before).TotalMicroseconds / rows;
        Console.WriteLine($"fill         {rows:N0} calls in {seconds:0.0} s, {rows / seconds:N0}/s, {AtOnce:N0} in a transaction, {cpu:0} µs of a processor each; {await database.SizeAsync(CancellationToken.None) / 1e9:0.00} GB");
        return true;
    }
}
