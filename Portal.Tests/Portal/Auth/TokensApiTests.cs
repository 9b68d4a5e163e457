using System.Net;
using System.Net.Http.Json;

namespace Portal.Tests.Portal.Auth;

/// <summary>Automation over REST.</summary>
[Collection(PortalCollection.Name)]
public sealed class TokensApiTests(PortalFixture fixture)
{
    [Fact]
    public async Task Token_OverRest_DoesWhatItMayUntilItIsRevoked()
    {
        using var created = await fixture.Portal.Http.PostAsJsonAsync(
            "/api/v1/tokens", new { name = "rest", permissions = new[] { "ReadNamespace", "EditDraft" }, namespaces = new[] { "demo" }, days = 1 });
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        var made = (await created.Content.ReadFromJsonAsync<JsonObject>())!;
        var (secret, id) = ((string)made["secret"]!, (string)made["token"]!["id"]!);
        const string Prompt = "/api/v1/namespaces/demo/prompts/token-rest";

        Assert.Equal(HttpStatusCode.OK, await SendAsync(secret, HttpMethod.Get, "/api/v1/namespaces/demo/prompts"));
        Assert.Equal(HttpStatusCode.OK, await SendAsync(secret, HttpMethod.Put, Prompt + "/draft", new { content = "Hi" }));
        Assert.Equal(HttpStatusCode.NoContent, await SendAsync(secret, HttpMethod.Delete, Prompt + "/draft"));
        Assert.Equal(HttpStatusCode.Forbidden, await SendAsync(secret, HttpMethod.Delete, Prompt));
        Assert.Equal(HttpStatusCode.Forbidden, await SendAsync(secret, HttpMethod.Get, "/api/v1/namespaces/default/prompts"));
        Assert.Equal(HttpStatusCode.Forbidden, await SendAsync(secret, HttpMethod.Get, "/api/v1/tokens"));
        Assert.DoesNotContain(secret, await fixture.Portal.Http.GetStringAsync("/api/v1/tokens"), StringComparison.Ordinal);

        using var revoked = await fixture.Portal.Http.DeleteAsync($"/api/v1/tokens/{id}");

        Assert.Equal(HttpStatusCode.NoContent, revoked.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(secret, HttpMethod.Get, "/api/v1/namespaces/demo/prompts"));
    }

    [Theory]
    [InlineData("gp_")]
    [InlineData("gp_nothing")]
    [InlineData("GP_' OR 1=1 --")]
    public async Task Token_ThatIsNone_IsNobodyAlsoInLocalMode(string secret) =>
        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(secret, HttpMethod.Get, "/api/v1/namespaces"));

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"name":"x","permissions":["ReadNamespace"],"namespaces":[null],"days":1}""")]
    [InlineData("""{"name":"x","permissions":["Everything"],"namespaces":["demo"],"days":1}""")]
    [InlineData("""{"name":"x","permissions":[99],"namespaces":["demo"],"days":1}""")]
    public async Task Create_Malformed_IsABadRequest(string body)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");

        using var response = await fixture.Portal.Http.PostAsync("/api/v1/tokens", content);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    private async Task<HttpStatusCode> SendAsync(string secret, HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {secret}");
        using var response = await fixture.Portal.Http.SendAsync(request);
        return response.StatusCode;
    }
}
