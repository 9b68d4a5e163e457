using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Portal.Auth;
using Portal.Components.Layout;
using Portal.Data;
using Portal.Features.Budgets;
using Portal.Features.Costs.Revisions;
using Portal.Features.Playground;
using Portal.Features.Prices;
using Portal.Features.Prompts;
using Portal.Features.Releases;
using Portal.Operator.Admission;
using Portal.Tests.Operator;
using Portal.Tests.Portal.Components;
using Portal.Tests.Portal.Data;
using Portal.Tests.Portal.Playground;

namespace Portal.Tests.Portal.Releases;

/// <summary>Queue, request and history without a browser, as several people.</summary>
public sealed class ReleasePagesTests : IClassFixture<IdleOperatorFixture>, IAsyncLifetime
{
    private const string Manifest = "kind: Prompt\nmetadata: { name: hello }\nspec: { content: before }";
    private const string Flow = "kind: Flow\nmetadata: { name: greeter }\nspec: { image: x, prompts: [ { promptRef: { name: hello } } ] }";
    private readonly IdleOperatorFixture _fixture;
    private readonly TestDatabase _test = new();
    private readonly BunitContext _context;
    private readonly CurrentUser _ada = TestDesk.Person("Ada", PortalRole.Author);
    private CurrentUser _me = TestDesk.Person("Ben", PortalRole.Approver);

    public ReleasePagesTests(IdleOperatorFixture fixture)
    {
        _fixture = fixture;
        _context = UiContext.New(services => services
            .AddSingleton(new RevisionCosts(_test.Database, TimeProvider.System))
            .AddSingleton<BudgetBoard>()
            .AddSingleton(fixture.Informers)
            .AddSingleton(fixture.Client)
            .AddSingleton(_test.Database)
            .AddSingleton(_test.Audit)
            .AddSingleton<PersonalCluster>()
            .AddSingleton(new AdmissionChain(new AdmissionOptions(), static () => null, AdmissionRules.All))
            .AddSingleton<NamespaceDirectory>()
            .AddTransient(_ => _me)
            .AddLogging(logging => logging.ClearProviders())
            .AddPrices()
            .AddPlayground()
            .AddReleases(new ReleaseOptions { Approvals = 1 }, withDemo: false)
            .AddPrompts());
    }

