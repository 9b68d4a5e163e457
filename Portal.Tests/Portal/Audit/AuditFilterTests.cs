using Portal.Features.Audit;

namespace Portal.Tests.Portal.Audit;

public class AuditFilterTests
{
    [Fact]
    public void Parse_ItsOwnQuery_IsTheSameFilter()
    {
        var filter = new AuditFilter
        {
            Actor = "Ada & Ben=1",
            Action = "release",
            Kind = "Prompt",
            Namespace = "team-a",
            Name = "grüße",
            Result = AuditResult.Refused,
            Source = AuditSource.Kubectl,
            Correlation = "abc",
            From = new DateTime(2030, 1, 2, 3, 4, 0, DateTimeKind.Utc),
            To = new DateTime(2030, 1, 2, 3, 4, 5, DateTimeKind.Utc),
        };

        Assert.Equal((filter, null), Parse(filter.ToQuery()));
        Assert.Equal((new AuditFilter(), null), Parse(""));
        Assert.Equal("", new AuditFilter().ToQuery());
    }

    [Theory]
    [InlineData("result=1", "result must be one of succeeded, refused, failed.")]
    [InlineData("source=cloud", "source must be one of portal, api, kubectl, gitops, system.")]
    [InlineData("from=yesterday", "from must be a time in UTC such as 2030-01-02T03:04.")]
    public void Parse_Nonsense_IsAnErrorThatNamesTheField(string query, string expected) => Assert.Equal(expected, Parse(query).Error);

    [Fact]
    public void Parse_LongText_IsAnError() => Assert.Equal("name is longer than 256 characters.", Parse($"name={new string('x', 300)}").Error);

    private static (AuditFilter Filter, string? Error) Parse(string query)
    {
        var fields = System.Web.HttpUtility.ParseQueryString(query);
        return AuditFilter.Parse(field => fields[field]);
    }
}
