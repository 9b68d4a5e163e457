using Microsoft.EntityFrameworkCore;
using Portal.Auth;
using Portal.Data;
using Portal.Features.Releases;
using Portal.Features.Releases.Policies;
using Portal.Features.Releases.States;
using Portal.Kubernetes.Objects;
using Portal.Operator.Prompts;
using Portal.Tests.Operator;
using Portal.Tests.Portal.Playground;

namespace Portal.Tests.Portal.Releases;

/// <summary>The story of a request, with several people, on a real API server.</summary>
public sealed class ReleaseDeskTests : IClassFixture<IdleOperatorFixture>, IDisposable
{
    private const string Good = TestDesk.Good;
    private readonly IdleOperatorFixture _fixture;
    private readonly TestDesk _desk;
    private readonly CurrentUser _ada = TestDesk.Person("Ada", PortalRole.Author);
    private readonly CurrentUser _ben = TestDesk.Person("Ben", PortalRole.Approver);
    private readonly CurrentUser _root = TestDesk.Person("Root", PortalRole.Admin);

    public ReleaseDeskTests(IdleOperatorFixture fixture) => (_fixture, _desk) = (fixture, new TestDesk(fixture, new ReleasePolicy { Approvals = 1 }));

    public void Dispose() => _desk.Dispose();

    [Fact]
    public async Task Approve_ByAnotherPerson_PublishesWithBothNames()
    {
        var place = await NewAsync();
        var asked = await _desk.SubmitAsync(place.Name, Good, _ada);
        Assert.Equal(ReleaseStatus.Open, asked.Release!.Status);
        Assert.Null(await _desk.LiveAsync(place.Name));

        var approved = await ApproveAsync(asked.Release, _ben);

        Assert.Equal(ReleaseStatus.Published, approved.Release!.Status);
        var prompt = Prompt.FromJson((await place.GetAsync("Prompt", "hello")).Json);
        Assert.Equal(Good, prompt.Spec.Content);
        Assert.Equal(("1", "Ada <test:Ada>", "Ben <test:Ben>"), (prompt.Annotations[ReleaseAnnotations.Revision], prompt.Annotations[ReleaseAnnotations.RequestedBy],
            prompt.Annotations[ReleaseAnnotations.ApprovedBy]));
        Assert.Equal([("submitted", "Ada"), ("approved", "Ben"), ("publishing", "Ben"), ("published", "GenkitPortal")],
            (await _desk.List.FindAsync(asked.Release.Id, _ada, default))!.Events.Select(item => (item.Kind, item.ActorName)));
        Assert.Equal([("release.submitted", "Ada"), ("release.approved", "Ben"), ("release.publishing", "Ben"), ("release.published", "GenkitPortal")], await AuditAsync());
    }

    [Fact]
    public async Task Submit_ByATokenThatMayNotSeeIt_IsRefusedBeforeAnythingHappens()
    {
        var place = await NewAsync();

        await Assert.ThrowsAsync<AccessDeniedException>(() => _desk.SubmitAsync(place.Name, Good, TestDesk.Token("ci", Permission.SubmitRelease, Permission.PublishDirectly)));

        Assert.Empty(await _desk.Database.ReadAsync(context => context.Releases.ToListAsync()));
    }

    [Fact]
    public async Task Approve_ByItsAuthor_IsRefusedAndAudited()
    {
        var place = await NewAsync();
        var asked = await _desk.SubmitAsync(place.Name, Good, _root);

        var refused = await ApproveAsync(asked.Release!, _root);

        Assert.Equal((RefusalReason.Forbidden, ReleaseStatus.Open), (refused.Refusal!.Reason, refused.Release!.Status));
        Assert.Contains("yourself", refused.Refusal.Message, StringComparison.Ordinal);
        Assert.Equal("Refused", (await _desk.Database.ReadAsync(context => context.Audit.OrderBy(row => row.Sequence).LastAsync())).Result);
        Assert.Null(await _desk.LiveAsync(place.Name));
    }

    [Fact]
    public async Task Approve_ByAToken_IsRefused()
    {
        var place = await NewAsync();
        var asked = await _desk.SubmitAsync(place.Name, Good, TestDesk.Token("ci"));
        Assert.Equal(ReleaseStatus.Open, asked.Release!.Status);

        var refused = await ApproveAsync(asked.Release, TestDesk.Token("other"));

        Assert.Equal(RefusalReason.Forbidden, refused.Refusal!.Reason);
        Assert.Equal(RefusalReason.Forbidden,
            (await _desk.Desk.ExecuteAsync(asked.Release.Id, new ReleaseCommand.BreakGlass(asked.Release.Hash, "because"), TestDesk.Token("other"), default)).Refusal!.Reason);
    }

