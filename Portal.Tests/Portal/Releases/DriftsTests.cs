using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Portal.Auth;
using Portal.Data;
using Portal.Features.Releases;
using Portal.Features.Releases.Policies;
using Portal.Features.Releases.States;
using Portal.Kubernetes.Client;
using Portal.Operator.Prompts;
using Portal.Tests.Operator;
using Portal.Tests.Portal.Components;
using Portal.Tests.Portal.Playground;

namespace Portal.Tests.Portal.Releases;

public sealed class DriftsTests : IClassFixture<IdleOperatorFixture>, IDisposable
{
    private readonly IdleOperatorFixture _fixture;
    private readonly TestDesk _desk;
    private readonly CurrentUser _root = TestDesk.Person("Root", PortalRole.Admin);

    public DriftsTests(IdleOperatorFixture fixture) => (_fixture, _desk) = (fixture, new TestDesk(fixture));

    public void Dispose() => _desk.Dispose();

    [Fact]
    public async Task FindAsync_EditedWithKubectl_SaysWhatWasPublishedAndWhoWrote()
    {
        var drifts = New();
        var place = await PublishAsync();
        Assert.Null(await drifts.FindAsync(await LiveAsync(place), default));

        var drift = await drifts.FindAsync(await EditAsync(place, "Edited"), default);

        Assert.Equal((TestDesk.Good, 1, "Edited", "kubectl-edit"), (drift!.Published, drift.Revision, drift.Live, drift.Writer!.Manager));
    }

    [Fact]
    public async Task FindAsync_NeverPublishedHereOrKeptByArgo_IsNoDrift()
    {
        var drifts = New();
        var place = await NewNamespaceAsync();
        Assert.Null(await drifts.FindAsync(await EditAsync(place, "Theirs"), default));

        var published = await PublishAsync();
        Assert.Null(await drifts.FindAsync(await EditAsync(published, "Argo's", "argocd-controller"), default));
    }

