using Microsoft.EntityFrameworkCore;
using Portal.Auth;
using Portal.Data;
using Portal.Features.Prompts;
using Portal.Features.Releases;
using Portal.Features.Releases.States;
using Portal.Operator.Prompts;
using Portal.Tests.Operator;
using Portal.Tests.Portal.Playground;

namespace Portal.Tests.Portal.Releases;

/// <summary>What reaches the cluster, where the policy asks for nobody else.</summary>
public sealed class PublisherTests : IClassFixture<IdleOperatorFixture>, IDisposable
{
    private const string Good = TestDesk.Good;
    private readonly IdleOperatorFixture _fixture;
    private readonly TestDesk _desk;
    private readonly CurrentUser _admin = TestDesk.Person("Root", PortalRole.Admin);

    public PublisherTests(IdleOperatorFixture fixture) => (_fixture, _desk) = (fixture, new TestDesk(fixture));

    public void Dispose() => _desk.Dispose();

    [Fact]
    public async Task Submit_NewPrompt_IsAppliedByThePortalAndTakesTheDraftAway()
    {
        var place = await NewAsync();
        await _desk.Drafts.SaveAsync(_admin, place.Name, "hello", Good, null, null, default);

        var result = await _desk.SubmitAsync(place.Name, Good, _admin);

        Assert.Equal((ReleaseStatus.Published, 1L), (result.Release!.Status, Assert.Single(result.Published).Generation));
        var prompt = Prompt.FromJson((await place.GetAsync("Prompt", "hello")).Json);
        Assert.Equal((Good, "Says hello."), (prompt.Spec.Content, prompt.Spec.Description));
        Assert.Equal("genkit-portal", prompt.Metadata["managedFields"]![0]!["manager"]!.ToString());
        Assert.Equal(("1", "Root <test:Root>"), (prompt.Annotations[ReleaseAnnotations.Revision], prompt.Annotations[ReleaseAnnotations.RequestedBy]));
        Assert.Null(await _desk.Drafts.FindAsync(place.Name, "hello", default));
        Assert.Equal((PublicationState.Published, prompt.ResourceVersion, prompt.Uid), ((await RowAsync()).State, (await RowAsync()).ResourceVersion, (await RowAsync()).Uid));
    }

    [Fact]
    public async Task Submit_DraftThatMovedOn_StaysADraft()
    {
        var place = await NewAsync();
        await _desk.Drafts.SaveAsync(_admin, place.Name, "hello", Good + " again", null, null, default);

        await _desk.SubmitAsync(place.Name, Good, _admin);

        Assert.Equal(Good + " again", (await _desk.Drafts.FindAsync(place.Name, "hello", default))!.Content);
    }

    [Theory]
    [InlineData("hello", "{{#if name}}Hello", "{{#if}}")]
    [InlineData("hello", "", "empty")]
    [InlineData("hello", "   \n", "empty")]
    [InlineData("hello", "a\0b", "NUL")]
    [InlineData("Hello World", "Hello", "lower-case")]
    [InlineData("healthz", "Hello", "runner answers")]
    public async Task Submit_BadPrompt_IsRefusedAndNothingIsRecorded(string name, string content, string expected)
    {
        var place = await NewAsync();

        var result = await _desk.Desk.SubmitAsync(TestDesk.Submission(place.Name, content, name), _admin, default);

        Assert.Equal(RefusalReason.Invalid, result.Refusal!.Reason);
        Assert.Contains(expected, result.Refusal.Message, StringComparison.Ordinal);
        Assert.Equal((0, 0, 0), await _desk.Database.ReadAsync(async context =>
            (await context.Publications.CountAsync(), await context.Releases.CountAsync(), await context.Revisions.CountAsync())));
    }

    [Fact]
    public async Task Submit_TooLarge_SaysHowMuchTooLarge()
    {
        var place = await NewAsync();

        var result = await _desk.SubmitAsync(place.Name, new string('x', PromptContent.MaximumBytes + 1), _admin);

        Assert.Equal("The prompt has 900,001 bytes; at most 900,000 can be stored. Shorten it.", result.Refusal!.Message);
    }

