using Microsoft.AspNetCore.DataProtection;
using Portal.Auth;
using Portal.Data;
using Portal.Data.Copy;
using Portal.Data.Dialects;
using Portal.Embedded;
using Portal.Features.Audit;

namespace Portal;

/// <summary>
/// <c>copy-database</c>: copies <c>portal.db</c> of the data directory into the PostgreSQL of <c>Portal:Database</c>, counts the rows, copies the keys and verifies
/// the audit log there. The file is left as it was.
/// </summary>
internal static class CopyCommand
{
    public const string Name = "copy-database";

    /// <exception cref="StartupException">It cannot be done; nothing was copied.</exception>
    public static async Task RunAsync(string[] args, CancellationToken cancellationToken)
    {
        var configuration = new ConfigurationBuilder().AddEnvironmentVariables().AddCommandLine(args).Build();
        var options = PortalOptionsValidator.Read(configuration);
        if (!options.Database.IsPostgres)
        {
            throw new StartupException($"{Name} copies into PostgreSQL: set Portal:Database:Provider to 'postgres' and Portal:Database:ConnectionString.");
        }

        var file = Path.Combine(options.DataPath, "portal.db");
        if (!File.Exists(file))
        {
            throw new StartupException($"There is no {file} (Portal:DataDirectory): there is nothing to copy.");
        }

        // Held, so that no portal writes meanwhile.
        using var directory = DataDirectory.Open(options.DataPath);
        using var from = new PortalDatabase(file);
        var dialect = new PostgresDialect(options.Database.ReadConnectionString());
        using var to = new PortalDatabase(dialect);
        foreach (var (table, rows) in await new DatabaseCopy(from, dialect).RunAsync(cancellationToken))
        {
            await Console.Out.WriteLineAsync($"{table}: {rows}");
        }

        await CopyKeysAsync(to, directory, options, cancellationToken);
        using var key = AuditKey.Open(directory.Audit);
        using var verifier = new AuditVerifier(to, key, new AuditHeadFile(directory.Audit), options, TimeProvider.System);
        var verdict = await verifier.VerifyAsync(null, null, cancellationToken);
        if (verdict.Problem is { } problem)
        {
            throw new StartupException($"Everything was copied, but the audit log does not verify: {problem.Message}");
        }

        await Console.Out.WriteLineAsync($"The keys are there too, and the audit log verifies: {verdict.Rows} rows.");
    }

    // Of the sessions, so that nobody is signed out, and of the audit log, so that it goes on as one.
    private static async Task CopyKeysAsync(PortalDatabase to, DataDirectory directory, PortalOptions options, CancellationToken cancellationToken)
    {
        var ring = new DirectoryInfo(Path.Combine(directory.Root, "keys"));
        await to.WriteAsync(
            context => context.SharedKeys.AddRangeAsync(ring.Exists ? ring.EnumerateFiles("*.xml").Select(DatabaseKeys.KeyOf).ToList() : [], cancellationToken), cancellationToken);
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton(to).AddSingleton(TimeProvider.System).AddKeyRing(options.SignIn, options.Database, directory);
        await using var provider = services.BuildServiceProvider();
        await provider.PrepareKeyRingAsync();
        SharedAuditKeys.Open(to, provider.GetRequiredService<IDataProtectionProvider>(), directory.Audit).Dispose();
    }
}
