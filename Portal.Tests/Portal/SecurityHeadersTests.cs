using System.Net;
using AngleSharp.Html.Parser;

namespace Portal.Tests.Portal;

[Collection(PortalCollection.Name)]
public sealed class SecurityHeadersTests(PortalFixture fixture)
{
    [Theory]
    [InlineData("/", HttpStatusCode.OK)]
    [InlineData("/assets/site.css", HttpStatusCode.OK)]
    [InlineData("/api/v1/namespaces", HttpStatusCode.OK)]
    [InlineData("/ns/demo/prompts", HttpStatusCode.OK)]
    [InlineData("/nothing/here", HttpStatusCode.NotFound)]
    [InlineData("/api/v1/namespaces/demo/flows/demo/calls?limit=x", HttpStatusCode.BadRequest)]
    public async Task Answer_Always_ForbidsInlineScriptsFramesAndSniffing(string path, HttpStatusCode expected)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.ParseAdd("text/html");

        using var response = await fixture.Portal.Http.SendAsync(request);

        Assert.Equal(expected, response.StatusCode);
        var policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("default-src 'none'; script-src 'self'; ", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe-inline", policy.Replace("style-src-attr 'unsafe-inline'", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe-eval", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("same-origin", response.Headers.GetValues("Referrer-Policy").Single());
        Assert.False(response.Headers.Contains("Strict-Transport-Security"));
    }

    [Fact]
    public async Task Page_EveryTime_HasANewNonceThatThePolicyNames()
    {
        var seen = new HashSet<string>();
        for (var i = 0; i < 2; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/");
            request.Headers.Accept.ParseAdd("text/html");
            using var response = await fixture.Portal.Http.SendAsync(request);
            var page = new HtmlParser().ParseDocument(await response.Content.ReadAsStringAsync());
            var nonce = page.QuerySelector("meta[name='style-nonce']")!.GetAttribute("content")!;

            Assert.Contains($"style-src 'self' 'nonce-{nonce}';", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
            Assert.True(seen.Add(nonce));
            Assert.Empty(page.QuerySelectorAll("script:not([src]), style").Select(element => element.OuterHtml));
        }
    }

    [Fact]
    public async Task SignIn_TriedTooOften_IsToldToWait()
    {
        HttpResponseMessage last;
        var tries = 0;
        do
        {
            last = await fixture.Portal.Http.GetAsync("/auth/sign-in/nobody");
        }
        while (last.StatusCode == HttpStatusCode.NotFound && ++tries < 1000);

        Assert.Equal(HttpStatusCode.TooManyRequests, last.StatusCode);
        Assert.NotNull(last.Headers.RetryAfter);
        Assert.Equal(HttpStatusCode.OK, (await fixture.Portal.Http.GetAsync("/api/v1/namespaces")).StatusCode);
    }
}
