using Microsoft.EntityFrameworkCore;
using Portal.Auth;
using Portal.Data;
using Portal.Features.Releases;
using Portal.Features.Releases.Policies;
using Portal.Features.Releases.States;
using Portal.Operator.Prompts;
using Portal.Tests.Operator;
using Portal.Tests.Portal.Playground;
using Portal.Tests.Portal.Prompts;

namespace Portal.Tests.Portal.Releases;

/// <summary>The process dies between any two steps of an approval. After the next start there was one publish, and the audit says so.</summary>
public sealed class ReleaseCrashTests(IdleOperatorFixture fixture) : IClassFixture<IdleOperatorFixture>, IDisposable
{
    private readonly TestDesk _desk = new(fixture, new ReleasePolicy { Approvals = 1 });
    private readonly CurrentUser _ada = TestDesk.Person("Ada", PortalRole.Author);
    private readonly CurrentUser _ben = TestDesk.Person("Ben", PortalRole.Approver);

    public void Dispose() => _desk.Dispose();

    [Theory]
    [InlineData("GET", false)]
    [InlineData("GET", true)]
    [InlineData("PATCH", false)]
    [InlineData("PATCH", true)]
    [InlineData("Publishing", true)]
    [InlineData("Published", true)]
    public async Task Approve_ProcessDies_PublishesExactlyOnceAfterTheNextStart(string at, bool afterwards)
    {
        var (place, release) = await AskAsync();
        _desk.Handler.Dies = (request, done) => request.Method.Method == at && done == afterwards;
        _desk.DiesAt = Enum.TryParse<ReleaseStatus>(at, out var status) ? status : null;
        await Assert.ThrowsAsync<DeathException>(() => _desk.Desk.ExecuteAsync(release.Id, new ReleaseCommand.Approve(release.Hash, null), _ben, default));
        (_desk.Handler.Dies, _desk.DiesAt) = ((_, _) => false, null);

        _desk.Restart();
        await _desk.Desk.TickAsync(default);
        await _desk.Publisher.PublishPendingAsync(default);
        await _desk.Publisher.PublishPendingAsync(default);

        var prompt = await place.GetAsync("Prompt", "hello");
        Assert.Equal((1L, "Ben <test:Ben>"), (prompt.Generation, prompt.Annotations[ReleaseAnnotations.ApprovedBy]));
        Assert.Equal(ReleaseStatus.Published, (await _desk.List.FindAsync(release.Id, _ada, default))!.Release.Status);
        Assert.Equal(PublicationState.Published, Assert.Single(await _desk.Database.ReadAsync(context => context.Publications.ToListAsync())).State);
        Assert.Equal(["release.submitted", "release.approved", "release.publishing", "release.published"], await ActionsAsync());
    }

    [Fact]
    public async Task Approve_ProcessDiesAndSomebodyEditsBeforeTheNextStart_KeepsTheEditAndKnowsItWasPublished()
    {
        var (place, release) = await AskAsync();
        _desk.Handler.Dies = (request, done) => request.Method == HttpMethod.Patch && done;
        await Assert.ThrowsAsync<DeathException>(() => _desk.Desk.ExecuteAsync(release.Id, new ReleaseCommand.Approve(release.Hash, null), _ben, default));
        _desk.Handler.Dies = (_, _) => false;
        await place.PatchAsync("Prompt", "hello", """{"spec":{"content":"edited"}}""");

        _desk.Restart();
        await _desk.Publisher.PublishPendingAsync(default);

        Assert.Equal("edited", Prompt.FromJson((await place.GetAsync("Prompt", "hello")).Json).Spec.Content);
        Assert.Equal(ReleaseStatus.Published, (await _desk.List.FindAsync(release.Id, _ada, default))!.Release.Status);
    }

    [Fact]
    public async Task Approve_ServerAnswersAfterTheTimeout_IsTriedAgainAndStaysOne()
    {
        var (place, release) = await AskAsync();
        var late = true;
        _desk.Handler.Late = request => request.Method == HttpMethod.Patch && late;
        var answer = await _desk.Desk.ExecuteAsync(release.Id, new ReleaseCommand.Approve(release.Hash, null), _ben, default);
        Assert.Equal(ReleaseStatus.Publishing, answer.Release!.Status);
        late = false;

        await _desk.Publisher.PublishPendingAsync(default);

        Assert.Equal(1, (await place.GetAsync("Prompt", "hello")).Generation);
        Assert.Equal(ReleaseStatus.Published, (await _desk.List.FindAsync(release.Id, _ada, default))!.Release.Status);
    }

    private async Task<(TestNamespace Place, Release Release)> AskAsync()
    {
        var place = await fixture.NewNamespaceAsync();
        await fixture.UntilSeenAsync(place);
        return (place, (await _desk.SubmitAsync(place.Name, TestDesk.Good, _ada)).Release!);
    }

    private Task<List<string>> ActionsAsync() => _desk.Database.ReadAsync(context => context.Audit.OrderBy(row => row.Sequence).Select(row => row.Action).ToListAsync());
}
