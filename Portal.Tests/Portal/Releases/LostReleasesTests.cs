using Microsoft.EntityFrameworkCore;
using Portal.Auth;
using Portal.Data;
using Portal.Features.Releases;
using Portal.Features.Releases.Revisions;
using Portal.Operator.Prompts;
using Portal.Tests.Operator;
using Portal.Tests.Portal.Playground;

namespace Portal.Tests.Portal.Releases;

/// <summary>A database restored from yesterday's backup, against a cluster that has gone on.</summary>
public sealed class LostReleasesTests : IClassFixture<IdleOperatorFixture>, IDisposable
{
    private const string Older = "---\nmodel: demo/echo-stream\n---\nOlder";
    private readonly IdleOperatorFixture _fixture;
    private readonly TestDesk _today;
    private readonly TestDesk _yesterday;
    private readonly CurrentUser _root = TestDesk.Person("Root", PortalRole.Admin);

    public LostReleasesTests(IdleOperatorFixture fixture) => (_fixture, _today, _yesterday) = (fixture, new TestDesk(fixture), new TestDesk(fixture));

    public void Dispose()
    {
        _today.Dispose();
        _yesterday.Dispose();
    }

    [Fact]
    public async Task Submit_OnADatabaseOlderThanTheCluster_GivesNoNumberTwice()
    {
        var place = await PublishedTodayAsync();

        await _yesterday.Lost.LookAsync(default);
        var restored = await _yesterday.SubmitAsync(place, "---\nmodel: demo/echo-stream\n---\nAfter the restore", _root);

        var lost = await _today.Database.ReadAsync(context => context.Releases.MaxAsync(release => release.Id));
        Assert.Equal((ReleaseStatus.Published, true), (restored.Release!.Status, restored.Release.Id > lost));
        Assert.Equal(3, (await _yesterday.Revisions.ListAsync("Prompt", place, "hello", default))[0].Number);
        Assert.Equal("3", (await LiveAsync(place)).Annotations[ReleaseAnnotations.Revision]);
    }

    [Fact]
    public async Task Look_DatabaseOlderThanTheCluster_IsNamedOnceWithTheObjectsUntilTheyAreReleasedAgain()
    {
        var place = await PublishedTodayAsync();

        await _yesterday.Lost.LookAsync(default);
        await _yesterday.Lost.LookAsync(default);

        Assert.Contains(_yesterday.Lost.Objects, item => (item.Namespace, item.Name) == (place, "hello"));
        var row = await _yesterday.Database.ReadAsync(context => context.Audit.SingleAsync(row => row.Action == LostReleases.Action));
        Assert.Contains("restored from a backup", row.Reason, StringComparison.Ordinal);
        Assert.Contains($"Prompt {place}/hello", row.Changes, StringComparison.Ordinal);

        await _yesterday.SubmitAsync(place, TestDesk.Good + " again", _root);
        var published = await LiveAsync(place);
        await SeenAsync(place, published.ResourceVersion);
        Assert.DoesNotContain(_yesterday.Lost.Objects, item => item.Namespace == place);
    }

    [Fact]
    public async Task Observe_WhatALostReleasePublished_KeepsItsNumber()
    {
        var place = await PublishedTodayAsync();
        var live = await LiveAsync(place);

        await _yesterday.Revisions.ObserveAsync(
            [new SeenState("Prompt", place, "hello", live.Spec.Content, "genkit-portal", DateTime.UnixEpoch, live.Uid, live.Generation, ReleaseAnnotations.RevisionOf(live))], default);

        Assert.Equal(2, Assert.Single(await _yesterday.Revisions.ListAsync("Prompt", place, "hello", default)).Number);
    }

    [Fact]
    public async Task Look_SameDatabase_FindsNothing()
    {
        await PublishedTodayAsync();
        var known = await _today.Database.ReadAsync(context => context.Releases.MaxAsync(release => release.Id));

        // Those of other tests are of other databases.
        await _today.Lost.LookAsync(default);

        Assert.DoesNotContain(_today.Lost.Objects, item => item.Release <= known);
    }

    [Fact]
    public async Task ReleaseOf_AnnotationOfSomebodyElse_IsNone()
    {
        var place = await _fixture.NewNamespaceAsync();
        await place.ApplyAsync("kind: Prompt\nmetadata: { name: forged, annotations: { genkit.dev/release: '77', genkit.dev/revision: '2147483647' } }\nspec: { content: x }");

        Assert.Null(LostReleases.ReleaseOf(await place.GetAsync("Prompt", "forged")));
        await _fixture.UntilSeenAsync(place);
        var taken = await _today.Desk.SubmitAsync(
            TestDesk.Submission(place.Name, TestDesk.Good, "forged") with { Objects = [new ReleaseObject("Prompt", "forged", TestDesk.Good) { Force = true }] }, _root, default);
        Assert.Equal((ReleaseStatus.Published, 1), (taken.Release!.Status, Assert.Single(await _today.Revisions.ListAsync("Prompt", place.Name, "forged", default)).Number));
    }

    /// <summary>Two releases that yesterday's database knows nothing of.</summary>
    private async Task<string> PublishedTodayAsync()
    {
        var place = await _fixture.NewNamespaceAsync();
        await _fixture.UntilSeenAsync(place);
        await _today.SubmitAsync(place.Name, Older, _root);
        Assert.Equal(ReleaseStatus.Published, (await _today.SubmitAsync(place.Name, TestDesk.Good, _root)).Release!.Status);
        await SeenAsync(place.Name, (await LiveAsync(place.Name)).ResourceVersion);
        return place.Name;
    }

    private async Task SeenAsync(string place, string? version)
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var subscription = _fixture.Informers.Get<Prompt>().Subscribe(change =>
        {
            if (change.After is { } prompt && (prompt.Namespace, prompt.ResourceVersion) == (place, version))
            {
                seen.TrySetResult();
            }
        });
        await seen.Task.WaitAsync(RunningPortal.Patience);
    }

    private Task<Prompt> LiveAsync(string place) => _fixture.Client.Resource<Prompt>().GetAsync(place, "hello", default);
}
