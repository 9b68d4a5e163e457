using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Features.Playground;
using Portal.Features.Prompts;
using Portal.Kubernetes.Client;
using Portal.Operator.Prompts;
using Portal.Tests.Operator;
using Portal.Tests.Portal.Data;
using Portal.Tests.Portal.Playground;
using Portal.Tests.Shared;

namespace Portal.Tests.Portal.Prompts;

public sealed class PublisherTests(IdleOperatorFixture fixture) : IClassFixture<IdleOperatorFixture>, IDisposable
{
    private const string Good = "---\nmodel: demo/echo-stream\ndescription: Says hello.\n---\nHello";
    private readonly TestDatabase _test = new();
    private readonly ManualTimeProvider _clock = new();
    private SwitchedHandler _handler = null!;
    private DraftStore _drafts = null!;

    public void Dispose()
    {
        _handler?.Dispose();
        _test.Dispose();
    }

    [Fact]
    public async Task Publish_NewPrompt_IsAppliedByThePortalAndTakesTheDraftAway()
    {
        var (publisher, place) = await NewAsync();
        await _drafts.SaveAsync(place.Name, "hello", Good, null, null, default);

        var result = await publisher.PublishAsync(Request(place, Good), default);

        Assert.Equal((PublishOutcome.Published, 1L), (result.Outcome, result.Generation));
        var prompt = Prompt.FromJson((await place.GetAsync("Prompt", "hello")).Json);
        Assert.Equal((Good, "Says hello."), (prompt.Spec.Content, prompt.Spec.Description));
        Assert.Equal("genkit-portal", prompt.Metadata["managedFields"]![0]!["manager"]!.ToString());
        Assert.Null(await _drafts.FindAsync(place.Name, "hello", default));
        Assert.Equal((PublicationState.Published, prompt.ResourceVersion), ((await RowAsync()).State, (await RowAsync()).ResourceVersion));
    }

    [Fact]
    public async Task Publish_DraftThatMovedOn_StaysADraft()
    {
        var (publisher, place) = await NewAsync();
        await _drafts.SaveAsync(place.Name, "hello", Good + " again", null, null, default);

        await publisher.PublishAsync(Request(place, Good), default);

        Assert.Equal(Good + " again", (await _drafts.FindAsync(place.Name, "hello", default))!.Content);
    }

    [Theory]
    [InlineData("hello", "{{#if name}}Hello", "{{#if}}")]
    [InlineData("hello", "", "empty")]
    [InlineData("hello", "   \n", "empty")]
    [InlineData("hello", "a\0b", "NUL")]
    [InlineData("Hello World", "Hello", "lower-case")]
    [InlineData("healthz", "Hello", "reserved")]
    public async Task Publish_BadPrompt_IsRefusedAndNothingIsRecorded(string name, string content, string expected)
    {
        var (publisher, place) = await NewAsync();

        var result = await publisher.PublishAsync(new PublishRequest { Namespace = place.Name, Name = name, Content = content }, default);

        Assert.Equal(PublishOutcome.Invalid, result.Outcome);
        Assert.Contains(expected, result.Message, StringComparison.Ordinal);
        Assert.Equal(0, await _test.Database.ReadAsync(context => context.Publications.CountAsync()));
        Assert.Null(await place.FindAsync("Prompt", "hello"));
    }

    [Fact]
    public async Task Publish_TooLarge_SaysHowMuchTooLarge()
    {
        var (publisher, place) = await NewAsync();

        var result = await publisher.PublishAsync(Request(place, new string('x', PromptContent.MaximumBytes + 1)), default);

        Assert.Equal((PublishOutcome.Invalid, "The prompt has 900,001 bytes; at most 900,000 can be stored. Shorten it."),
            (result.Outcome, result.Message));
    }

    [Fact]
    public async Task Publish_ContentOfAnotherManager_NamesItAndForceTakesOver()
    {
        var (publisher, place) = await NewAsync();
        await place.ApplyAsync("kind: Prompt\nmetadata: { name: hello }\nspec: { content: theirs }");

        var refused = await publisher.PublishAsync(Request(place, Good), default);

        Assert.Equal((PublishOutcome.Conflict, new FieldOwner("kubectl", ".spec.content")), (refused.Outcome, Assert.Single(refused.Owners)));
        Assert.Contains("“kubectl” owns .spec.content", refused.Message, StringComparison.Ordinal);
        Assert.Equal("theirs", Prompt.FromJson((await place.GetAsync("Prompt", "hello")).Json).Spec.Content);
        Assert.Equal(PublicationState.Refused, (await RowAsync()).State);

        Assert.Equal(PublishOutcome.Published, (await publisher.PublishAsync(Request(place, Good) with { Force = true }, default)).Outcome);
    }