    [Fact]
    public async Task Submit_ByAViewerOrApprover_IsDenied()
    {
        var place = await NewAsync();

        await Assert.ThrowsAsync<AccessDeniedException>(() => _desk.SubmitAsync(place.Name, Good, TestDesk.Person("Vic", PortalRole.Viewer)));
        await Assert.ThrowsAsync<AccessDeniedException>(() => _desk.SubmitAsync(place.Name, Good, _ben));
    }

    [Fact]
    public async Task Revise_AfterAnApproval_VoidsIt()
    {
        _desk.Settings = new ReleaseSettings(new ReleasePolicy { Approvals = 2 }, []);
        _desk.Restart();
        var place = await NewAsync();
        var asked = await _desk.SubmitAsync(place.Name, Good, _ada);
        await ApproveAsync(asked.Release!, _ben);

        var revised = await _desk.Desk.ReviseAsync(asked.Release!.Id, TestDesk.Submission(place.Name, Good + "!"), _ada, default);

        Assert.NotEqual(asked.Release.Hash, revised.Release!.Hash);
        Assert.Equal(RefusalReason.Conflict, (await ApproveAsync(asked.Release, TestDesk.Person("Cleo", PortalRole.Approver))).Refusal!.Reason);
        Assert.Equal(ReleaseStatus.Open, (await ApproveAsync(revised.Release, TestDesk.Person("Cleo", PortalRole.Approver))).Release!.Status);
        Assert.Equal(ReleaseStatus.Published, (await ApproveAsync(revised.Release, _ben)).Release!.Status);
        Assert.Equal(Good + "!", await _desk.LiveAsync(place.Name));
    }

    [Fact]
    public async Task Approve_TwoAtOnceAndClickedTwice_PublishesOnce()
    {
        var place = await NewAsync();
        var asked = await _desk.SubmitAsync(place.Name, Good, _ada);
        var others = Enumerable.Range(0, 4).Select(index => TestDesk.Person($"Approver{index}", PortalRole.Approver)).ToList();

        var results = await Task.WhenAll(others.Concat(others).Select(user => Task.Run(() => ApproveAsync(asked.Release!, user))));

        Assert.Contains(results, result => result.Refusal is null);
        Assert.All(results, result => Assert.True(result.Refusal is null or { Reason: RefusalReason.Conflict }, result.Refusal?.Message));
        Assert.Single(await _desk.Database.ReadAsync(context => context.Publications.ToListAsync()));
        Assert.Equal(1, (await place.GetAsync("Prompt", "hello")).Generation);
    }

    [Fact]
    public async Task Approve_WhileTheContentChanges_PublishesOnlyWhatWasAgreed()
    {
        var place = await NewAsync();
        var asked = await _desk.SubmitAsync(place.Name, Good, _ada);

        await Task.WhenAll(
            Task.Run(() => ApproveAsync(asked.Release!, _ben)),
            Task.Run(() => _desk.Desk.ReviseAsync(asked.Release!.Id, TestDesk.Submission(place.Name, Good + " and more"), _ada, default)));

        // Either the approval came first and the old content went out, or it was about another content and nothing did.
        var end = (await _desk.List.FindAsync(asked.Release!.Id, _ada, default))!.Release;
        Assert.Equal((end.Status, await _desk.LiveAsync(place.Name)), end.Status == ReleaseStatus.Published ? (ReleaseStatus.Published, Good) : (ReleaseStatus.Open, null));
    }

    [Fact]
    public async Task Approve_WhileItIsWithdrawn_EndsInOneOfBoth()
    {
        var place = await NewAsync();
        var asked = await _desk.SubmitAsync(place.Name, Good, _ada);

        await Task.WhenAll(
            Task.Run(() => ApproveAsync(asked.Release!, _ben)),
            Task.Run(() => _desk.Desk.ExecuteAsync(asked.Release!.Id, new ReleaseCommand.Withdraw(null), _ada, default)));

        var status = (await _desk.List.FindAsync(asked.Release!.Id, _ada, default))!.Release.Status;
        Assert.Equal(status == ReleaseStatus.Withdrawn ? null : Good, await _desk.LiveAsync(place.Name));
        Assert.True(status is ReleaseStatus.Withdrawn or ReleaseStatus.Published, status.ToString());
    }

    [Fact]
    public async Task BreakGlass_WithAReason_PublishesAndMarksTheObject()
    {
        var place = await NewAsync();

        var result = await _desk.Desk.SubmitAsync(TestDesk.Submission(place.Name, Good) with { BreakGlass = "Customers see nonsense" }, _root, default);

        Assert.Equal((ReleaseStatus.Published, "Customers see nonsense"), (result.Release!.Status, result.Release.Bypass));
        Assert.Equal("Customers see nonsense", (await place.GetAsync("Prompt", "hello")).Annotations[ReleaseAnnotations.Bypass]);
        Assert.Contains(("release.bypassed", "Root"), await AuditAsync());
    }

