using Microsoft.EntityFrameworkCore;
using Portal.Auth;
using Portal.Data;
using Portal.Features.Flows;
using Portal.Features.Prompts;
using Portal.Features.Releases;
using Portal.Features.Releases.Policies;
using Portal.Features.Releases.States;
using Portal.Operator.Admission;
using Portal.Operator.Flows;
using Portal.Tests.Operator;
using Portal.Tests.Portal.Playground;

namespace Portal.Tests.Portal.Releases;

/// <summary>Taking prompts away, and making and taking away flows, where the policy asks for others.</summary>
public sealed class DeletionsTests : IClassFixture<IdleOperatorFixture>, IDisposable
{
    private readonly IdleOperatorFixture _fixture;
    private readonly TestDesk _desk;
    private readonly CurrentUser _ada = TestDesk.Person("Ada", PortalRole.Author);
    private readonly CurrentUser _ben = TestDesk.Person("Ben", PortalRole.Approver);
    private readonly CurrentUser _opal = TestDesk.Person("Opal", PortalRole.Operator);
    private readonly CurrentUser _root = TestDesk.Person("Root", PortalRole.Admin);

    public DeletionsTests(IdleOperatorFixture fixture) => (_fixture, _desk) = (fixture, new TestDesk(fixture));

    public void Dispose() => _desk.Dispose();

    [Fact]
    public async Task DeletePrompt_WithoutAPolicy_IsDoneAtOnce()
    {
        var place = await PublishedAsync();

        Assert.True((await Prompts().DeleteAsync(_root, place.Name, "hello", default)).IsMade);

        Assert.Null(await _desk.LiveAsync(place.Name));
    }

    [Fact]
    public async Task DeletePrompt_WhereApprovalIsAsked_IsARequestAndTheDraftStays()
    {
        var place = await PublishedAsync();
        await _desk.Drafts.SaveAsync(_ada, place.Name, "hello", "my own", null, null, default);
        Protect();

        var asked = (await Prompts().DeleteAsync(_root, place.Name, "hello", default)).Request!;

        Assert.Equal((ReleaseStatus.Open, "Delete hello"), (asked.Status, asked.Message));
        Assert.Equal(TestDesk.Good, await _desk.LiveAsync(place.Name));
        Assert.Equal(RefusalReason.Forbidden, (await ApproveAsync(asked, _root)).Refusal!.Reason);

        Assert.Equal(ReleaseStatus.Published, (await ApproveAsync(asked, _ben)).Release!.Status);

        Assert.Null(await _desk.LiveAsync(place.Name));
        Assert.Equal("my own", (await _desk.Drafts.FindAsync(place.Name, "hello", default))!.Content);
        var row = await _desk.Database.ReadAsync(context => context.Audit.Where(row => row.Action == "release.deleted").SingleAsync());
        Assert.Equal(("Prompt", "hello", $"release-{asked.Id}"), (row.Kind, row.Name, row.CorrelationId));
    }

    [Fact]
    public async Task DeletePrompt_ByAnAuthor_CanBeAskedForAndNotDone()
    {
        var place = await PublishedAsync();
        await Assert.ThrowsAsync<AccessDeniedException>(() => Prompts().DeleteAsync(_ada, place.Name, "hello", default));
        Protect();

        Assert.NotNull((await Prompts().DeleteAsync(_ada, place.Name, "hello", default)).Request);

        Assert.Equal(TestDesk.Good, await _desk.LiveAsync(place.Name));
    }

    [Fact]
    public async Task DeletePrompt_InAFreeze_WaitsUnlessTheGlassIsBroken()
    {
        var place = await PublishedAsync();
        var now = _desk.Clock.GetUtcNow();
        Protect(new ReleasePolicy { Freezes = [new FreezeWindow { From = now, To = now + TimeSpan.FromHours(1), Reason = "Sale" }] });

        var asked = (await Prompts().DeleteAsync(_root, place.Name, "hello", default)).Request!;
        Assert.Equal((ReleaseStatus.Approved, TestDesk.Good), (asked.Status, await _desk.LiveAsync(place.Name)));

        var broken = await _desk.Desk.ExecuteAsync(asked.Id, new ReleaseCommand.BreakGlass(asked.Hash, "It tells prices of last year"), _opal, default);

        Assert.Equal((ReleaseStatus.Published, "It tells prices of last year"), (broken.Release!.Status, broken.Release.Bypass));
        Assert.Null(await _desk.LiveAsync(place.Name));
        Assert.Contains("release.bypassed", await _desk.Database.ReadAsync(context => context.Audit.Select(row => row.Action).ToListAsync()));
    }

    [Fact]
    public async Task Approve_DeletionOfWhatChangedMeanwhile_DeletesNothing()
    {
        var place = await PublishedAsync();
        Protect();
        var asked = (await Prompts().DeleteAsync(_root, place.Name, "hello", default)).Request!;
        await place.PatchAsync("Prompt", "hello", """{"spec":{"content":"somebody needs it"}}""");

        var result = await ApproveAsync(asked, _ben);

        Assert.Equal((ReleaseStatus.Failed, "somebody needs it"), (result.Release!.Status, await _desk.LiveAsync(place.Name)));
    }

