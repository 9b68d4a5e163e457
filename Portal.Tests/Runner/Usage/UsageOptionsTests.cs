using Portal.Runner.Usage;

namespace Portal.Tests.Runner.Usage;

public class UsageOptionsTests
{
    [Theory]
    [InlineData("http://portal.genkit")]
    [InlineData("http://portal.genkit/")]
    [InlineData("http://portal.genkit/api/v1/usage")]
    [InlineData("http://portal.genkit/api/v1/usage/")]
    public void Read_AddressOfPortalOrOfItsIngest_IsTheSamePortal(string url)
    {
        var options = UsageOptions.Read(name => name == "GENKIT_USAGE_URL" ? url : null, [])!;

        Assert.Equal(("http://portal.genkit", "http://portal.genkit/api/v1/usage"), (options.Portal, options.Address.AbsoluteUri));
    }

    [Fact]
    public void Read_PortalBelowAPath_KeepsThePath() =>
        Assert.Equal("https://example.com/tools/portal/api/v1/usage", UsageOptions.Read(name => name == "GENKIT_USAGE_URL" ? "https://example.com/tools/portal" : null, [])!.Address.AbsoluteUri);
}