    private ReleaseDesk Desk => _context.Services.GetRequiredService<ReleaseDesk>();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _context.DisposeAsync();
        _test.Dispose();
    }

    [Fact]
    public async Task Release_Page_ShowsChecksDifferenceReachAndPublishesOnApproval()
    {
        var (place, release) = await AskAsync();

        var page = await SettledAsync(release);

        Assert.Contains("Ada wants to publish Prompt hello r1", page.ByTestId("release-summary").TextContent, StringComparison.Ordinal);
        await page.WaitForAssertionAsync(() => Assert.Equal("Passed", page.ByTestId("check-drift").GetAttribute("data-verdict")), RunningPortal.Patience);
        Assert.Equal("Failed", page.ByTestId("check-dry-run").GetAttribute("data-verdict"));
        Assert.Contains("before", page.ByTestId("content-difference").TextContent, StringComparison.Ordinal);
        Assert.Contains($"/flows/{place.Name}/greeter", page.ByTestId("affected-greeter").TextContent, StringComparison.Ordinal);
        Assert.True(page.ByTestId("reject").HasAttribute("disabled"));

        await page.ClickAsync("approve");

        // kubectl owns the text: the failure says so, and nothing was overwritten.
        await page.WaitForAssertionAsync(() => Assert.Contains("“kubectl” owns .spec.content", page.ByTestId("release-problem").TextContent, StringComparison.Ordinal), RunningPortal.Patience);
        Assert.Contains("Ben", page.ByTestId("thread").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Release_SeenByItsAuthor_SaysWhyApproveIsOff()
    {
        var (_, release) = await AskAsync();
        _me = _ada;

        var page = await SettledAsync(release);

        Assert.True(page.ByTestId("approve").HasAttribute("disabled"));
        Assert.NotEmpty(page.ByTestId("why-not").TextContent);
        Assert.Empty(page.FindAll("[data-testid=reject]"));
        await page.ClickAsync("withdraw");
        await page.WaitForAssertionAsync(() => Assert.Contains("Withdrawn", page.ByTestId("release-status").TextContent, StringComparison.Ordinal), RunningPortal.Patience);
    }

    [Fact]
    public async Task Release_CommentOnly_AppearsInTheThread()
    {
        var (_, release) = await AskAsync();
        var page = await SettledAsync(release);

        await page.InputAsync("comment", "<b>Why?</b>");
        await page.ClickAsync("say");

        await page.WaitForAssertionAsync(() => Assert.Contains("<b>Why?</b>", page.ByTestId("thread").TextContent, StringComparison.Ordinal), RunningPortal.Patience);
    }

    [Fact]
    public async Task Approvals_Tabs_ShowWhatIsMineAndWhatWaitsForMe()
    {
        var (_, release) = await AskAsync();
        _me = TestDesk.Person("Ben", PortalRole.Approver);
        await _context.Render<ApprovalsPage>().WaitForElementAsync($"[data-testid=release-row-{release.Id}]", RunningPortal.Patience);
        var bell = _context.Render<ApprovalsBell>();
        await bell.WaitForAssertionAsync(() => Assert.Equal("1", bell.ByTestId("approvals-count").TextContent), RunningPortal.Patience);
        _me = _ada;
        await _context.Render<ApprovalsPage>().WaitForElementAsync($"[data-testid=release-row-{release.Id}]", RunningPortal.Patience);
        Assert.Empty(_context.Render<ApprovalsBell>().FindAll("[data-testid=approvals-count]"));

        _me = TestDesk.Person("Vic", PortalRole.Viewer);
        var page = _context.Render<ApprovalsPage>();
        await page.WaitForAssertionAsync(() => Assert.Contains("You have not asked", page.Markup, StringComparison.Ordinal), RunningPortal.Patience);
    }

    [Fact]
    public async Task Release_OfANamespaceOneMayNotSee_IsNotThere()
    {
        var (_, release) = await AskAsync();
        _me = new CurrentUser(new AccessPolicy([]));

        var page = Render(release);
        await page.WaitForAssertionAsync(() => Assert.Contains("There is no release", page.Markup, StringComparison.Ordinal), RunningPortal.Patience);
        Assert.DoesNotContain("release-row", _context.Render<ApprovalsPage>().Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task History_TwoRevisions_AreComparedByMeaning()
    {
        var (place, _) = await AskAsync();
        await Desk.SubmitAsync(TestDesk.Submission(place.Name, TestDesk.Good + " again"), _ada, default);

        var page = _context.Render<HistoryPage>(parameters => parameters.Add(item => item.Namespace, place.Name).Add(item => item.Name, "hello"));

        await page.WaitForAssertionAsync(() => Assert.Equal(2, page.FindAll(".gp-timeline li").Count), RunningPortal.Patience);
        await page.WaitForAssertionAsync(() => Assert.Contains("r1 → r2", page.ByTestId("compare").TextContent, StringComparison.Ordinal), RunningPortal.Patience);
        Assert.Contains("Messages", page.ByTestId("change").TextContent, StringComparison.Ordinal);
        Assert.Empty(page.FindAll("[data-testid=rollback-1]"));
    }

    /// <summary>The page when all it asks for has come: an element found before is gone after.</summary>
    private async Task<IRenderedComponent<ReleasePage>> SettledAsync(Release release)
    {
        var page = Render(release);
        await page.WaitForElementAsync("[data-testid=checks]", RunningPortal.Patience);
        return page;
    }

    private IRenderedComponent<ReleasePage> Render(Release release) => _context.Render<ReleasePage>(parameters => parameters.Add(item => item.Id, release.Id));

    private async Task<(TestNamespace Place, Release Release)> AskAsync()
    {
        var place = await _fixture.NewNamespaceAsync();
        await place.ApplyAsync(Manifest);
        await place.ApplyAsync(Flow);
        await _fixture.UntilSeenAsync(place, Manifest, Flow);
        return (place, (await Desk.SubmitAsync(TestDesk.Submission(place.Name, TestDesk.Good), _ada, default)).Release!);
    }
}
