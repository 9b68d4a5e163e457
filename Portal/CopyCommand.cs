using Portal.Data;
using Portal.Data.Copy;
using Portal.Data.Dialects;
using Portal.Embedded;
using Portal.Features.Audit;

namespace Portal;

/// <summary>
/// <c>copy-database</c>: copies <c>portal.db</c> of the data directory into the PostgreSQL of <c>Portal:Database</c>, counts the rows and verifies the audit log
/// there. The file is left as it was.
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

        using var key = AuditKey.Open(directory.Audit);
        using var verifier = new AuditVerifier(to, key, new AuditHeadFile(directory.Audit), options, TimeProvider.System);
        var verdict = await verifier.VerifyAsync(null, null, cancellationToken);
        if (verdict.Problem is { } problem)
        {
            throw new StartupException($"Everything was copied, but the audit log does not verify: {problem.Message}");
        }

        await Console.Out.WriteLineAsync($"The audit log verifies: {verdict.Rows} rows. Start the first portal on this data directory, so that its keys become those of the database.");
    }
}
