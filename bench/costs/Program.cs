using System.Globalization;

// Measures what usage and its costs take: a database filled by the generator, what pages ask, ingest over HTTP while a dashboard is open, recomputation.
// usage: Portal.Costs.Bench [rows] [seed] [connection string]
var rows = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 5_000_000;
var seed = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 1;
var connectionString = args.Length > 2 ? args[2] : null;
var directory = Directory.CreateTempSubdirectory("portal-costs-bench-");
try
{
    var now = TimeProvider.System.GetUtcNow();
    var ok = await FillBench.RunAsync(directory.FullName, connectionString, new CallGenerator(seed, now.AddDays(-89), now.AddMinutes(-5)), rows);
    await using var portal = await BenchPortal.StartAsync(directory.FullName, connectionString);
    ok &= await DashboardBench.RunAsync(portal, new CallGenerator(seed + 2, now.AddMinutes(-10), now));
    ok &= await IngestBench.RunAsync(portal, new CallGenerator(seed + 1, now.AddHours(-2), now), TimeSpan.FromSeconds(20));
    ok &= await RecomputeBench.RunAsync(portal, now.AddDays(-89 * Math.Min(1, 1_000_000.0 / rows)));
    return ok ? 0 : 1;
}
finally
{
    Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
    directory.Delete(recursive: true);
}
