using Bunit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Auth;
using Portal.Features.Prompts;
using Portal.Features.Releases;
using Portal.Features.Releases.Policies;
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
        var live = await EditAsync(place, "Edited");
        var drift = (await drifts.FindAsync(live, default))!;

        Assert.True(await drifts.AdoptAsync(drift, _root, default));

        Assert.Null(await drifts.FindAsync(live, default));
        var row = await _desk.Database.ReadAsync(context => context.Audit.OrderBy(row => row.Sequence).LastAsync());
        Assert.Equal(("drift.adopted", "test:Root", "hello"), (row.Action, row.ActorId, row.Name));
        Assert.Contains("Written by kubectl-edit", row.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AdoptAsync_ChangedOnceMore_AdoptsNothing()
    {
        var drifts = New();
        var place = await PublishAsync();
        var drift = (await drifts.FindAsync(await EditAsync(place, "Edited"), default))!;
        await EditAsync(place, "Edited again");

        Assert.False(await drifts.AdoptAsync(drift, _root, default));

        Assert.NotNull(await drifts.FindAsync(await LiveAsync(place), default));
    }

    [Fact]
    public async Task AdoptAsync_WhereApprovalIsNeeded_TakesAnApprover()
    {
        var place = await PublishAsync();
        var drifts = New(new ReleasePolicy { Approvals = 1 });
        var drift = (await drifts.FindAsync(await EditAsync(place, "Edited"), default))!;

        await Assert.ThrowsAsync<AccessDeniedException>(() => drifts.AdoptAsync(drift, TestDesk.Person("Ada", PortalRole.Author), default));

        Assert.True(await drifts.AdoptAsync(drift, TestDesk.Person("Ben", PortalRole.Approver), default));
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

    private Drifts New(ReleasePolicy? policy = null) =>
        new(_desk.Database, _desk.Client, new EnvironmentDirectory(_fixture.Informers, new ReleaseSettings(policy ?? new ReleasePolicy(), [])), _desk.Audit, _desk.Clock);

    private async Task<string> PublishAsync()
    {
        var place = await NewNamespaceAsync();
        var result = await _desk.SubmitAsync(place, TestDesk.Good, _root);
        Assert.Equal(global::Portal.Data.ReleaseStatus.Published, result.Release!.Status);
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