    [Fact]
    public async Task Publish_PublishedTextMovedOn_IsStale()
    {
        var (publisher, place) = await NewAsync();
        await publisher.PublishAsync(Request(place, Good), default);

        var result = await publisher.PublishAsync(Request(place, "Hello again") with
        {
            CheckExpected = true,
            ExpectedContent = "something older"
        }, default);

        Assert.Equal(PublishOutcome.Stale, result.Outcome);
        Assert.Equal(PublishOutcome.Published,
            (await publisher.PublishAsync(Request(place, "Hello again") with { CheckExpected = true, ExpectedContent = Good },
                default)).Outcome);
    }

    [Fact]
    public async Task Publish_NamespaceThatIsNotThere_IsRefusedWithTheServersWords()
    {
        var (publisher, place) = await NewAsync();

        var result = await publisher.PublishAsync(Request(place, Good) with { Namespace = "nowhere" }, default);

        Assert.Equal(PublishOutcome.Refused, result.Outcome);
        Assert.Contains("nowhere", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RetryPending_ClusterBack_PublishesWhatWasPromised()
    {
        var (publisher, place) = await NewAsync();
        _handler.IsAway = true;

        var result = await publisher.PublishAsync(Request(place, Good), default);
        Assert.Equal((PublishOutcome.Pending, PublicationState.Pending), (result.Outcome, (await RowAsync()).State));
        Assert.Equal(1, await publisher.RetryPendingAsync(default));

        _handler.IsAway = false;
        Assert.Equal(0, await publisher.RetryPendingAsync(default));

        Assert.Equal(Good, Prompt.FromJson((await place.GetAsync("Prompt", "hello")).Json).Spec.Content);
        Assert.Equal(PublicationState.Published, (await RowAsync()).State);
    }

    [Fact]
    public async Task RetryPending_LivePromptOfAnotherShape_IsPublishedOver()
    {
        var (publisher, place) = await NewAsync();
        _handler.IsAway = true;
        await publisher.PublishAsync(Request(place, "Hello"), default);
        _handler.IsAway = false;
        _handler.Answer = request => request.Method == HttpMethod.Get ? """{"kind":"Prompt","spec":{"content":1,"description":2}}""" : null;

        Assert.Equal(0, await publisher.RetryPendingAsync(default));

        Assert.Equal(PublicationState.Published, (await RowAsync()).State);
    }

    [Fact]
    public async Task RetryPending_LaterPublishCameFirst_DoesNotGoBack()
    {
        var (publisher, place) = await NewAsync();
        _handler.IsAway = true;
        await publisher.PublishAsync(Request(place, "older"), default);
        _handler.IsAway = false;
        _clock.Advance(TimeSpan.FromSeconds(1));
        await publisher.PublishAsync(Request(place, "newer"), default);

        await publisher.RetryPendingAsync(default);

        Assert.Equal("newer", Prompt.FromJson((await place.GetAsync("Prompt", "hello")).Json).Spec.Content);
        Assert.Equal([PublicationState.Refused, PublicationState.Published],
            await _test.Database.ReadAsync(context => context.Publications.OrderBy(item => item.RequestedAt).Select(item => item.State)
                .ToListAsync()));
    }

    private async Task<(Publisher Publisher, TestNamespace Place)> NewAsync()
    {
        var place = await fixture.NewNamespaceAsync();
        await fixture.UntilSeenAsync(place);
        _handler = new SwitchedHandler(fixture.Client.Connection.Handler);
        _drafts = new DraftStore(_test.Database, _clock);
        var surroundings = new PromptSurroundings(fixture.Informers);
        var client = new KubeClient(fixture.Client.Connection with { Handler = _handler });
        return (new Publisher(_test.Database, client, new PromptCheck(surroundings, new PromptPreview(surroundings)), _drafts, _clock), place);
    }

    private static PublishRequest Request(TestNamespace place, string content) =>
        new() { Namespace = place.Name, Name = "hello", Content = content };

    private Task<Publication> RowAsync() =>
        _test.Database.ReadAsync(context => context.Publications.OrderBy(item => item.RequestedAt).FirstAsync());
}
