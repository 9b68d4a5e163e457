using System.Text;
using Microsoft.EntityFrameworkCore;
using Portal.Features.Audit;
using Portal.Features.Audit.Archive;

namespace Portal.Tests.Portal.Audit;

public sealed class AuditRetentionTests : IDisposable
{
    private readonly FakeArchive _archive = new();
    private readonly AuditTrailFixture _trail;

    public AuditRetentionTests() => _trail = new AuditTrailFixture(new AuditLogOptions { RetentionDays = 30 }, _archive);

    public void Dispose() => _trail.Dispose();

    [Fact]
    public async Task PruneAsync_OldRows_ACheckpointStandsForThem()
    {
        await _trail.WriteAsync(10);
        _trail.Clock.Advance(TimeSpan.FromDays(31));
        await _trail.WriteAsync(5);
        await _trail.Exporter.ExportAsync(default);

        Assert.Equal(10, await _trail.Retention.PruneAsync(default));
        Assert.Equal(0, await _trail.Retention.PruneAsync(default));

        var verdict = await _trail.VerifyAsync();
        Assert.True(verdict.IsIntact, verdict.Problem?.Message);
        Assert.Equal((6, 11, 16), (verdict.Rows, verdict.First, verdict.Last));
        _trail.Tamper("DELETE FROM audit WHERE Sequence = 11");
        Assert.Equal((AuditProblemKind.Missing, 11L), ((await _trail.VerifyAsync()).Problem!.Kind, (await _trail.VerifyAsync()).Problem!.Sequence));
    }

    [Fact]
    public async Task PruneAsync_AllRowsAreOld_TheChainGoesOn()
    {
        await _trail.WriteAsync(10);
        await _trail.Exporter.ExportAsync(default);
        _trail.Clock.Advance(TimeSpan.FromDays(31));

        await _trail.Retention.PruneAsync(default);
        await _trail.WriteAsync(2);

        var verdict = await _trail.VerifyAsync();
        Assert.Equal((true, 11, 13), (verdict.IsIntact, verdict.First, verdict.Last));
    }

    [Fact]
    public async Task PruneAsync_RowsNotCopiedYet_AreKept()
    {
        await _trail.WriteAsync(4);
        await _trail.Exporter.ExportAsync(default);
        await _trail.WriteAsync(4);
        _archive.Trouble = new HttpRequestException("connection refused");
        await _trail.Exporter.ExportAsync(default);
        _trail.Clock.Advance(TimeSpan.FromDays(31));

        Assert.Equal(4, await _trail.Retention.PruneAsync(default));

        Assert.Equal(5, (await _trail.VerifyAsync()).First);
    }

    [Fact]
    public async Task PruneAsync_TamperedLog_KeepsEverything()
    {
        await _trail.WriteAsync(4);
        await _trail.Exporter.ExportAsync(default);
        _trail.Tamper("UPDATE audit SET Name = 'other' WHERE Sequence = 2");
        _trail.Clock.Advance(TimeSpan.FromDays(31));

        Assert.Equal(0, await _trail.Retention.PruneAsync(default));

        Assert.Equal(4, await _trail.Database.ReadAsync(context => context.Audit.CountAsync()));
    }

    [Fact]
    public async Task VerifyAsync_ForgedCheckpoint_IsNamed()
    {
        await _trail.WriteAsync(6);
        _trail.Tamper("INSERT INTO audit_heads (Kind, Sequence, Hash, At, KeyId, Signature) SELECT 'checkpoint', 4, Hash, At, 'cafecafecafecafe', 'AAAA' FROM audit WHERE Sequence = 4; DELETE FROM audit WHERE Sequence <= 4");

        var verdict = await _trail.VerifyAsync();

        Assert.Equal((AuditProblemKind.Missing, 1L), (verdict.Problem!.Kind, verdict.Problem.Sequence));
    }

    [Fact]
    public async Task ExportAsync_TwiceWithNewRows_CopiesEachRowOnceInAFormThatCanBeChecked()
    {
        await _trail.WriteAsync(3);
        await _trail.Exporter.ExportAsync(default);
        await _trail.WriteAsync(2);
        await _trail.Exporter.ExportAsync(default);
        await _trail.Exporter.ExportAsync(default);

        var lines = _archive.Files.Where(file => file.Key.StartsWith("audit-", StringComparison.Ordinal)).OrderBy(file => file.Key)
            .SelectMany(file => file.Value.Split('\n', StringSplitOptions.RemoveEmptyEntries)).Select(line => JsonNode.Parse(line)!.AsObject()).ToList();
        Assert.Equal([1, 2, 3, 4, 5], lines.Select(line => (int)line["sequence"]!));
        var previous = AuditChain.Genesis;
        foreach (var line in lines)
        {
            var fields = AuditTable.FieldNames.Select(name => (string?)line[char.ToLowerInvariant(name[0]) + name[1..]]).ToArray();
            previous = new AuditChain().HashOf(previous, (long)line["sequence"]!, fields);
            Assert.Equal(previous, (string?)line["hash"]);
        }

        var head = AuditJson.ReadHead(_archive.Files.OrderBy(file => file.Key).Last(file => file.Key.StartsWith("head-", StringComparison.Ordinal)).Value)!;
        Assert.Equal((5L, previous, true), (head.Sequence, head.Hash, _trail.Key.IsSigned(head)));
    }

    [Theory]
    [InlineData(typeof(HttpRequestException))]
    [InlineData(typeof(UnauthorizedAccessException))]
    [InlineData(typeof(InvalidOperationException))]
    public async Task ExportAsync_ArchiveThatWasAway_GetsItLater(Type trouble)
    {
        _archive.Trouble = (Exception)Activator.CreateInstance(trouble)!;
        await _trail.WriteAsync(3);
        await _trail.Exporter.ExportAsync(default);
        Assert.Empty(_archive.Files);

        _archive.Trouble = null;
        await _trail.Exporter.ExportAsync(default);

        Assert.Equal(3, _trail.Exporter.LastEverywhere);
    }

    [Fact]
    public async Task VerifyAsync_ExportDirectory_ItsHeadsCount()
    {
        var directory = Directory.CreateTempSubdirectory("portal-audit-export-");
        using var trail = new AuditTrailFixture(
            new AuditLogOptions { Export = new AuditExportOptions { Directory = directory.FullName } }, new DirectoryArchive(directory.FullName));
        await trail.WriteAsync(8);
        await trail.Exporter.ExportAsync(default);
        trail.Tamper("DELETE FROM audit WHERE Sequence > 5; DELETE FROM audit_heads");
        File.Delete(Path.Combine(trail.AuditDirectory, "head.json"));

        var verdict = await trail.VerifyAsync();

        Assert.Equal((AuditProblemKind.Truncated, 6L), (verdict.Problem!.Kind, verdict.Problem.Sequence));
        Assert.All(directory.GetFiles(), file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, file.UnixFileMode));
        directory.Delete(recursive: true);
    }

    private sealed class FakeArchive : IAuditArchive
    {
        public Dictionary<string, string> Files { get; } = [];
        public Exception? Trouble { get; set; }
        public string Place => "fake:";

        public Task PutAsync(string name, byte[] content, string contentType, CancellationToken cancellationToken)
        {
            if (Trouble is not null)
            {
                throw Trouble;
            }

            Files[name] = Encoding.UTF8.GetString(content);
            return Task.CompletedTask;
        }
    }
}
