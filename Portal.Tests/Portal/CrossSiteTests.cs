using System.Net;
using System.Text;

namespace Portal.Tests.Portal;

/// <summary>What a page of another site can make a browser send to the portal.</summary>
[Collection(PortalCollection.Name)]
public sealed class CrossSiteTests(PortalFixture fixture)
{
    private const string Publish = "/api/v1/namespaces/demo/prompts/cross-site/publish";

    [Theory]
    [InlineData(Publish, "Origin", "http://evil.example", HttpStatusCode.Forbidden)]
    [InlineData(Publish, "Origin", "null", HttpStatusCode.Forbidden)]
    [InlineData(Publish, "Origin", "http://127.0.0.1:1", HttpStatusCode.Forbidden)]
    [InlineData(Publish, "Sec-Fetch-Site", "cross-site", HttpStatusCode.Forbidden)]
    [InlineData(Publish, "Sec-Fetch-Site", "same-site", HttpStatusCode.Forbidden)]
    [InlineData("/flows/demo/support-reply", "Origin", "http://evil.example", HttpStatusCode.Forbidden)]
    [InlineData("/_blazor/negotiate?negotiateVersion=1", "Origin", "http://evil.example", HttpStatusCode.Forbidden)]
    [InlineData(Publish, "Host", "evil.example", HttpStatusCode.BadRequest)]
    [InlineData("/flows/demo/support-reply", "Host", "evil.example", HttpStatusCode.BadRequest)]
    public async Task Post_FromAnotherSite_IsRefused(string path, string header, string value, HttpStatusCode expected)
    {
        foreach (var type in new[] { "text/plain", "application/json" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent("{\"content\":\"Hi\"}", Encoding.UTF8, type) };
            request.Headers.TryAddWithoutValidation(header, value);

            using var response = await fixture.Portal.Http.SendAsync(request);

            Assert.Equal(expected, response.StatusCode);
        }

        Assert.Equal(HttpStatusCode.NotFound, (await fixture.Portal.Http.GetAsync("/api/v1/namespaces/demo/prompts/cross-site")).StatusCode);
    }
}
