using System.Diagnostics;
using Portal;
using Portal.Auth;
using Portal.Data;
using Portal.Features.Audit;

// Writes an audit log and verifies it. usage: Portal.Audit.Bench [rows] [runs]
var rows = args.Length > 0 ? int.Parse(args[0], System.Globalization.CultureInfo.InvariantCulture) : 100_000;
var runs = args.Length > 1 ? int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture) : 5;
var directory = Directory.CreateTempSubdirectory("portal-audit-bench-");
try
{
    using var database = new PortalDatabase(Path.Combine(directory.FullName, "portal.db"));
    using var key = AuditKey.Open(Path.Combine(directory.FullName, "audit"));
    var log = new AuditLog(database, key, TimeProvider.System);
    using var verifier = new AuditVerifier(database, key, new AuditHeadFile(Path.Combine(directory.FullName, "audit")), new PortalOptions(), TimeProvider.System);

    const int AtOnce = 1000;
    var written = Stopwatch.StartNew();
    for (var first = 0; first < rows; first += AtOnce)
    {
        var count = Math.Min(AtOnce, rows - first);
        await database.WriteAsync(
            context =>
            {
                for (var index = 0; index < count; index++)
                {
                    log.Append(context, Entry(first + index));
                }

                return Task.CompletedTask;
            },
            CancellationToken.None);
    }

    Console.WriteLine($"written      {rows:N0} rows in {written.Elapsed.TotalSeconds:0.00} s, {rows / written.Elapsed.TotalSeconds:N0} rows/s, {AtOnce} in a transaction");
    var alone = Stopwatch.StartNew();
    for (var index = 0; index < 200; index++)
    {
        await log.RecordAsync(Entry(index), CancellationToken.None);
    }

    Console.WriteLine($"one by one   {alone.Elapsed.TotalMilliseconds / 200:0.00} ms a row, each on disk before the next");
    var seconds = new List<double>();
    for (var run = 0; run < runs; run++)
    {
        var reports = 0;
        var verdict = await verifier.VerifyAsync(_ => reports++, kept: null, CancellationToken.None);
        if (!verdict.IsIntact || reports < rows / 5000)
        {
            throw new InvalidOperationException(verdict.Problem?.Message ?? "too little progress was told");
        }

        seconds.Add(verdict.Duration.TotalSeconds);
    }

    seconds.Sort();
    Console.WriteLine($"verified     {rows + 200:N0} rows: median {seconds[runs / 2]:0.00} s, worst {seconds[^1]:0.00} s of {runs} runs; budget 3 s for 100,000");
    return seconds[runs / 2] <= 3.0 * rows / 100_000 ? 0 : 1;
}
finally
{
    Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
    directory.Delete(recursive: true);
}

static AuditEntry Entry(int index) => new(
    new Actor($"oidc:main:{index % 200}", $"Person {index % 200}", ActorKind.User), "release.approved", "Prompt", $"team-{index % 20}", $"prompt-{index % 1000}", AuditResult.Succeeded,
    new JsonObject { ["content"] = $"You are a helpful assistant of shop {index}. Answer in one sentence.", ["status"] = "Open" },
    new JsonObject { ["content"] = $"You are a helpful assistant of shop {index}. Answer in two sentences.", ["status"] = "Approved" },
    "Looks good, and the numbers agree.", $"release-{index / 4}", "10.20.30.40");