    [Fact]
    public async Task Submit_ContentOfAnotherManager_NamesItAndForceTakesOver()
    {
        var place = await NewAsync();
        await place.ApplyAsync("kind: Prompt\nmetadata: { name: hello }\nspec: { content: theirs }");

        var refused = await _desk.SubmitAsync(place.Name, Good, _admin);

        Assert.Equal(ReleaseStatus.Failed, refused.Release!.Status);
        Assert.Equal(new FieldOwner("kubectl", ".spec.content"), Assert.Single(Assert.Single(refused.Published).Owners));
        Assert.Contains("“kubectl” owns .spec.content", refused.Release.Problem, StringComparison.Ordinal);
        Assert.Equal("theirs", await _desk.LiveAsync(place.Name));

        var submission = TestDesk.Submission(place.Name, Good);
        var forced = await _desk.Desk.SubmitAsync(submission with { Objects = [submission.Objects[0] with { Force = true }] }, _admin, default);
        Assert.Equal(ReleaseStatus.Published, forced.Release!.Status);
    }

    [Fact]
    public async Task Submit_PublishedTextMovedOn_IsAConflict()
    {
        var place = await NewAsync();
        await _desk.SubmitAsync(place.Name, Good, _admin);
        var submission = TestDesk.Submission(place.Name, "Hello again");
        ReleaseSubmission Seen(string text) => submission with { Objects = [submission.Objects[0] with { SeenHash = ReleaseKinds.HashOf(text) }] };

        var stale = await _desk.Desk.SubmitAsync(Seen("something older"), _admin, default);

        Assert.Equal(RefusalReason.Conflict, stale.Refusal!.Reason);
        Assert.Equal(ReleaseStatus.Published, (await _desk.Desk.SubmitAsync(Seen(Good), _admin, default)).Release!.Status);
    }

