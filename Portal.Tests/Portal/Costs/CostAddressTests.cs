using Portal.Features.Costs.Queries;

namespace Portal.Tests.Portal.Costs;

public class CostAddressTests
{
    [Fact]
    public void Parse_ItsOwnQuery_IsTheSameView()
    {
        var view = new CostView
        {
            Range = CostRange.Custom,
            From = new DateTime(2026, 3, 1),
            To = new DateTime(2026, 3, 29, 10, 30, 0),
            Zone = "Europe/Berlin",
            Group = CostDimension.Revision,
            Filters = CostFilters.Empty.With(CostDimension.Flow, "team/a b&c=1").With(CostDimension.User, "").With(CostDimension.User, "grüße").With(CostDimension.Model, "vertex/meta/llama"),
            Metric = CostMetric.Tokens,
            Sort = CostSort.PerCall,
            Ascending = true,
            AsTable = true,
            Currency = "EUR",
            Bucket = CostBucket.Day,
        };

        var (parsed, errors) = CostAddress.Parse(CostAddress.ToQuery(view));

        Assert.Empty(errors);
        Assert.Equal(view, parsed);
        Assert.Equal("", CostAddress.ToQuery(new CostView()));
        Assert.Equal((new CostView(), 0), (CostAddress.Parse("").View, CostAddress.Parse("?").Errors.Count));
        Assert.Equal("/costs?range=24h&group=model&team=red", CostAddress.PageOf(new CostView { Range = CostRange.Day, Group = CostDimension.Model, Filters = CostFilters.Empty.With(CostDimension.Team, "red") }));
    }

    [Theory]
    [InlineData("range=year", "range must be one of 24h, 7d, month, custom.")]
    [InlineData("range=custom&from=2026-03-01", "A custom range takes both from and to")]
    [InlineData("from=2026-03-01&to=2026-03-01", "from must be before to.")]
    [InlineData("from=2026-03-01&to=2026-02-01", "from must be before to.")]
    [InlineData("from=2024-03-01&to=2026-02-01", "from and to are more than 400 days apart.")]
    [InlineData("from=yesterday&to=2026-02-01", "from must be a day or a time in the zone tz")]
    [InlineData("from=0001-01-01&to=2026-02-01", "from must be a day or a time in the zone tz")]
    [InlineData("tz=Mars/Olympus", "tz must be the name of a time zone")]
    [InlineData("tz=../../etc/passwd", "tz must be the name of a time zone")]
    [InlineData("group=colour", "group must be one of namespace, flow, prompt, revision")]
    [InlineData("group=1", "group must be one of")]
    [InlineData("sort=-size", "sort must be one of cost, name")]
    [InlineData("view=pie", "view must be chart or table.")]
    [InlineData("show=0", "show must be one of cost, calls, tokens.")]
    [InlineData("currency=dollars", "currency must be a code of three letters")]
    [InlineData("bucket=week", "bucket must be one of hour, day.")]
    [InlineData("flow=reply", "flow must look like team-a/support-reply.")]
    [InlineData("revision=team/reply", "revision must look like team-a/support-reply@12.")]
    public void Parse_Nonsense_IsAnErrorThatNamesTheField(string query, string expected)
    {
        var (view, errors) = CostAddress.Parse(query);

        Assert.StartsWith(expected, Assert.Single(errors), StringComparison.Ordinal);
        Assert.Equal(CostRange.Week, view.Range);
    }

    [Fact]
    public void Parse_TooMuch_IsAnError()
    {
        Assert.Contains("longer than 300", Assert.Single(CostAddress.Parse($"user={new string('x', 400)}").Errors), StringComparison.Ordinal);
        Assert.Contains("at most 20", Assert.Single(CostAddress.Parse(string.Join('&', Enumerable.Range(0, 21).Select(index => $"user=u{index}"))).Errors), StringComparison.Ordinal);
    }
}
