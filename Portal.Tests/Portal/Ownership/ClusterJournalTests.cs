using Microsoft.EntityFrameworkCore;
using Portal.Auth;
using Portal.Data;
using Portal.Features.Audit;
using Portal.Features.Ownership;
using Portal.Kubernetes.Objects;
using Portal.Tests.Portal.Data;

namespace Portal.Tests.Portal.Ownership;

public sealed class ClusterJournalTests : IDisposable
{
    private readonly TestDatabase _test = new();
    private readonly ClusterJournal _journal;

    public ClusterJournalTests() => _journal = new ClusterJournal(_test.Database, _test.Audit);

    public void Dispose() => _test.Dispose();

    [Fact]
    public async Task CatchUpAsync_FirstTime_IsWhereTheJournalBegins()
    {
        await _journal.CatchUpAsync("Prompt", [Prompt("a", "old", "kubectl")], default);

        Assert.Empty(await RowsAsync());
    }

    [Fact]
    public async Task RecordAsync_KubectlEdit_IsARowWithItsWriterAndFields()
    {
        var before = Prompt("a", "old", "genkit-portal");
        await _journal.CatchUpAsync("Prompt", [before], default);

        await _journal.RecordAsync([new SeenChange(before, Prompt("a", "new", "kubectl-edit", generation: 2))], default);

        var row = Assert.Single(await RowsAsync());
        Assert.Equal(("object.changed", "cluster:kubectl-edit", "kubectl-edit", "kubectl", "team", "a"), (row.Action, row.ActorId, row.ActorName, row.Source, row.Namespace, row.Name));
        Assert.Equal([new FieldChange("spec.content", "old", "new")], FieldDifference.Read(row.Changes));
        Assert.Equal("kubectl-edit (Update) wrote it at 2030-01-01 00:00:00Z, generation 2.", row.Reason);
    }

    [Fact]
    public async Task RecordAsync_TheSameStateTwice_IsOneRow()
    {
        await _journal.CatchUpAsync("Prompt", [], default);
        var made = Prompt("a", "text", "kubectl");

        await _journal.RecordAsync([new SeenChange(null, made), new SeenChange(null, made)], default);
        await _journal.CatchUpAsync("Prompt", [made], default);

        Assert.Equal("object.created", Assert.Single(await RowsAsync()).Action);
    }

    [Fact]
    public async Task CatchUpAsync_ChangesWhileAway_AreNoticedOnce()
    {
        await _journal.CatchUpAsync("Prompt", [Prompt("changed", "old", "kubectl"), Prompt("deleted", "x", "kubectl"), Prompt("same", "x", "kubectl")], default);
        List<KubeObject> now = [Prompt("changed", "new", "argocd-controller", generation: 2), Prompt("same", "x", "kubectl"), Prompt("created", "x", "terraform"),];

        await _journal.CatchUpAsync("Prompt", now, default);
        await _journal.CatchUpAsync("Prompt", now, default);

        Assert.Equal(
            ["changed object.changed argocd-controller gitops", "created object.created terraform kubectl", "deleted object.deleted Unknown kubectl"],
            (await RowsAsync()).Select(row => $"{row.Name} {row.Action} {row.ActorName} {row.Source}"));
    }

    [Fact]
    public async Task RecordAsync_DeletedInThePortal_IsNotTwice()
    {
        var (mine, theirs) = (Prompt("mine", "x", "genkit-portal"), Prompt("theirs", "x", "genkit-portal"));
        await _journal.CatchUpAsync("Prompt", [mine, theirs], default);
        await _test.Audit.RecordAsync(new AuditEntry(LocalPersona.Author.Actor, "prompt.deleted", "Prompt", "team", "mine", AuditResult.Succeeded), default);

        await _journal.RecordAsync([new SeenChange(mine, null), new SeenChange(theirs, null), new SeenChange(theirs, null)], default);

        Assert.Equal(["mine prompt.deleted", "theirs object.deleted"], (await RowsAsync()).Select(row => $"{row.Name} {row.Action}"));
    }

    [Fact]
    public async Task RecordAsync_PublishedByARelease_BelongsToIt()
    {
        await _journal.CatchUpAsync("Prompt", [], default);
        var published = Prompt("a", "x", "genkit-portal");
        published.Metadata["annotations"] = new JsonObject { ["genkit.dev/release"] = "7" };

        await _journal.RecordAsync([new SeenChange(null, published)], default);

        var row = Assert.Single(await RowsAsync());
        Assert.Equal(("release-7", "portal"), (row.CorrelationId, row.Source));
    }

    [Theory]
    [InlineData("""{"status": {"x": 1}}""", true)]
    [InlineData("""{"metadata": {"annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}"}}}""", true)]
    [InlineData("""{"metadata": {"annotations": {"a": "b"}}}""", false)]
    [InlineData("""{"metadata": {"labels": {"a": "b"}}}""", false)]
    [InlineData("""{"spec": {"content": "other"}}""", false)]
    public void HashOf_Difference_CountsWhenSomebodyDecidedIt(string patch, bool isSame)
    {
        var before = Prompt("a", "x", "kubectl");
        var after = before.DeepClone();
        foreach (var (name, value) in JsonNode.Parse(patch)!.AsObject())
        {
            foreach (var (inner, item) in value!.AsObject())
            {
                (after.Json[name] ??= new JsonObject())[inner] = item?.DeepClone();
            }
        }

        Assert.Equal(isSame, ObservedState.HashOf(before) == ObservedState.HashOf(after));
    }

    private Task<List<AuditRow>> RowsAsync() => _test.Database.ReadAsync(context => context.Audit.OrderBy(row => row.Sequence).ToListAsync());

    private static KubeObject Prompt(string name, string content, string manager, long generation = 1) => new(JsonNode.Parse($$$"""
        {"apiVersion": "genkit.dev/v1alpha1", "kind": "Prompt",
         "metadata": {"name": "{{{name}}}", "namespace": "team", "uid": "uid-{{{name}}}", "generation": {{{generation}}},
            "managedFields": [{"manager": "{{{manager}}}", "operation": "Update", "time": "2030-01-01T00:00:00Z", "fieldsV1": {"f:spec": {"f:content": {} } } } ]},
         "spec": {"content": "{{{content}}}"}}
        """)!.AsObject());
}
