using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Portal.Auth;
using Portal.Features.Audit;
using Portal.Tests.Portal.Components;

namespace Portal.Tests.Portal.Audit;

public sealed class AuditPageTests : IAsyncLifetime
{
    private readonly AuditTrailFixture _trail = new();
    private readonly BunitContext _context;

    public AuditPageTests() => _context = UiContext.New(services => services
        .AddSingleton(_trail.Log).AddSingleton(_trail.Verifier).AddSingleton(new AuditReader(_trail.Database)).AddSingleton(new SavedViews(_trail.Database)));

    public async Task InitializeAsync()
    {
        await _trail.Log.RecordAsync(new AuditEntry(new Actor("user:ada", "Ada", ActorKind.User), "draft.saved", "Prompt", "team", "greet", AuditResult.Succeeded,
            new JsonObject { ["content"] = "Hello" }, new JsonObject { ["content"] = "<b>Hi</b>" }), default);
        await _trail.Log.RecordAsync(new AuditEntry(
            new Actor("user:ben", "Ben", ActorKind.User), "release.approved", "Release", "team", "r1", AuditResult.Succeeded, Reason: "Good", CorrelationId: "c1"), default);
        await _trail.Signer.SignAsync();
    }

    public async Task DisposeAsync()
    {
        await _context.DisposeAsync();
        _trail.Dispose();
    }

    [Fact]
    public void Page_RowInTheAddress_IsOpenWithItsFields()
    {
        var page = Render("/audit?row=1");

        Assert.Equal(["release.approved", "draft.saved"], page.FindAll("tr[data-action]").Select(row => row.GetAttribute("data-action")));
        var change = page.ByTestId("audit-changes").QuerySelectorAll("tr")[1];
        Assert.Equal("content", change.QuerySelector("th")!.TextContent);
        Assert.Equal(["Hello", "<b>Hi</b>"], change.QuerySelectorAll("pre").Select(text => text.TextContent));
        Assert.Equal("/ns/team/prompts/greet", page.ByTestId("audit-row-1").QuerySelector("a")!.GetAttribute("href"));
    }

    [Fact]
    public void Page_FilterInTheAddress_IsInTheFieldsAndTheExports()
    {
        var page = Render("/audit?action=release&result=succeeded");

        Assert.Equal("release.approved", Assert.Single(page.FindAll("tr[data-action]")).GetAttribute("data-action"));
        Assert.Equal("release", page.ByTestId("filter-action").GetAttribute("value"));
        Assert.Equal("/api/v1/audit/export?format=csv&action=release&result=succeeded", page.ByTestId("export-csv").GetAttribute("href"));
        Assert.Contains("Nothing matches", Render("/audit?namespace=elsewhere").Markup, StringComparison.Ordinal);
        Assert.Contains("result must be one of", Render("/audit?result=perhaps").Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_FilterFilledIn_BecomesTheAddress()
    {
        var page = Render("/audit");

        await page.ByTestId("filter-actor").ChangeAsync("Ben & Co");
        await page.ByTestId("filter-source").ChangeAsync("portal");
        await page.ByTestId("audit-filters").SubmitAsync();

        Assert.EndsWith("/audit?actor=Ben%20%26%20Co&source=portal", _context.Services.GetRequiredService<NavigationManager>().Uri, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("99999999999999999999999")]
    [InlineData("-1")]
    [InlineData("<b>")]
    public void Page_RowThatIsNone_ShowsTheLog(string row) => Assert.Equal(2, Render($"/audit?row={Uri.EscapeDataString(row)}").FindAll("tr[data-action]").Count);

    [Fact]
    public async Task Page_NewRow_ComesByItself()
    {
        var page = Render("/audit");

        await _trail.Log.RecordAsync(new AuditEntry(Actor.System, "demo.deleted", "Namespace", null, "demo", AuditResult.Succeeded), default);

        page.WaitForAssertion(() => Assert.Equal(3, page.FindAll("tr[data-action]").Count));
    }

    [Fact]
    public async Task Verify_IntactAndTampered_SaysSo()
    {
        var page = Render("/audit");

        await page.ByTestId("verify").ClickAsync();
        page.WaitForAssertion(() => Assert.Contains("2 rows, 1 to 2", page.ByTestId("verdict-intact").TextContent, StringComparison.Ordinal));

        _trail.Tamper("UPDATE audit SET ActorName = 'Eve' WHERE Sequence = 2");
        await page.ByTestId("verify").ClickAsync();
        page.WaitForAssertion(() => Assert.Contains("tampered with at row 2", page.ByTestId("verdict-broken").TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public void Page_RowsThatCannotBeRead_SaysSoAndStillVerifies()
    {
        _trail.Tamper("UPDATE audit SET At = 'never' WHERE Sequence = 1");

        var page = Render("/audit");

        Assert.Contains("cannot be read", page.Markup, StringComparison.Ordinal);
        page.ByTestId("verify").Click();
        page.WaitForAssertion(() => Assert.Contains("at row 1", page.ByTestId("verdict-broken").TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public async Task SavedView_KeptFilter_IsALink()
    {
        var page = Render("/audit?action=release");

        await page.ByTestId("view-name").ChangeAsync("Releases");
        await page.ByTestId("view-save").ClickAsync();

        page.WaitForAssertion(() => Assert.Equal("/audit?action=release", page.ByTestId("view-Releases").GetAttribute("href")));
    }

    private IRenderedComponent<AuditPage> Render(string address)
    {
        _context.Services.GetRequiredService<NavigationManager>().NavigateTo(address);
        var page = _context.Render<AuditPage>();
        page.WaitForState(() => page.FindAll("[data-testid='audit-footer']").Count == 1 && (page.FindAll("tr[data-action]").Count > 0 || page.FindAll("[data-testid='empty-state'], .gp-error").Count > 0));
        return page;
    }
}
