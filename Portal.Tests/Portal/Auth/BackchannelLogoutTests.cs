using System.Net;

namespace Portal.Tests.Portal.Auth;

/// <summary>The provider says that somebody has signed out.</summary>
[Collection(SignInCollection.Name)]
public sealed class BackchannelLogoutTests(SignInFixture fixture) : IDisposable
{
    private readonly HttpClient _browser = fixture.NewBrowser();

    public void Dispose() => _browser.Dispose();

    [Fact]
    public async Task Logout_ProperToken_EndsTheSessionOnceAndNotTheNextOne()
    {
        (await fixture.SignInAsync(_browser)).Dispose();
        Assert.Equal(HttpStatusCode.OK, await GetAsync());
        var token = fixture.Provider.Sign(Claims());

        Assert.Equal(HttpStatusCode.OK, await PostAsync(token));
        Assert.Equal(HttpStatusCode.Unauthorized, await GetAsync());

        (await fixture.SignInAsync(_browser)).Dispose();
        Assert.Equal(HttpStatusCode.BadRequest, await PostAsync(token));
        Assert.Equal(HttpStatusCode.OK, await GetAsync());
    }

    [Theory]
    [InlineData("no events")]
    [InlineData("ID token")]
    [InlineData("nobody")]
    [InlineData("another audience")]
    [InlineData("expired")]
    [InlineData("alg none")]
    [InlineData("")]
    public async Task Logout_TokenNotToBeTrusted_EndsNothing(string mistake)
    {
        (await fixture.SignInAsync(_browser)).Dispose();
        var claims = Claims();
        switch (mistake)
        {
            case "no events": claims.Remove("events"); break;
            case "ID token": claims["nonce"] = "n"; break;
            case "nobody": claims.Remove("sub"); claims.Remove("sid"); break;
            case "another audience": claims["aud"] = "another"; break;
            case "expired": claims["exp"] = 1; break;
        }

        var token = mistake switch
        {
            "" => "",
            "alg none" => fixture.Provider.Sign(claims, header => header["alg"] = "none", _ => []),
            _ => fixture.Provider.Sign(claims),
        };

        Assert.Equal(HttpStatusCode.BadRequest, await PostAsync(token));
        Assert.Equal(HttpStatusCode.OK, await GetAsync());
    }

    private JsonObject Claims()
    {
        var claims = fixture.Provider.Claims(nonce: null);
        claims["jti"] = Guid.NewGuid().ToString();
        claims["events"] = new JsonObject { ["http://schemas.openid.net/event/backchannel-logout"] = new JsonObject() };
        return claims;
    }

    private async Task<HttpStatusCode> GetAsync()
    {
        using var response = await _browser.GetAsync("/api/v1/namespaces");
        return response.StatusCode;
    }

    private async Task<HttpStatusCode> PostAsync(string token)
    {
        // As a provider sends it: without cookies.
        using var provider = fixture.NewBrowser();
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("logout_token", token)]);
        using var response = await provider.PostAsync("/auth/backchannel-logout/corp", form);
        return response.StatusCode;
    }
}
