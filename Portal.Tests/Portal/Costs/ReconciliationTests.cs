using Portal.Auth;
using Portal.Features.Costs.Reconcile;
using Portal.Tests.Portal.Auth;

namespace Portal.Tests.Portal.Costs;

public sealed class ReconciliationTests : IDisposable
{
    private static readonly DateOnly s_day = new(2026, 3, 29);

    private readonly CostData _data = new();

    public void Dispose() => _data.Dispose();

    [Theory]
    [InlineData(1000L, 1.004, 1000L, 1.0, 0L, Verdict.Agrees)]
    [InlineData(1000L, 1.006, 1000L, 1.0, 0L, Verdict.OtherPrice)]
    [InlineData(1000L, 1.5, 1000L, 1.0, 3L, Verdict.Unpriced)]
    [InlineData(1200L, 1.2, 1000L, 1.0, 0L, Verdict.MissingCalls)]
    [InlineData(900L, 0.9, 1000L, 1.0, 0L, Verdict.MissingInFile)]
    [InlineData(null, 1.5, 1000L, 1.0, 0L, Verdict.MissingCalls)]
    [InlineData(null, 1.5, 1000L, 1.0, 2L, Verdict.Unpriced)]
    [InlineData(1000L, null, 1000L, 7.0, 0L, Verdict.Agrees)]
    public void Of_OneDay_FindsTheLikelyReason(long? tokens, double? cost, long ownTokens, double ownCost, long unpriced, Verdict expected)
    {
        var line = Assert.Single(Compare([new InvoiceLine(s_day, "gpt-4o-2024-08-06", tokens, (decimal?)cost)], [new OwnLine(s_day, "gpt-4o", ownTokens, (decimal)ownCost, 10, unpriced, 0)]).Lines);

        Assert.Equal((expected, "gpt-4o"), (line.Verdict, line.Model));
        Assert.EndsWith(".", line.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_WhatOneSideLacks_IsNamed()
    {
        var lines = Compare([new InvoiceLine(s_day, "a", 10, 1)], [new OwnLine(s_day, "b", 20, 2, 1, 0, 0)]).Lines;

        Assert.Equal([("a", Verdict.MissingCalls), ("b", Verdict.MissingInFile)], lines.Select(line => (line.Model, line.Verdict)));
    }

    [Fact]
    public void Of_DaysThatBeginElsewhere_AreTakenForThat()
    {
        var reconciliation = Compare(
            [new InvoiceLine(s_day, "a", 900, 9), new InvoiceLine(s_day.AddDays(1), "a", 1100, 11), new InvoiceLine(s_day.AddDays(2), "a", 500, 5)],
            [new OwnLine(s_day, "a", 1000, 10, 1, 0, 0), new OwnLine(s_day.AddDays(1), "a", 1000, 10, 1, 0, 0), new OwnLine(s_day.AddDays(2), "a", 500, 5, 1, 0, 0)]);

        Assert.Equal([Verdict.OtherDay, Verdict.OtherDay, Verdict.Agrees], reconciliation.Lines.Select(line => line.Verdict));
        Assert.Contains("2026-03-30", reconciliation.Lines[0].Reason, StringComparison.Ordinal);
        Assert.False(reconciliation.Agrees);
    }

    [Fact]
    public void Of_FileWithoutModels_ComparesDays()
    {
        var line = Assert.Single(Compare([new InvoiceLine(s_day, "", null, 3)], [new OwnLine(s_day, "a", 10, 1, 1, 0, 0), new OwnLine(s_day, "b", 10, 2, 1, 0, 0)]).Lines);

        Assert.Equal((Reconciliation.AllModels, Verdict.Agrees), (line.Model, line.Verdict));
    }

    [Theory]
    [InlineData("gpt-4o-2024-08-06", "gpt-4o")]
    [InlineData("gpt-4-1106-preview", "gpt-4")]
    [InlineData("claude-sonnet-4-5-20250929", "claude-sonnet-4-5")]
    [InlineData("claude-sonnet-4-5", "claude-sonnet-4-5")]
    [InlineData("models/gemini-2.5-flash-preview-05-20", "gemini-2.5-flash")]
    [InlineData("gemini-1.5-pro-002", "gemini-1.5-pro")]
    [InlineData("claude-3-5-haiku@20241022", "claude-3-5-haiku")]
    [InlineData("GPT-4o-Mini-latest", "gpt-4o-mini")]
    [InlineData("gemini-3-pro-preview", "gemini-3-pro")]
    public void NameOf_Version_IsTheModel(string name, string expected) => Assert.Equal(expected, Reconciliation.NameOf(name));

    [Fact]
    public async Task Compare_WithTheDatabase_CountsTheProvidersCallsOfThoseDays()
    {
        var noon = new DateTime(2026, 3, 29, 12, 0, 0, DateTimeKind.Utc);
        var other = _data.Call(noon);
        (other.Provider, other.Model) = ("anthropic", "claude-haiku-4-5");
        var unpriced = _data.Call(noon);
        unpriced.CostNanos = null;
        await _data.AddAsync((_data.Call(noon), "USD"), (_data.Call(noon.AddHours(10)), "USD"), (_data.Call(noon.AddHours(13)), "USD"), (_data.Call(noon), "EUR"), (unpriced, null), (other, "USD"));
        var invoice = new Invoice("x", "openai", [new InvoiceLine(s_day, "gpt-4o-2024-11-20", 480, 0.5m, "USD")], []);
        var reconciler = new Reconciler(_data.Reports);

        var result = await reconciler.CompareAsync(TestUsers.Administrator(), invoice, "openai", TimeZoneInfo.Utc, default);

        var line = Assert.Single(result.Reconciliation.Lines);
        Assert.Equal((new OwnLine(s_day, "gpt-4o", 480, 0.002m, 4, 1, 0), Verdict.Unpriced), (line.Ours, line.Verdict));
        Assert.Contains("EUR", Assert.Single(result.Notes), StringComparison.Ordinal);
        var viewer = new CurrentUser(new AccessPolicy([new RoleBinding(null, "oidc:corp:vi", PortalRole.Viewer, ["team"])]));
        viewer.Become(PortalClaims.PrincipalOf(new Actor("oidc:corp:vi", "Vi", ActorKind.User), "test"), null);
        await Assert.ThrowsAsync<AccessDeniedException>(() => reconciler.CompareAsync(viewer, invoice, "openai", TimeZoneInfo.Utc, default));
    }

    private static Reconciliation Compare(IReadOnlyList<InvoiceLine> theirs, IReadOnlyList<OwnLine> ours) => Reconciliation.Of(new Invoice("x", null, theirs, []), ours);
}