    [Fact]
    public async Task Submit_NamespaceThatIsNotThere_FailsWithTheServersWords()
    {
        await NewAsync();

        var result = await _desk.SubmitAsync("nowhere", Good, _admin);

        Assert.Equal(ReleaseStatus.Failed, result.Release!.Status);
        Assert.Contains("nowhere", result.Release.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PublishPending_ClusterBack_PublishesWhatWasPromised()
    {
        var place = await NewAsync();
        _desk.Handler.IsAway = true;

        var result = await _desk.SubmitAsync(place.Name, Good, _admin);
        Assert.Equal((ReleaseStatus.Publishing, PublicationState.Pending), (result.Release!.Status, (await RowAsync()).State));
        Assert.Equal(PublishOutcome.Pending, Assert.Single(await _desk.Publisher.PublishPendingAsync(default)).Outcome);

        _desk.Restart();
        _desk.Handler.IsAway = false;
        await _desk.Publisher.PublishPendingAsync(default);

        Assert.Equal(Good, await _desk.LiveAsync(place.Name));
        Assert.Equal(PublicationState.Published, (await RowAsync()).State);
        Assert.Equal(ReleaseStatus.Published, (await _desk.List.FindAsync(result.Release.Id, _admin, default))!.Release.Status);
    }

    [Fact]
    public async Task PublishPending_SomebodyElseChangedItMeanwhile_DoesNotOverwriteIt()
    {
        var place = await NewAsync();
        _desk.Handler.IsAway = true;
        var result = await _desk.SubmitAsync(place.Name, Good, _admin);
        await place.ApplyAsync("kind: Prompt\nmetadata: { name: hello }\nspec: { content: theirs }");
        _desk.Handler.IsAway = false;

        var answers = await _desk.Publisher.PublishPendingAsync(default);

        Assert.Equal(PublishOutcome.Stale, Assert.Single(answers).Outcome);
        Assert.Equal("theirs", await _desk.LiveAsync(place.Name));
        Assert.Equal(ReleaseStatus.Failed, (await _desk.List.FindAsync(result.Release!.Id, _admin, default))!.Release.Status);
    }

    [Fact]
    public async Task PublishPending_LaterPublishCameFirst_DoesNotGoBack()
    {
        var place = await NewAsync();
        _desk.Handler.IsAway = true;
        await _desk.SubmitAsync(place.Name, "older", _admin);
        await _desk.Database.WriteAsync(context => context.Publications.ExecuteUpdateAsync(rows => rows.SetProperty(row => row.State, PublicationState.Refused)), default);
        _desk.Handler.IsAway = false;
        _desk.Clock.Advance(TimeSpan.FromSeconds(1));
        await _desk.SubmitAsync(place.Name, "newer", _admin);
        await _desk.Database.WriteAsync(context => context.Publications.Where(row => row.Content == "older")
            .ExecuteUpdateAsync(rows => rows.SetProperty(row => row.State, PublicationState.Pending)), default);

        await _desk.Publisher.PublishPendingAsync(default);

        Assert.Equal("newer", await _desk.LiveAsync(place.Name));
        Assert.Equal([PublicationState.Refused, PublicationState.Published],
            await _desk.Database.ReadAsync(context => context.Publications.OrderBy(item => item.RequestedAt).Select(item => item.State).ToListAsync()));
    }

    [Fact]
    public async Task Submit_AnotherReleaseHangs_IsPublishedWithoutWaitingForIt()
    {
        var (place, opens) = (await NewAsync(), new TaskCompletionSource());
        _desk.Handler.Waits = request => request.RequestUri!.AbsolutePath.EndsWith("/slow", StringComparison.Ordinal) && request.Method == HttpMethod.Patch ? opens.Task : Task.CompletedTask;
        var slow = _desk.Desk.SubmitAsync(TestDesk.Submission(place.Name, Good, "slow"), _admin, default);

        var quick = await _desk.SubmitAsync(place.Name, Good, _admin);

        Assert.Equal((ReleaseStatus.Published, false), (quick.Release!.Status, slow.IsCompleted));
        opens.SetResult();
        Assert.Equal(ReleaseStatus.Published, (await slow).Release!.Status);
    }

    [Fact]
    public async Task Submit_ClusterAnswersTooLate_SaysSoAndGoesOn()
    {
        var (place, begins, opens) = (await NewAsync(), new TaskCompletionSource(), new TaskCompletionSource());
        _desk.Handler.Waits = request =>
        {
            if (request.Method != HttpMethod.Patch)
            {
                return Task.CompletedTask;
            }

            begins.TrySetResult();
            return opens.Task;
        };
        var submitted = _desk.SubmitAsync(place.Name, Good, _admin);
        await begins.Task;
        while (!submitted.IsCompleted)
        {
            _desk.Clock.Advance(TimeSpan.FromSeconds(10));
            await Task.Yield();
        }

        Assert.Equal((ReleaseStatus.Publishing, PublishOutcome.Pending), ((await submitted).Release!.Status, Assert.Single((await submitted).Published).Outcome));

        opens.SetResult();
        await _desk.Publisher.PublishPendingAsync(default);
        Assert.Equal(Good, await _desk.LiveAsync(place.Name));
        Assert.Equal(ReleaseStatus.Published, (await _desk.List.FindAsync((await submitted).Release!.Id, _admin, default))!.Release.Status);
    }

    [Fact]
    public async Task Submit_ListenerFails_IsPublishedAllTheSame()
    {
        var place = await NewAsync();
        _desk.Listeners = [new FailingListener()];
        _desk.Restart();

        Assert.Equal(ReleaseStatus.Published, (await _desk.SubmitAsync(place.Name, Good, _admin)).Release!.Status);
    }

    [Fact]
    public async Task PublishPending_EarlierPublishOfTheSameObjectIsNotAnswered_WaitsForIt()
    {
        var place = await NewAsync();
        _desk.Handler.IsAway = true;
        var older = await _desk.SubmitAsync(place.Name, "older", _admin);
        _desk.Clock.Advance(TimeSpan.FromSeconds(1));
        var newer = await _desk.SubmitAsync(place.Name, "newer", _admin);
        Assert.Contains("waits for an earlier publish", Assert.Single(newer.Published).Message, StringComparison.Ordinal);
        _desk.Handler.IsAway = false;

        await _desk.Publisher.PublishPendingAsync(default);
        await _desk.Publisher.PublishPendingAsync(default);

        // The second one was asked for when nobody knew of the first.
        Assert.Equal("older", await _desk.LiveAsync(place.Name));
        Assert.Equal((ReleaseStatus.Published, ReleaseStatus.Failed), (await StatusAsync(older), await StatusAsync(newer)));
    }

    private async Task<ReleaseStatus> StatusAsync(ReleaseResult result) => (await _desk.List.FindAsync(result.Release!.Id, _admin, default))!.Release.Status;

    private sealed class FailingListener : IReleaseListener
    {
        public Task PublishedAsync(Publication publication) => throw new InvalidOperationException("The draft could not be read.");
    }

    private async Task<TestNamespace> NewAsync()
    {
        var place = await _fixture.NewNamespaceAsync();
        await _fixture.UntilSeenAsync(place);
        return place;
    }

    private Task<Publication> RowAsync() => _desk.Database.ReadAsync(context => context.Publications.OrderBy(item => item.RequestedAt).FirstAsync());
}
