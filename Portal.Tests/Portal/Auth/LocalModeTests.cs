using System.Net;
using AngleSharp.Html.Parser;
using Portal.Auth;

namespace Portal.Tests.Portal.Auth;

/// <summary>Without a sign-in one is the local administrator, and can be one of two demo personas.</summary>
[Collection(PortalCollection.Name)]
public sealed class LocalModeTests(PortalFixture fixture) : IDisposable
{
    private const string Deleted = "/api/v1/namespaces/demo/prompts/persona";

    private readonly HttpClient _browser = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false })
    {
        BaseAddress = fixture.Portal.Http.BaseAddress,
    };

    public void Dispose() => _browser.Dispose();

    [Fact]
    public async Task Page_NobodyChosen_ShowsTheLocalAdministrator() => Assert.Equal("Local administrator", await NameOnAsync("/"));

    [Fact]
    public async Task Switch_ToTheAuthor_ActsAsTheAuthorUntilSwitchedBack()
    {
        using var switched = await SwitchAsync("ada", "/ns/demo/prompts");

        Assert.Equal(HttpStatusCode.Redirect, switched.StatusCode);
        Assert.Equal("/ns/demo/prompts", switched.Headers.Location!.ToString());
        Assert.Contains("httponly", switched.Headers.GetValues("Set-Cookie").Single(cookie => cookie.StartsWith("gp-persona", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Equal("Ada (demo author)", await NameOnAsync("/ns/demo/prompts"));
        using var refused = await _browser.DeleteAsync(Deleted);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Contains("Ada (demo author) may not delete published prompts in the namespace", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        (await SwitchAsync("admin", "/")).Dispose();
        Assert.Equal("Local administrator", await NameOnAsync("/"));
    }

    [Fact]
    public async Task Switch_WithoutTheToken_IsRefused()
    {
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("persona", "ada")]);

        using var response = await _browser.PostAsync(PersonaEndpoint.Path, form);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.False(response.Headers.Contains("Set-Cookie"));
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example")]
    [InlineData("/\\evil.example")]
    [InlineData("/\t/evil.example")]
    [InlineData("javascript:alert(1)")]
    [InlineData("")]
    public async Task Switch_ReturnAddressOfAnotherSite_GoesHome(string returnUrl)
    {
        using var switched = await SwitchAsync("ben", returnUrl);

        Assert.Equal("/", switched.Headers.Location!.ToString());
    }

    private async Task<string> NameOnAsync(string path)
    {
        var page = await new HtmlParser().ParseDocumentAsync(await _browser.GetStringAsync(path));
        return page.QuerySelector("[data-testid='user-name']")!.TextContent;
    }

    private async Task<HttpResponseMessage> SwitchAsync(string persona, string returnUrl)
    {
        var page = await new HtmlParser().ParseDocumentAsync(await _browser.GetStringAsync("/"));
        var token = page.QuerySelector("input[name='__RequestVerificationToken']")!.GetAttribute("value")!;
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["__RequestVerificationToken"] = token,
            ["persona"] = persona,
            ["returnUrl"] = returnUrl,
        });
        return await _browser.PostAsync(PersonaEndpoint.Path, form);
    }
}
