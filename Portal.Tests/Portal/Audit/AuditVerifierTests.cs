using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Features.Audit;

namespace Portal.Tests.Portal.Audit;

public sealed class AuditVerifierTests : IDisposable
{
    private readonly AuditTrailFixture _trail = new();

    public void Dispose() => _trail.Dispose();

    [Fact]
    public async Task VerifyAsync_UntouchedLog_IsIntact()
    {
        await _trail.WriteAsync(25);
        await _trail.WriteAsync(5, sign: false);

        var verdict = await _trail.VerifyAsync();

        Assert.Null(verdict.Problem);
        Assert.Equal((30, 1, 30, 25), (verdict.Rows, verdict.First, verdict.Last, verdict.SignedUpTo));
        Assert.Empty(verdict.Notes);
    }

    [Fact]
    public async Task VerifyAsync_EmptyLog_IsIntact()
    {
        var verdict = await _trail.VerifyAsync();

        Assert.True(verdict.IsIntact);
        Assert.Equal((0, 0, 0), (verdict.Rows, verdict.First, verdict.Last));
    }

    [Theory]
    [InlineData("UPDATE audit SET ActorName = 'Eve' WHERE Sequence = 12", AuditProblemKind.Altered, 12)]
    [InlineData("UPDATE audit SET Reason = '' WHERE Sequence = 12", AuditProblemKind.Altered, 12)]
    [InlineData("UPDATE audit SET At = '2031-01-01 00:00:00' WHERE Sequence = 12", AuditProblemKind.Altered, 12)]
    [InlineData("UPDATE audit SET Hash = upper(Hash) WHERE Sequence = 12", AuditProblemKind.Altered, 12)]
    [InlineData("UPDATE audit SET Namespace = 'te', Name = 'am' || Name WHERE Sequence = 12", AuditProblemKind.Altered, 12)]
    [InlineData("DELETE FROM audit WHERE Sequence = 12", AuditProblemKind.Missing, 12)]
    [InlineData("DELETE FROM audit WHERE Sequence BETWEEN 1 AND 4", AuditProblemKind.Missing, 1)]
    [InlineData("DELETE FROM audit WHERE Sequence >= 29", AuditProblemKind.Truncated, 29)]
    [InlineData("DELETE FROM audit; DELETE FROM audit_heads", AuditProblemKind.Truncated, 1)]
    [InlineData("UPDATE audit SET Sequence = 99 WHERE Sequence = 12; UPDATE audit SET Sequence = 12 WHERE Sequence = 13; UPDATE audit SET Sequence = 13 WHERE Sequence = 99",
        AuditProblemKind.Moved, 12)]
    [InlineData("UPDATE audit SET Sequence = 99 WHERE Sequence = 5; UPDATE audit SET Sequence = 5 WHERE Sequence = 20; UPDATE audit SET Sequence = 20 WHERE Sequence = 99",
        AuditProblemKind.Moved, 5)]
    [InlineData("DELETE FROM audit WHERE Sequence = 12; UPDATE audit SET Sequence = Sequence - 1 WHERE Sequence > 12", AuditProblemKind.Altered, 12)]
    [InlineData("UPDATE audit SET Sequence = -Sequence WHERE Sequence > 12; UPDATE audit SET Sequence = 1 - Sequence WHERE Sequence < 0; "
        + "INSERT INTO audit SELECT 13, At, ActorId, 'Eve', ActorKind, Source, Action, Kind, Namespace, Name, Result, Changes, Reason, CorrelationId, Address, Hash, Seal FROM audit WHERE Sequence = 12",
        AuditProblemKind.Altered, 13)]
    [InlineData("UPDATE audit_heads SET Hash = replace(Hash, substr(Hash, 1, 1), 'f')", AuditProblemKind.Head, 30)]
    [InlineData("UPDATE audit_heads SET Signature = 'AAAA'", AuditProblemKind.Head, 30)]
    public async Task VerifyAsync_TamperedDatabase_NamesTheFirstRow(string sql, AuditProblemKind kind, long sequence)
    {
        await _trail.WriteAsync(30);
        _trail.Tamper(sql);

        var verdict = await _trail.VerifyAsync();

        Assert.NotNull(verdict.Problem);
        Assert.Equal((kind, sequence), (verdict.Problem.Kind, verdict.Problem.Sequence));
        Assert.Contains($"{sequence}", verdict.Problem.Message, StringComparison.Ordinal);
        Assert.Contains(verdict.Notes, note => note.Contains("audit_no_update", StringComparison.Ordinal));
    }

    [Fact]
    public async Task VerifyAsync_RowAddedWithARightHash_IsKnownByItsSeal()
    {
        await _trail.WriteAsync(3);
        var rows = await _trail.Database.ReadAsync(context => Task.FromResult(Read(context)));
        var hash = new AuditChain().HashOf(rows[2].Hash, 4, rows[2].Fields);
        _trail.Tamper("INSERT INTO audit SELECT 4, At, ActorId, ActorName, ActorKind, Source, Action, Kind, Namespace, Name, Result, Changes, Reason, CorrelationId, Address, "
            + $"'{hash}', Seal FROM audit WHERE Sequence = 3");

        var verdict = await _trail.VerifyAsync();

        Assert.Equal((AuditProblemKind.Inserted, 4L), (verdict.Problem!.Kind, verdict.Problem.Sequence));
    }

