using Bunit;
using Portal.Features.Playground;
using Portal.Features.Prices;
using Portal.Runner.Contract;
using Portal.Tests.Portal.Components;

namespace Portal.Tests.Portal.Playground;

public sealed class RunViewTests : IDisposable
{
    private static readonly RunSnapshot s_run = new()
    {
        Id = "1",
        Namespace = "n",
        Prompt = "p",
        Input = [],
        StartedAt = DateTimeOffset.UnixEpoch,
        State = RunState.Completed,
        Provider = "demo",
        Model = "echo-stream",
        Output = "<b>not bold</b>",
        FinishReason = "stop",
        FirstToken = TimeSpan.FromMilliseconds(123),
        Duration = TimeSpan.FromMilliseconds(2345),
        Usage = new TokenUsage { InputTokens = 1234, OutputTokens = 56 },
        Cost = new Cost(0, "demo price"),
    };

    private readonly BunitContext _context = UiContext.New();

    public void Dispose() => _context.Dispose();

    [Fact]
    public void Footer_CompletedRun_ShowsTimesTokensCostAndReason()
    {
        var footer = Render(s_run).ByTestId("run-footer").TextContent;

        foreach (var expected in new[] { "123 ms", "2.3 s", "1,234", "56", "$0.00", "demo price", "stop" })
        {
            Assert.Contains(expected, footer, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Footer_UnpricedRun_IsARedBadgeAndNeverZero()
    {
        var cost = Render(s_run with { Cost = null }).ByTestId("run-cost");

        Assert.Equal("unpriced", cost.QuerySelector(".gp-chip-bad")!.TextContent.Replace("money_off", "", StringComparison.Ordinal).Trim());
        Assert.DoesNotContain("$0", cost.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Output_Markup_IsShownAsText()
    {
        var output = Render(s_run).ByTestId("output");

        Assert.Equal("<b>not bold</b>", output.TextContent.Trim());
        Assert.Null(output.QuerySelector("b"));
    }

    [Fact]
    public void Output_LongAnswer_IsWhole()
    {
        var text = string.Concat(Enumerable.Range(0, 3000).Select(number => $"{number} "));

        Assert.Equal(text.Trim(), Render(s_run with { Output = text }).ByTestId("output").TextContent.Trim());
    }

    [Fact]
    public void Error_OfAFailedRun_HasCodeMessageAndNextStep()
    {
        var error = Render(s_run with
        {
            State = RunState.Failed,
            Error = new RunError("UNAUTHENTICATED", "The key is wrong.", "Check the Secret.")
        }).ByTestId("run-error").TextContent;

        Assert.Contains("UNAUTHENTICATED", error, StringComparison.Ordinal);
        Assert.Contains("The key is wrong.", error, StringComparison.Ordinal);
        Assert.Contains("Check the Secret.", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Tools_CalledByTheModel_AreShownPlainly()
    {
        var tools = Render(s_run with
        {
            Tools = [new RunToolCall("weather", """{"city":"<b>Bonn</b>"}""", "\"snow\"", false, TimeSpan.FromMilliseconds(12)), new RunToolCall("mail", null, """{"error":"no"}""", true, null)],
        }).ByTestId("run-tools");

        Assert.Equal(["weather answered (12 ms)", "mail failed"], tools.QuerySelectorAll("summary").Select(static summary => summary.TextContent.Trim()));
        Assert.Contains("""{"city":"<b>Bonn</b>"}""", tools.TextContent, StringComparison.Ordinal);
        Assert.Null(tools.QuerySelector("b"));
    }

    [Fact]
    public void Announcement_StartAndEnd_AreToldOnceEach()
    {
        Assert.Equal("The model is answering.", Render(s_run with { State = RunState.Running }).Find("[role=status]").TextContent);
        Assert.Equal("The answer is complete.", Render(s_run).Find("[role=status]").TextContent);
    }

    private IRenderedComponent<RunView> Render(RunSnapshot run) =>
        _context.Render<RunView>(parameters => parameters.Add(view => view.Ended, run));
}