    [Fact]
    public async Task AdoptAsync_WhatWasSeen_IsPublishedFromThenOn()
    {
        var drifts = New();
        var place = await PublishAsync();
        var drift = (await drifts.FindAsync(await EditAsync(place, "Edited"), default))!;

        var result = await drifts.AdoptAsync(drift, _root, default);

        Assert.Equal(ReleaseStatus.Published, result.Release!.Status);
        Assert.Null(await drifts.FindAsync(await LiveAsync(place), default));
        Assert.Equal(("Edited", "2", "Root <test:Root>"), ((await LiveAsync(place)).Spec.Content, (await LiveAsync(place)).Annotations[ReleaseAnnotations.Revision],
            (await LiveAsync(place)).Annotations[ReleaseAnnotations.RequestedBy]));
        Assert.StartsWith("Adopt what kubectl-edit wrote", result.Release.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AdoptAsync_ChangedOnceMore_AdoptsNothing()
    {
        var drifts = New();
        var place = await PublishAsync();
        var drift = (await drifts.FindAsync(await EditAsync(place, "Edited"), default))!;
        await EditAsync(place, "Edited again");

        Assert.Equal(RefusalReason.Conflict, (await drifts.AdoptAsync(drift, _root, default)).Refusal!.Reason);

        Assert.NotNull(await drifts.FindAsync(await LiveAsync(place), default));
    }

    [Fact]
    public async Task AdoptAsync_UnderAPolicy_TakesEveryApprovalOfTheGroupAndNotOnesOwn()
    {
        var place = await PublishAsync();
        var drifts = New(new ReleasePolicy { Approvals = 2, RequiredGroups = ["leads"] });
        var live = await EditAsync(place, "Edited");
        var (ada, ben) = (TestDesk.Person("Ada", PortalRole.Admin, "leads"), TestDesk.Person("Ben", PortalRole.Approver, "leads"));

        var asked = (await drifts.AdoptAsync((await drifts.FindAsync(live, default))!, ada, default)).Release!;
        Assert.Equal((ReleaseStatus.Open, asked.Id), (asked.Status, (await drifts.FindAsync(live, default))!.Request));
        Task<ReleaseResult> ApproveAsync(CurrentUser user) => _desk.Desk.ExecuteAsync(asked.Id, new ReleaseCommand.Approve(asked.Hash, null), user, default);
        Assert.Equal(RefusalReason.Forbidden, (await ApproveAsync(ada)).Refusal!.Reason);
        Assert.Equal(RefusalReason.Forbidden, (await ApproveAsync(TestDesk.Person("Cid", PortalRole.Approver))).Refusal!.Reason);
        Assert.Equal(ReleaseStatus.Open, (await ApproveAsync(ben)).Release!.Status);
        Assert.NotNull(await drifts.FindAsync(live, default));

        Assert.Equal(ReleaseStatus.Published, (await ApproveAsync(TestDesk.Person("Dora", PortalRole.Approver, "leads"))).Release!.Status);
        Assert.Null(await drifts.FindAsync(await LiveAsync(place), default));
    }

    [Fact]
    public async Task AdoptAsync_InAFreeze_WaitsForItsEnd()
    {
        var place = await PublishAsync();
        var now = _desk.Clock.GetUtcNow();
        var drifts = New(new ReleasePolicy { Freezes = [new FreezeWindow { From = now, To = now + TimeSpan.FromHours(1) }] });
        var live = await EditAsync(place, "Edited");

        Assert.Equal(ReleaseStatus.Approved, (await drifts.AdoptAsync((await drifts.FindAsync(live, default))!, _root, default)).Release!.Status);
        Assert.NotNull(await drifts.FindAsync(live, default));
    }

    [Fact]
    public async Task Banner_Drifted_ComparesThreeWaysAndAdopts()
    {
        var place = await PublishAsync();
        var live = await EditAsync(place, "Edited");
        await using var context = UiContext.New(services => services.AddSingleton(New()));

        var banner = context.Render<DriftBanner>(parameters => parameters.Add(item => item.Live, live).Add(item => item.Mine, "My own"));
        banner.WaitForAssertion(() => Assert.Contains("kubectl-edit changed this prompt", banner.ByTestId("drift").TextContent, StringComparison.Ordinal));
        await banner.ByTestId("drift-compare").ClickAsync();
        Assert.Equal(["Published → live", "Live → mine", "Published → mine"], banner.FindAll("[role='tab']").Select(tab => tab.TextContent));
        await banner.ByTestId("drift-adopt").ClickAsync();

        banner.WaitForAssertion(() => Assert.Empty(banner.FindAll("[data-testid='drift']")));
    }

    private Drifts New(ReleasePolicy? policy = null)
    {
        if (policy is not null)
        {
            _desk.Settings = new ReleaseSettings(policy, []);
            _desk.Restart();
        }

        return new Drifts(_desk.Database, _desk.Desk);
    }

    private async Task<string> PublishAsync()
    {
        var place = await NewNamespaceAsync();
        var result = await _desk.SubmitAsync(place, TestDesk.Good, _root);
        Assert.Equal(ReleaseStatus.Published, result.Release!.Status);
        return place;
    }

    private async Task<string> NewNamespaceAsync()
    {
        var place = await _fixture.NewNamespaceAsync();
        await _fixture.UntilSeenAsync(place);
        return place.Name;
    }

    private Task<Prompt> LiveAsync(string place) => _fixture.Client.Resource<Prompt>().GetAsync(place, "hello", default);

    private Task<Prompt> EditAsync(string place, string content, string manager = "kubectl-edit") => _fixture.Client.Resource<Prompt>().ApplyAsync(
        new Prompt(new JsonObject
        {
            ["apiVersion"] = "genkit.dev/v1alpha1",
            ["kind"] = "Prompt",
            ["metadata"] = new JsonObject { ["name"] = "hello", ["namespace"] = place },
            ["spec"] = new JsonObject { ["content"] = content },
        }),
        new WriteOptions { Manager = new FieldManager(manager), Force = true }, default);
}