    [Fact]
    public async Task VerifyAsync_WholeTailWrittenAnew_NamesWhereItBegins()
    {
        await _trail.WriteAsync(10);
        _trail.Tamper("UPDATE audit SET ActorName = 'Eve' WHERE Sequence = 6");
        var chain = new AuditChain();
        var rows = await _trail.Database.ReadAsync(context => Task.FromResult(Read(context)));
        var previous = rows[4].Hash;
        foreach (var row in rows.Skip(5))
        {
            previous = chain.HashOf(previous, row.Sequence, row.Fields);
            _trail.Tamper($"UPDATE audit SET Hash = '{previous}' WHERE Sequence = {row.Sequence}");
        }

        var verdict = await _trail.VerifyAsync();

        Assert.Equal((AuditProblemKind.Inserted, 6L), (verdict.Problem!.Kind, verdict.Problem.Sequence));
    }

    [Fact]
    public async Task VerifyAsync_YesterdaysDatabaseRestored_SaysWhatIsLostAlsoAfterItWentOn()
    {
        await _trail.WriteAsync(10);
        await _trail.WriteAsync(10);
        _trail.Tamper("DELETE FROM audit WHERE Sequence > 10; DELETE FROM audit_heads");

        var lost = await _trail.VerifyAsync();
        _trail.Clock.Advance(TimeSpan.FromMinutes(1));
        await _trail.WriteAsync(15);
        var later = await _trail.VerifyAsync();

        Assert.Equal((AuditProblemKind.Truncated, 11L), (lost.Problem!.Kind, lost.Problem.Sequence));
        Assert.Equal((AuditProblemKind.Truncated, 20L), (later.Problem!.Kind, later.Problem.Sequence));
        Assert.True(File.Exists(Path.Combine(_trail.AuditDirectory, "lost-20.json")));
    }

    [Fact]
    public async Task VerifyAsync_HeadKeptElsewhere_CatchesALogThatWasReplacedWithItsHeads()
    {
        await _trail.WriteAsync(10);
        var kept = AuditJson.ReadHead(await File.ReadAllTextAsync(Path.Combine(_trail.AuditDirectory, "head.json")))!;
        _trail.Tamper("DELETE FROM audit WHERE Sequence > 5; DELETE FROM audit_heads");
        File.Delete(Path.Combine(_trail.AuditDirectory, "head.json"));

        Assert.True((await _trail.VerifyAsync()).IsIntact);
        Assert.Equal((AuditProblemKind.Truncated, 6L), ((await _trail.VerifyAsync(kept)).Problem!.Kind, (await _trail.VerifyAsync(kept)).Problem!.Sequence));

        kept.Sequence = 5;
        Assert.Equal(AuditProblemKind.Head, (await _trail.VerifyAsync(kept)).Problem!.Kind);
    }

    [Fact]
    public async Task SignAsync_LogThatWasTampered_SignsNoMore()
    {
        await _trail.WriteAsync(3);
        await _trail.WriteAsync(3, sign: false);
        _trail.Tamper("UPDATE audit SET ActorName = 'Eve' WHERE Sequence = 5");

        await _trail.WriteAsync(3);

        var verdict = await _trail.VerifyAsync();
        Assert.Equal((5L, 3L), (verdict.Problem!.Sequence, verdict.SignedUpTo));
    }

    [Fact]
    public async Task VerifyAsync_KeyReplaced_OldRowsAreVouchedForByTheirHead()
    {
        await _trail.WriteAsync(5);
        File.Delete(Path.Combine(_trail.AuditDirectory, "signing.key"));
        using var fresh = AuditKey.Open(_trail.AuditDirectory);
        using var verifier = new AuditVerifier(_trail.Database, fresh, _trail.File, _trail.Options, _trail.Clock);
        var log = new AuditLog(_trail.Database, fresh, _trail.Clock);
        await log.RecordAsync(new AuditEntry(global::Portal.Auth.Actor.System, "key.replaced", "Audit", null, null, AuditResult.Succeeded), default);

        Assert.True((await verifier.VerifyAsync(null, null, default)).IsIntact);
        Assert.NotEqual(_trail.Key.Id, fresh.Id);

        _trail.Tamper("UPDATE audit SET ActorName = 'Eve' WHERE Sequence = 2");
        Assert.Equal(2, (await verifier.VerifyAsync(null, null, default)).Problem!.Sequence);
    }

    [Fact]
    public void Open_NewKey_IsReadableByItsOwnerOnly()
    {
        var path = Path.Combine(_trail.AuditDirectory, "signing.key");
        Assert.Equal(OperatingSystem.IsWindows() ? default : UnixFileMode.UserRead | UnixFileMode.UserWrite, OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(path));
        Assert.True(File.Exists(Path.Combine(_trail.AuditDirectory, "keys", $"{_trail.Key.Id}.pem")));
        Assert.DoesNotContain("PRIVATE", File.ReadAllText(Path.Combine(_trail.AuditDirectory, "keys", $"{_trail.Key.Id}.pem")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignAsync_ManyTimesADay_KeepsTheLastHeadOfIt()
    {
        for (var count = 0; count < 5; count++)
        {
            await _trail.WriteAsync(1);
        }

        _trail.Clock.Advance(TimeSpan.FromDays(1));
        await _trail.WriteAsync(1);

        Assert.Equal([5L, 6L], await _trail.Database.ReadAsync(context => context.AuditHeads.OrderBy(head => head.Id).Select(head => head.Sequence).ToListAsync()));
    }

    private static List<StoredRow> Read(PortalDbContext context)
    {
        context.Database.OpenConnection();
        return [.. AuditTable.ReadAfter(context, 0)];
    }
}