    [Fact]
    public async Task BreakGlass_ByAnAuthor_IsRefusedAndTheRequestStays()
    {
        var place = await NewAsync();

        var result = await _desk.Desk.SubmitAsync(TestDesk.Submission(place.Name, Good) with { BreakGlass = "I want it" }, _ada, default);

        Assert.Equal((RefusalReason.Forbidden, ReleaseStatus.Open), (result.Refusal!.Reason, result.Release!.Status));
        Assert.Null(await _desk.LiveAsync(place.Name));
    }

    [Fact]
    public async Task Submit_WithATime_GoesOutThen()
    {
        var place = await NewAsync();
        var at = _desk.Clock.GetUtcNow() + TimeSpan.FromHours(2);
        var asked = await _desk.Desk.SubmitAsync(TestDesk.Submission(place.Name, Good) with { PublishAt = at }, _ada, default);
        Assert.Equal(ReleaseStatus.Approved, (await ApproveAsync(asked.Release!, _ben)).Release!.Status);
        _desk.Clock.Advance(TimeSpan.FromHours(1));
        await _desk.Desk.TickAsync(default);
        await _desk.Publisher.PublishPendingAsync(default);
        Assert.Null(await _desk.LiveAsync(place.Name));

        _desk.Clock.Advance(TimeSpan.FromHours(1));
        await _desk.Desk.TickAsync(default);
        await _desk.Publisher.PublishPendingAsync(default);

        Assert.Equal(Good, await _desk.LiveAsync(place.Name));
    }

    [Fact]
    public async Task Tick_PolicyTightenedBeforeTheTime_AsksAgain()
    {
        var place = await NewAsync();
        var at = _desk.Clock.GetUtcNow() + TimeSpan.FromHours(1);
        var asked = await _desk.Desk.SubmitAsync(TestDesk.Submission(place.Name, Good) with { PublishAt = at }, _ada, default);
        await ApproveAsync(asked.Release!, _ben);
        _desk.Settings = new ReleaseSettings(new ReleasePolicy { Approvals = 2 }, []);
        _desk.Restart();
        _desk.Clock.Advance(TimeSpan.FromHours(2));

        await _desk.Desk.TickAsync(default);

        Assert.Equal(ReleaseStatus.Open, (await _desk.List.FindAsync(asked.Release!.Id, _ada, default))!.Release.Status);
        Assert.Null(await _desk.LiveAsync(place.Name));
    }

    [Fact]
    public async Task Submit_ASet_AppliesAllInTheOrderOfReference()
    {
        var place = await NewAsync();
        var set = TestDesk.Submission(place.Name, Good) with
        {
            Objects =
            [
                new ReleaseObject("Flow", "greeter", """{"image":"x","prompts":[{"promptRef":{"name":"hello"}}]}"""),
                new ReleaseObject("Prompt", "hello", Good),
                new ReleaseObject("Model", "fast", """{"provider":"openai","model":"gpt","pluginConfigRef":{"name":"openai"}}"""),
            ],
        };

        var asked = await _desk.Desk.SubmitAsync(set, _ada, default);
        var done = await ApproveAsync(asked.Release!, _ben);

        Assert.Equal((ReleaseStatus.Published, null), (done.Release!.Status, done.Release.Problem));
        Assert.Equal(["Model", "Prompt", "Flow"], await _desk.Database.ReadAsync(context => context.Publications.OrderBy(row => row.RequestedAt).Select(row => row.Kind).ToListAsync()));
        Assert.Equal("Ben <test:Ben>", (await place.GetAsync("Flow", "greeter")).Annotations[ReleaseAnnotations.ApprovedBy]);
    }

    [Fact]
    public async Task Submit_ASetOfWhichOneIsRefused_StopsAndFails()
    {
        var place = await NewAsync();
        var set = TestDesk.Submission(place.Name, Good) with
        {
            Objects = [new ReleaseObject("Prompt", "hello", Good), new ReleaseObject("Model", "fast", """{"provider":"openai"}""")],
        };

        var asked = await _desk.Desk.SubmitAsync(set, _ada, default);
        var done = await ApproveAsync(asked.Release!, _ben);

        Assert.Equal(ReleaseStatus.Failed, done.Release!.Status);
        Assert.Contains("Model", done.Release.Problem, StringComparison.Ordinal);
        Assert.Null(await _desk.LiveAsync(place.Name));
    }

