using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Portal.Components;
using Portal.Data;
using Portal.Features.Budgets.Jumps;
using Portal.Features.Costs.Calls;
using Portal.Features.Costs.Dashboard;
using Portal.Features.Prices;
using Portal.Features.Usage;
using Portal.Tests.Portal.Components;

namespace Portal.Tests.Portal.Costs;

public sealed class CostsPageTests : IAsyncLifetime
{
    private readonly CostData _data = new();
    private readonly UsageLog _usage;
    private readonly BunitContext _context;

    public CostsPageTests()
    {
        _usage = new UsageLog(_data.Database, new PriceBook(), _data.Clock);
        _context = UiContext.New(services => services.AddSingleton<TimeProvider>(_data.Clock).AddSingleton(_data.Reports).AddSingleton(new PublishMarkers(_data.Database)).AddSingleton(_usage)
            .AddSingleton(_data.Calls).AddSingleton(new MonthForecasts(_data.Reports, _data.Clock)).AddSingleton(new CostJumps(_data.Database, _data.Clock)).AddScoped<ReaderTimeZone>());
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _context.DisposeAsync();
        _data.Dispose();
    }

    [Fact]
    public async Task Page_StateInTheAddress_IsShown()
    {
        var dear = _data.Call(CostData.Now.AddHours(-1));
        (dear.Flow, dear.CostNanos, dear.Namespace) = ("dear", 9_000_000_000, "a");
        var unpriced = _data.Call(CostData.Now.AddHours(-1));
        unpriced.CostNanos = null;
        await _data.AddAsync((dear, "USD"), (_data.Call(CostData.Now.AddHours(-1)), "USD"), (unpriced, null));
        await PublishAsync();

        var page = Render("/costs?range=24h&sort=name");

        Assert.Equal(["a/dear", "team/reply"], page.FindAll("[data-testid=cost-row]").Select(row => row.GetAttribute("data-value")));
        Assert.Equal("$9.00", page.ByTestId("tile-spend").TextContent);
        page.WaitForAssertion(() => Assert.StartsWith("$", page.ByTestId("tile-forecast").TextContent, StringComparison.Ordinal));
        Assert.Equal(("1", "/costs/prices"), (page.ByTestId("tile-unpriced").TextContent, page.ByTestId("tile-unpriced").GetAttribute("href")));
        Assert.Equal("/costs?range=24h&group=revision&flow=a%2Fdear&sort=name", page.Find("[data-value='a/dear'] a").GetAttribute("href"));
        Assert.Equal(["a/dear", "team/reply"], page.FindAll("path[data-series]").Select(path => path.GetAttribute("data-series")));
        Assert.Equal("/approvals/5", Assert.Single(page.FindAll("[data-testid=chart-marker]")).GetAttribute("href"));
        Assert.Contains("published Prompt a/dear r2, release 5", page.ByTestId("chart-marker").TextContent, StringComparison.Ordinal);
        Assert.StartsWith("/api/v1/costs?format=csv&range=24h", page.ByTestId("export-csv").GetAttribute("href"), StringComparison.Ordinal);
        // An open page follows its address, of which only the query changes.
        _context.Services.GetRequiredService<NavigationManager>().NavigateTo("/costs?range=24h&group=model");
        page.WaitForAssertion(() => Assert.Equal(["openai/gpt-4o"], page.FindAll("[data-testid=cost-row]").Select(row => row.GetAttribute("data-value"))));
        Assert.Contains("range must be one of", Render("/costs?range=ever").Markup, StringComparison.Ordinal);
        Assert.Contains("Nothing matches", Render("/costs?flow=no/such").Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_NewCall_ComesByItselfUnlessPaused()
    {
        var page = Render("/costs?range=24h");
        Assert.Contains("No calls in this time", page.Markup, StringComparison.Ordinal);

        await TellAsync();
        page.WaitForAssertion(() => Assert.Equal("1", page.ByTestId("tile-calls").TextContent));
        await page.ByTestId("pause").ClickAsync(new());
        await TellAsync();
        _data.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal("1", page.ByTestId("tile-calls").TextContent);
        Assert.Contains("Paused", page.ByTestId("freshness").TextContent, StringComparison.Ordinal);

        await page.ByTestId("pause").ClickAsync(new());
        page.WaitForAssertion(() => Assert.Equal("2", page.ByTestId("tile-calls").TextContent));
    }

    [Fact]
    public async Task Page_ManyRows_AreSixSeriesAndTheRest()
    {
        await _data.AddAsync([.. Enumerable.Range(0, 9).Select(index =>
        {
            var call = _data.Call(CostData.Now.AddHours(-1));
            (call.Flow, call.CostNanos) = ($"f{index}", (index + 1) * 1_000_000_000L);
            return (call, (string?)"USD");
        })]);

        var page = Render("/costs?range=24h");

        Assert.Equal(["team/f8", "team/f7", "team/f6", "team/f5", "team/f4", "team/f3", "Other (3)"], page.FindAll("path[data-series]").Select(path => path.GetAttribute("data-series")));
        var table = Render("/costs?range=24h&view=table").ByTestId("chart-table");
        Assert.Equal(24, table.QuerySelectorAll("tbody tr").Length);
        Assert.Contains("$45.00", table.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Calls_AddressOfARow_ListsItsCalls()
    {
        var other = _data.Call(CostData.Now);
        other.Flow = "other";
        await _data.AddAsync((_data.Call(CostData.Now), "USD"), (other, "USD"));
        _context.Services.GetRequiredService<NavigationManager>().NavigateTo("/costs/calls?range=24h&flow=team%2Fother");

        var page = _context.Render<CallsPage>();

        page.WaitForElement("[data-testid=call-list]");
        Assert.Equal(CallPage.LinkTo(other.CallId), Assert.Single(page.FindAll("[data-testid=call-row]")).QuerySelector("a")!.GetAttribute("href"));
        var call = _context.Render<CallPage>(parameters => parameters.Add(item => item.Id, other.CallId));
        Assert.Contains("$0.001000", call.WaitForElement("[data-testid=call-cost]").TextContent, StringComparison.Ordinal);
        Assert.Equal("/ns/team/prompts/reply/history?to=3", call.ByTestId("call-revision").GetAttribute("href"));
        var missing = _context.Render<CallPage>(parameters => parameters.Add(item => item.Id, "nil"));
        Assert.Contains("There is no such call", missing.WaitForElement("[data-testid=empty-state]").TextContent, StringComparison.Ordinal);
    }

    private IRenderedComponent<CostsPage> Render(string address)
    {
        _context.Services.GetRequiredService<NavigationManager>().NavigateTo(address);
        var page = _context.Render<CostsPage>();
        page.WaitForElement("[data-testid=tiles]");
        return page;
    }

    private async Task TellAsync()
    {
        await _data.AddAsync((_data.Call(CostData.Now), "USD"));
        _usage.Tell();
    }

    private Task PublishAsync() => _data.Database.WriteAsync(
        context =>
        {
            context.Publications.Add(new Publication
            {
                Id = "p",
                Namespace = "a",
                Name = "dear",
                Content = "x",
                State = PublicationState.Published,
                RequestedAt = CostData.Now,
                FinishedAt = CostData.Now.AddMinutes(-30),
                ReleaseId = 5,
                Revision = 2,
            });
            return Task.CompletedTask;
        },
        default);
}
