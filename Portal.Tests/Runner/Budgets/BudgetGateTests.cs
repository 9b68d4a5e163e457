using Portal.Runner.Budgets;
using Portal.Runner.Contract;
using Portal.Runner.Engine;
using Portal.Tests.Shared;

namespace Portal.Tests.Runner.Budgets;

public class BudgetGateTests
{
    private static readonly BudgetedCall s_call = new("n", "f", "ada", "red", "ci");
    private readonly ManualTimeProvider _time = new();
    private readonly BudgetGate _gate;

    public BudgetGateTests() => _gate = new BudgetGate(_time);

    [Fact]
    public void Check_BeforeThePortalsFirstWord_LetsThrough() => _gate.Check(s_call);

    [Fact]
    public void Check_UsedUpBudget_SaysWhichUntilWhenAndWhomToAsk()
    {
        _gate.Hear(Of(Stop() with { Namespace = "n", Flow = "f", Contact = "Ada in finance" }));

        var refused = Assert.Throws<GenkitException>(() => _gate.Check(s_call));

        Assert.Equal((GenkitStatus.ResourceExhausted, TimeSpan.FromHours(1)), (refused.Status, refused.RetryAfter));
        Assert.Equal("The budget “Ours” is used up until 2030-01-01T01:00:00Z. Whom to ask: Ada in finance", refused.Message);
        Assert.Equal(
            """{"reason":"BUDGET_EXHAUSTED","budget":"Ours","budgetId":"b1","until":"2030-01-01T01:00:00Z","contact":"Ada in finance"}""", refused.Details!.ToJsonString());
    }

    public static TheoryData<BudgetStop, bool> Scopes => new()
    {
        { Stop(), true },
        { Stop() with { Namespace = "n" }, true },
        { Stop() with { Namespace = "m" }, false },
        { Stop() with { Flow = "f" }, true },
        { Stop() with { Namespace = "m", Flow = "f" }, false },
        { Stop() with { Flow = "g" }, false },
        { Stop() with { User = "ada" }, true },
        { Stop() with { User = "bob" }, false },
        { Stop() with { Team = "red" }, true },
        { Stop() with { Team = "blue" }, false },
        { Stop() with { Token = "ci" }, true },
        { Stop() with { Token = "cd" }, false },
        { Stop() with { Shadow = true }, false },
    };

    [Theory]
    [MemberData(nameof(Scopes))]
    public void Check_Scope_RefusesItsOwnCallsAlone(BudgetStop stop, bool refuses)
    {
        _gate.Hear(Of(stop));

        var exception = Record.Exception(() => _gate.Check(s_call));

        Assert.Equal(refuses, exception is GenkitException);
    }

    [Fact]
    public void Check_SeveralBudgets_NamesTheOneThatStopsForLongest()
    {
        _gate.Hear(Of(Stop(), Stop() with { Name = "Longer", Until = _time.GetUtcNow().AddDays(3) }, Stop() with { Name = "Shorter", Until = _time.GetUtcNow().AddMinutes(3) }));

        Assert.Contains("Longer", Assert.Throws<GenkitException>(() => _gate.Check(s_call)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_WindowIsOver_LetsThroughWithoutAskingAnybody()
    {
        _gate.Hear(Of(Stop() with { Until = _time.GetUtcNow().AddSeconds(30) }));
        Assert.Throws<GenkitException>(() => _gate.Check(s_call));

        _time.Advance(TimeSpan.FromSeconds(30));

        _gate.Check(s_call);
    }

    [Fact]
    public void Check_PortalAwayForAMinute_LetsThroughUntilItIsBack()
    {
        _gate.Hear(Of(Stop()));
        _time.Advance(BudgetGate.Trust);
        Assert.Throws<GenkitException>(() => _gate.Check(s_call));
        _time.Advance(TimeSpan.FromSeconds(1));
        _gate.Check(s_call);
        _gate.HearAgain();

        Assert.Throws<GenkitException>(() => _gate.Check(s_call));
    }

    private static BudgetStops Of(params BudgetStop[] stops) => new() { Stops = stops };

    private static BudgetStop Stop() => new() { Id = "b1", Name = "Ours", Until = new DateTimeOffset(2030, 1, 1, 1, 0, 0, TimeSpan.Zero) };
}