    [Theory]
    [InlineData("Flow", "healthz", """{"image":"x"}""", "Flow healthz: metadata.name: ")]
    [InlineData("Model", "fast", """{"provider":5}""", "Model fast: spec.provider: ")]
    public async Task Submit_WhatAdmissionRefuses_IsRefusedWithTheField(string kind, string name, string content, string expected)
    {
        var place = await NewAsync();

        var asked = await _desk.Desk.SubmitAsync(TestDesk.Submission(place.Name, Good) with { Objects = [new ReleaseObject(kind, name, content)] }, _ada, default);

        Assert.Equal(RefusalReason.Invalid, asked.Refusal!.Reason);
        Assert.StartsWith(expected, asked.Refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Submit_ToAnEnvironmentOfLabels_GoesToEachNamespaceAndKeepsItsPolicy()
    {
        var (one, two) = (await NewAsync(), await NewAsync());
        foreach (var place in new[] { one, two })
        {
            await LabelAsync(place.Name, "stage", "live");
        }

        _desk.Settings = new ReleaseSettings(new ReleasePolicy(),
            [new ReleaseEnvironment { Name = "live", Labels = new Dictionary<string, string> { ["stage"] = "live" }, Policy = new ReleasePolicy { Approvals = 1, RequiredGroups = ["leads"] } }]);
        _desk.Restart();

        var asked = await _desk.Desk.SubmitAsync(TestDesk.Submission("", Good) with { Environment = "live", Namespace = null }, _ada, default);
        Assert.Equal(RefusalReason.Forbidden, (await ApproveAsync(asked.Release!, _ben)).Refusal!.Reason);
        var done = await ApproveAsync(asked.Release!, TestDesk.Person("Lea", PortalRole.Approver, "leads"));

        Assert.Equal(ReleaseStatus.Published, done.Release!.Status);
        Assert.Equal((Good, Good), (await _desk.LiveAsync(one.Name), await _desk.LiveAsync(two.Name)));
        Assert.Equal(ReleaseStatus.Open, (await _desk.SubmitAsync(one.Name, Good + "!", _root)).Release!.Status);
    }

    [Fact]
    public async Task Retry_AfterTheClusterRefused_NeedsNoNewApproval()
    {
        var place = await NewAsync();
        var asked = await _desk.SubmitAsync(place.Name, Good, _ada);
        _desk.Handler.Refuse = request => request.Method == HttpMethod.Patch;
        Assert.Equal(ReleaseStatus.Failed, (await ApproveAsync(asked.Release!, _ben)).Release!.Status);
        _desk.Handler.Refuse = _ => false;

        var again = await _desk.Desk.ExecuteAsync(asked.Release!.Id, new ReleaseCommand.Retry(), _ada, default);

        Assert.Equal((ReleaseStatus.Published, null), (again.Release!.Status, again.Release.Problem));
        Assert.Equal(Good, await _desk.LiveAsync(place.Name));
    }

    [Fact]
    public async Task History_InTheDatabase_CannotBeRewritten()
    {
        var place = await NewAsync();
        await _desk.SubmitAsync(place.Name, Good, _ada);

        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => _desk.Database.WriteAsync(context => context.Revisions.ExecuteDeleteAsync(), default));
        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() =>
            _desk.Database.WriteAsync(context => context.ReleaseEvents.ExecuteUpdateAsync(rows => rows.SetProperty(row => row.ActorName, "Nobody")), default));
    }

    private Task<ReleaseResult> ApproveAsync(Release release, CurrentUser user) =>
        _desk.Desk.ExecuteAsync(release.Id, new ReleaseCommand.Approve(release.Hash, null), user, default);

    private async Task<List<(string Action, string Actor)>> AuditAsync() =>
        [.. (await _desk.Database.ReadAsync(context => context.Audit.OrderBy(row => row.Sequence).ToListAsync())).Select(row => (row.Action, row.ActorName))];

    /// <summary>Labels a namespace and waits until the informers know.</summary>
    private async Task LabelAsync(string @namespace, string key, string value)
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var subscription = _fixture.Informers.Get(BuiltIn.Namespace).Subscribe(change =>
        {
            if (change.Object.Name == @namespace && change.After?.Labels.ContainsKey(key) == true)
            {
                seen.TrySetResult();
            }
        });
        var patch = new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { [key] = value } } };
        await _fixture.Client.Resource(BuiltIn.Namespace).MergePatchAsync(null, @namespace, patch, null, null, default);
        await seen.Task.WaitAsync(RunningPortal.Patience);
    }

    private async Task<TestNamespace> NewAsync()
    {
        var place = await _fixture.NewNamespaceAsync();
        await _fixture.UntilSeenAsync(place);
        return place;
    }
}
