using Microsoft.Extensions.Logging.Abstractions;
using Portal.Auth;
using Portal.Data;
using Portal.Features.Audit;
using Portal.Features.Audit.Archive;
using Portal.Tests.Portal.Data;
using Portal.Tests.Shared;

namespace Portal.Tests.Portal.Audit;

/// <summary>A log with all that signs, verifies, copies and prunes it, on a database of its own that tests may tamper with.</summary>
internal sealed class AuditTrailFixture : IDisposable
{
    private readonly TestDatabase _test = new();
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("portal-audit-");

    public AuditTrailFixture(AuditLogOptions? audit = null, params IReadOnlyList<IAuditArchive> archives)
    {
        Options = new PortalOptions { Audit = audit ?? new AuditLogOptions() };
        Key = AuditKey.Open(AuditDirectory);
        File = new AuditHeadFile(AuditDirectory);
        Log = new AuditLog(Database, Key, Clock);
        Verifier = new AuditVerifier(Database, Key, File, Options, Clock);
        Signer = new AuditSigner(Database, Log, Key, File, Clock, NullLogger<AuditSigner>.Instance);
        Exporter = new AuditExporter(Database, Key, Signer, archives, new ArchiveState(AuditDirectory), Options, Clock, NullLogger<AuditExporter>.Instance);
        Retention = new AuditRetention(Database, Log, Verifier, Key, Exporter, Options, Clock, NullLogger<AuditRetention>.Instance);
    }

    public ManualTimeProvider Clock { get; } = new();
    public PortalOptions Options { get; }
    public string AuditDirectory => Path.Combine(_directory.FullName, "audit");
    public PortalDatabase Database => _test.Database;
    public AuditKey Key { get; }
    public AuditHeadFile File { get; }
    public AuditLog Log { get; }
    public AuditVerifier Verifier { get; }
    public AuditSigner Signer { get; }
    public AuditExporter Exporter { get; }
    public AuditRetention Retention { get; }

    /// <summary>Writes rows, and signs them unless told not to.</summary>
    public async Task WriteAsync(int count, bool sign = true)
    {
        await Database.WriteAsync(
            context =>
            {
                for (var index = 0; index < count; index++)
                {
                    Log.Append(context, new AuditEntry(new Actor("user:ada", "Ada", ActorKind.User), "release.approved", "Release", "team", $"r{index}", AuditResult.Succeeded));
                }

                return Task.CompletedTask;
            },
            default);
        if (sign)
        {
            await Signer.SignAsync();
        }
    }

    public Task<AuditVerdict> VerifyAsync(AuditHead? kept = null) => Verifier.VerifyAsync(null, kept, default);

    /// <summary>What somebody with the database can do: the triggers are no obstacle to them.</summary>
    public void Tamper(string sql)
    {
        var on = (string table) => TestPostgres.Server is null ? "" : $" ON {table}";
        _test.Execute(
            $"DROP TRIGGER IF EXISTS audit_no_update{on("audit")}; DROP TRIGGER IF EXISTS audit_no_delete{on("audit")};"
            + $"DROP TRIGGER IF EXISTS audit_heads_no_update{on("audit_heads")}; DROP TRIGGER IF EXISTS audit_heads_no_delete{on("audit_heads")};" + sql);
    }

    public void Dispose()
    {
        Retention.Dispose();
        Exporter.Dispose();
        Signer.Dispose();
        Verifier.Dispose();
        Key.Dispose();
        _test.Dispose();
        _directory.Delete(recursive: true);
    }
}