    [Fact]
    public async Task Submit_DeletionOfNothing_IsRefused()
    {
        var place = await NewAsync();

        var result = await _desk.Desk.SubmitAsync(DeletionOf(place.Name, "Prompt", "hello"), _root, default);

        Assert.Contains("there is nothing to delete", result.Refusal!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Submit_DeletionByATokenThatMayOnlyPublish_AsksForApproval()
    {
        var place = await PublishedAsync();
        var token = TestDesk.Token("ci", Permission.ReadNamespace, Permission.SubmitRelease, Permission.PublishDirectly);

        var result = await _desk.Desk.SubmitAsync(DeletionOf(place.Name, "Prompt", "hello"), token, default);

        Assert.Equal((ReleaseStatus.Open, TestDesk.Good), (result.Release!.Status, await _desk.LiveAsync(place.Name)));
    }

    [Fact]
    public async Task PromptDeletedAndCreatedAnew_ByOthers_IsNoDrift()
    {
        var place = await PublishedAsync();
        await _desk.Desk.SubmitAsync(DeletionOf(place.Name, "Prompt", "hello"), _root, default);
        await place.ApplyAsync("kind: Prompt\nmetadata: { name: hello }\nspec: { content: theirs }");

        Assert.Null(await new Drifts(_desk.Database, _desk.Desk).FindAsync(await place.GetAsync("Prompt", "hello"), default));
    }

    [Fact]
    public async Task Flow_WithoutAPolicy_IsMadeAndDeletedAtOnce()
    {
        var place = await PublishedAsync();

        Assert.True((await Flows().CreateAsync(_opal, FlowIn(place.Name), default)).IsMade);
        Assert.Equal(ChangeResult.Nothing, await Flows().CreateAsync(_opal, FlowIn(place.Name), default));
        Assert.True((await Flows().DeleteAsync(_opal, place.Name, "greeter", default)).IsMade);

        Assert.Equal(ChangeResult.Nothing, await Flows().DeleteAsync(_opal, place.Name, "greeter", default));
    }

    [Fact]
    public async Task Flow_WhereApprovalIsAsked_IsMadeAndDeletedByReleases()
    {
        var place = await PublishedAsync();
        Protect();

        var made = (await Flows().CreateAsync(_opal, FlowIn(place.Name), default)).Request!;
        Assert.Null(await _fixture.Client.Resource<Flow>().FindAsync(place.Name, "greeter", default));
        Assert.Equal(ReleaseStatus.Published, (await ApproveAsync(made, _ben)).Release!.Status);
        Assert.NotNull(await _fixture.Client.Resource<Flow>().FindAsync(place.Name, "greeter", default));

        var deleted = (await Flows().DeleteAsync(_opal, place.Name, "greeter", default)).Request!;
        Assert.NotNull(await _fixture.Client.Resource<Flow>().FindAsync(place.Name, "greeter", default));
        Assert.Equal(ReleaseStatus.Published, (await ApproveAsync(deleted, _ben)).Release!.Status);
        Assert.Null(await _fixture.Client.Resource<Flow>().FindAsync(place.Name, "greeter", default));
    }

    [Fact]
    public async Task Submit_PromptByAnOperator_IsRefused()
    {
        var place = await NewAsync();

        await Assert.ThrowsAsync<AccessDeniedException>(() => _desk.SubmitAsync(place.Name, TestDesk.Good, _opal));
    }

    private PromptCommands Prompts() => new(_desk.Client, new PersonalCluster(_desk.Client, new PortalOptions()), _desk.Drafts, _desk.Changes, _desk.Audit);

    private FlowCommands Flows() => new(
        _desk.Client, new PersonalCluster(_desk.Client, new PortalOptions()), new AdmissionChain(new AdmissionOptions(), static () => null, AdmissionRules.All), _desk.Changes, _desk.Audit);

    private void Protect(ReleasePolicy? policy = null)
    {
        _desk.Settings = new ReleaseSettings(policy ?? new ReleasePolicy { Approvals = 1 }, []);
        _desk.Restart();
    }

    private static ReleaseSubmission DeletionOf(string @namespace, string kind, string name) =>
        new() { Namespace = @namespace, Objects = [new ReleaseObject(kind, name, "") { Deletes = true }] };

    private static Flow FlowIn(string @namespace) => Flow.FromJson(new JsonObject
    {
        ["apiVersion"] = Flow.Definition.ApiVersion,
        ["kind"] = Flow.Definition.Kind,
        ["metadata"] = new JsonObject { ["name"] = "greeter", ["namespace"] = @namespace },
        ["spec"] = new JsonObject { ["image"] = RunnerImage.Name, ["prompts"] = new JsonArray(new JsonObject { ["promptRef"] = new JsonObject { ["name"] = "hello" } }) },
    });

    private Task<ReleaseResult> ApproveAsync(Release release, CurrentUser user) =>
        _desk.Desk.ExecuteAsync(release.Id, new ReleaseCommand.Approve(release.Hash, null), user, default);

    private async Task<TestNamespace> PublishedAsync()
    {
        var place = await NewAsync();
        Assert.Equal(ReleaseStatus.Published, (await _desk.SubmitAsync(place.Name, TestDesk.Good, _root)).Release!.Status);
        return place;
    }

    private async Task<TestNamespace> NewAsync()
    {
        var place = await _fixture.NewNamespaceAsync();
        await _fixture.UntilSeenAsync(place);
        return place;
    }
}
