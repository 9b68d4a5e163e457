using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Portal.Auth;
using Portal.Data;
using Portal.Features.Audit;
using Portal.Tests.Portal.Data;

namespace Portal.Tests.Portal.Audit;

public sealed class AuditLogTests : IDisposable
{
    private static readonly Actor s_ada = new("user:ada", "Ada", ActorKind.User);

    private readonly TestDatabase _test = new();

    public void Dispose() => _test.Dispose();

    [Fact]
    public async Task RecordAsync_Rows_AreNumberedAndHoldEachOther()
    {
        await _test.Audit.RecordAsync(Entry("release.submitted"), default);
        var second = await _test.Audit.RecordAsync(Entry("release.approved") with { Reason = "Looks good" }, default);

        var rows = await RowsAsync();
        Assert.Equal(2, second);
        Assert.Equal(["release.submitted", "release.approved"], rows.Select(row => row.Action));
        Assert.Equal([1L, 2L], rows.Select(row => row.Sequence));
        Assert.Equal(HashOf(AuditChain.Genesis, rows[0]), rows[0].Hash);
        Assert.Equal(HashOf(rows[0].Hash, rows[1]), rows[1].Hash);
        Assert.All(rows, row => Assert.True(_test.AuditKey.Sealed(row.Hash, row.Seal)));
        Assert.Equal(("user:ada", "Ada", "User", "portal", "Prompt", "team", "greet", "Succeeded", "Looks good"),
            (rows[1].ActorId, rows[1].ActorName, rows[1].ActorKind, rows[1].Source, rows[1].Kind, rows[1].Namespace, rows[1].Name, rows[1].Result, rows[1].Reason));
    }

    [Fact]
    public async Task Append_TransactionThatFails_LeavesNoRowAndTellsNobody()
    {
        var told = 0;
        _test.Audit.Changed += () => told++;

        await Assert.ThrowsAsync<InvalidOperationException>(() => _test.Database.WriteAsync(
            context =>
            {
                _test.Audit.Append(context, Entry("draft.saved"));
                throw new InvalidOperationException("the decision itself failed");
            },
            default));

        Assert.Empty(await RowsAsync());
        Assert.Equal(0, told);
        await _test.Audit.RecordAsync(Entry("draft.saved"), default);
        Assert.Equal(1, told);
        Assert.Equal(1, Assert.Single(await RowsAsync()).Sequence);
    }

    [Fact]
    public async Task RecordAsync_ManyAtOnce_MakeOneChain()
    {
        await Task.WhenAll(Enumerable.Range(0, 20).Select(index => Task.Run(() => _test.Audit.RecordAsync(Entry($"test.n{index}"), default))));

        var rows = await RowsAsync();
        Assert.Equal(Enumerable.Range(1, 20).Select(number => (long)number), rows.Select(row => row.Sequence));
        Assert.All(rows.Zip(rows.Skip(1)), pair => Assert.Equal(HashOf(pair.First.Hash, pair.Second), pair.Second.Hash));
    }

    [Theory]
    [InlineData("UPDATE audit SET ActorName = 'Eve'")]
    [InlineData("DELETE FROM audit")]
    public async Task Database_ChangingOrDeletingARow_IsRefused(string sql)
    {
        await _test.Audit.RecordAsync(Entry("release.approved"), default);

        var refused = Assert.ThrowsAny<DbException>(() => _test.Execute(sql));

        Assert.Contains("the audit log cannot be", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RecordAsync_HostileAndHugeTexts_AreKeptInBounds()
    {
        var entry = Entry(new string('a', 5000)) with
        {
            Actor = new Actor("x\0y", "'; DROP TABLE audit; --<script>", ActorKind.Token),
            Reason = $"use sk-{new string('q', 40)} {new string('r', 100_000)}",
            Name = "lone \ud800 surrogate",
        };

        await _test.Audit.RecordAsync(entry, default);

        var row = Assert.Single(await RowsAsync());
        Assert.Equal((256, 2000), (row.Action.Length, row.Reason!.Length));
        Assert.DoesNotContain("sk-qqq", row.Reason, StringComparison.Ordinal);
        Assert.Equal(("x␀y", "'; DROP TABLE audit; --<script>"), (row.ActorId, row.ActorName));
        Assert.Equal(HashOf(AuditChain.Genesis, row), row.Hash);
    }

    private static string HashOf(string previous, AuditRow row) => new AuditChain().HashOf(previous, row.Sequence, AuditTable.FieldsOf(row));

    private static AuditEntry Entry(string action) => new(s_ada, action, "Prompt", "team", "greet", AuditResult.Succeeded,
        Before: new JsonObject { ["content"] = "a" }, After: new JsonObject { ["content"] = "b" });

    private Task<List<AuditRow>> RowsAsync() => _test.Database.ReadAsync(context => context.Audit.OrderBy(row => row.Sequence).ToListAsync());
}
