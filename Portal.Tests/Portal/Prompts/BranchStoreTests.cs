using Portal.Auth;
using Portal.Features.Prompts;
using Portal.Features.Prompts.Branches;
using Portal.Features.Releases.Revisions;
using Portal.Tests.Operator;
using Portal.Tests.Portal.Auth;
using Portal.Tests.Portal.Data;
using Portal.Tests.Portal.Playground;
using Portal.Tests.Shared;

namespace Portal.Tests.Portal.Prompts;

public sealed class BranchStoreTests(IdleOperatorFixture fixture) : IClassFixture<IdleOperatorFixture>, IDisposable
{
    private const string Manifest = "kind: Prompt\nmetadata: { name: hello }\nspec:\n  content: \"one\\ntwo\\nthree\\n\"";
    private readonly TestDatabase _test = new();
    private readonly ManualTimeProvider _clock = new();
    private readonly CurrentUser _ada = TestUsers.Of(LocalPersona.Author);

    public void Dispose() => _test.Dispose();

    [Fact]
    public async Task Merge_BothChanged_GivesTheOriginADraftWithBoth()
    {
        var (branches, drafts, place) = await NewAsync();
        Assert.Null(await branches.BeginAsync(_ada, place, "hello", "hello-b", default));
        await drafts.SaveAsync(_ada, place, "hello-b", "one\ntwo\nTHREE\n", null, DateTime.MaxValue, default);
        await drafts.SaveAsync(_ada, place, "hello", "ONE\ntwo\nthree\n", "one\ntwo\nthree\n", null, default);

        var merge = (await branches.PrepareAsync(place, "hello-b", default))!;
        var seen = (await drafts.FindAsync(place, "hello", default))!.UpdatedAt;
        Assert.True(await branches.MergeAsync(_ada, (await branches.FindAsync(place, "hello-b", default))!, merge.Text!, seen, default));

        Assert.Equal("ONE\ntwo\nTHREE\n", (await drafts.FindAsync(place, "hello", default))!.Content);

        // What was merged is not a change any more: a second merge brings only what is new.
        await drafts.SaveAsync(_ada, place, "hello-b", "one\ntwo\nTHREE\nfour\n", null, DateTime.MaxValue, default);
        Assert.Equal("ONE\ntwo\nTHREE\nfour\n", (await branches.PrepareAsync(place, "hello-b", default))!.Text);
    }

    [Fact]
    public async Task Merge_OriginChangedMeanwhile_IsNotWritten()
    {
        var (branches, drafts, place) = await NewAsync();
        await branches.BeginAsync(_ada, place, "hello", "hello-b", default);
        await drafts.SaveAsync(_ada, place, "hello", "somebody else", "one\ntwo\nthree\n", null, default);

        Assert.False(await branches.MergeAsync(_ada, (await branches.FindAsync(place, "hello-b", default))!, "merged", null, default));

        Assert.Equal("somebody else", (await drafts.FindAsync(place, "hello", default))!.Content);
    }

    [Theory]
    [InlineData("hello", "hello", "already")]
    [InlineData("hello", "Not Good", "lower-case")]
    [InlineData("nothing", "new", "no prompt")]
    public async Task Begin_WhatCannotBe_SaysWhy(string origin, string name, string expected)
    {
        var (branches, _, place) = await NewAsync();

        Assert.Contains(expected, await branches.BeginAsync(_ada, place, origin, name, default), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Begin_ByAnApprover_IsDenied()
    {
        var (branches, _, place) = await NewAsync();

        await Assert.ThrowsAsync<AccessDeniedException>(() => branches.BeginAsync(TestUsers.Of(LocalPersona.Approver), place, "hello", "hello-b", default));
    }

    private async Task<(BranchStore Branches, DraftStore Drafts, string Namespace)> NewAsync()
    {
        var place = await fixture.NewNamespaceAsync();
        await place.ApplyAsync(Manifest);
        await fixture.UntilSeenAsync(place, Manifest);
        var drafts = new DraftStore(_test.Database, _test.Audit, _clock);
        return (new BranchStore(_test.Database, new PromptCatalog(fixture.Informers), drafts, new RevisionStore(_test.Database, _clock), _test.Audit, _clock), drafts, place.Name);
    }
}
