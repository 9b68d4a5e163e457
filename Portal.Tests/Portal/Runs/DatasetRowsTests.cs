using Portal.Auth;
using Portal.Features.Ownership;
using Portal.Features.Playground;
using Portal.Features.Prices;
using Portal.Features.Runs;
using Portal.Features.Usage;
using Portal.Tests.Operator;
using Portal.Tests.Portal.Auth;
using Portal.Tests.Portal.Data;

namespace Portal.Tests.Portal.Runs;

public sealed class DatasetRowsTests(IdleOperatorFixture fixture) : IClassFixture<IdleOperatorFixture>, IDisposable
{
    private readonly TestDatabase _test = new();
    private readonly CurrentUser _ada = TestUsers.Of(LocalPersona.Author);

    public void Dispose() => _test.Dispose();

    [Fact]
    public async Task Add_NewThenAgainThenAnother_GrowsTheDatasetOnceEach()
    {
        var (rows, place, space) = await NewAsync();

        Assert.Null(await rows.AddAsync(_ada, place, "1", "samples", "Hello Ada", default));
        Assert.Contains("already", await rows.AddAsync(_ada, place, "1", "samples", "Hello Ada", default), StringComparison.Ordinal);
        Assert.Null(await rows.AddAsync(_ada, place, "1", "samples", "Hi Ada", default));

        var inline = (await space.FindAsync("Dataset", "samples"))!.Json["spec"]!["source"]!["inline"]!.AsArray();
        Assert.Equal(["{\"input\":{\"who\":\"Ada\"},\"reference\":\"Hello Ada\"}", "{\"input\":{\"who\":\"Ada\"},\"reference\":\"Hi Ada\"}"], inline.Select(row => row!.ToJsonString()));
        Assert.Equal(2, await _test.Database.ReadAsync(context => Task.FromResult(context.Audit.Count(row => row.Action == "dataset.row-added"))));
        Assert.Equal(["samples"], await rows.ListAsync(_ada, place, default));
    }

    [Theory]
    [InlineData("Bad Name", "1", "needs a name")]
    [InlineData("ok", "nothing", "no run")]
    [InlineData("ok", "2", "not kept whole")]
    [InlineData("elsewhere", "1", "ConfigMap")]
    [InlineData("table", "1", "CSV")]
    public async Task Add_WhatCannotBe_SaysWhy(string dataset, string run, string expected)
    {
        var (rows, place, space) = await NewAsync();
        await space.ApplyAsync("kind: Dataset\nmetadata: { name: elsewhere }\nspec: { format: json, source: { configMapRef: { name: x } } }");
        await space.ApplyAsync("kind: Dataset\nmetadata: { name: table }\nspec: { format: csv, source: { inline: \"a,b\\n1,2\\n\" } }");

        Assert.Contains(expected, await rows.AddAsync(_ada, place, run, dataset, "x", default), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Add_KeptByArgo_IsRefused()
    {
        var (rows, place, space) = await NewAsync();
        await space.ApplyAsync("kind: Dataset\nmetadata: { name: theirs, labels: { argocd.argoproj.io/instance: prompts } }\nspec: { format: json, source: { inline: [] } }");

        await Assert.ThrowsAsync<OwnedObjectException>(() => rows.AddAsync(_ada, place, "1", "theirs", "x", default));
        await Assert.ThrowsAsync<AccessDeniedException>(() => rows.AddAsync(TestUsers.Of(LocalPersona.Approver), place, "1", "new", "x", default));
    }

    private async Task<(DatasetRows Rows, string Namespace, TestNamespace Space)> NewAsync()
    {
        var space = await fixture.NewNamespaceAsync();
        var prices = new PriceBook([], []);
        var journal = new RunJournal(_test.Database, prices, new UsageLog(_test.Database, prices, TimeProvider.System));
        var run = new RunSnapshot
        {
            Id = "1",
            Namespace = space.Name,
            Prompt = "p",
            Input = new JsonObject { ["who"] = "Ada" },
            Output = "Hello Ada",
            StartedAt = TimeProvider.System.GetUtcNow(),
            State = RunState.Completed,
        };
        await journal.CloseAsync(run);
        await journal.CloseAsync(run with { Id = "2", Input = new JsonObject { ["photo"] = "data:image/png;base64,AAAA" } });
        var reader = new RunReader(_test.Database, _ => null, prices);
        return (new DatasetRows(fixture.Client, new PersonalCluster(fixture.Client, new PortalOptions()), reader, _test.Audit), space.Name, space);
    }
}
