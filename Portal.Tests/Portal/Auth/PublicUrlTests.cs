using System.Net;
using Microsoft.Extensions.Logging;

namespace Portal.Tests.Portal.Auth;

/// <summary>Behind a proxy that ends TLS: what the browser is told is about the address it knows.</summary>
public sealed class PublicUrlTests
{
    [Fact]
    public async Task Answers_BehindAProxyWithTls_AreForTheAddressOfTheProxy()
    {
        var data = Directory.CreateTempSubdirectory("portal-tests-");
        await using var provider = await FakeIdentityProvider.StartAsync();
        string[] arguments =
        [
            .. RunningPortal.Arguments(data.FullName), "--Portal:PublicUrl", "https://portal.example.com",
            "--Portal:Auth:Oidc:corp:Authority", provider.Issuer, "--Portal:Auth:Oidc:corp:ClientId", FakeIdentityProvider.ClientId,
            "--Portal:Auth:Roles:0:Group", "authors", "--Portal:Auth:Roles:0:Role", "author", "--Portal:Auth:Roles:0:Namespaces", "demo",
        ];
        await using (var portal = await PortalApplication.StartAsync(arguments, builder => builder.Logging.ClearProviders(), CancellationToken.None))
        {
            using var browser = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = portal.Address };
            using var asked = await browser.GetAsync("/auth/sign-in/corp");
            var query = Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(asked.Headers.Location!.Query);
            Assert.Equal("https://portal.example.com/auth/callback/corp", query["redirect_uri"]);
            Assert.Equal("max-age=31536000", asked.Headers.GetValues("Strict-Transport-Security").Single());

            provider.Token = _ => Microsoft.AspNetCore.Http.Results.Json(new { id_token = provider.Sign(provider.Claims(query["nonce"])) });
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/auth/callback/corp?code=c&state={Uri.EscapeDataString(query["state"]!)}");
            request.Headers.Add("Cookie", asked.Headers.GetValues("Set-Cookie").Select(cookie => cookie.Split(';')[0]));
            using var back = await browser.SendAsync(request);

            Assert.Equal(HttpStatusCode.Redirect, back.StatusCode);
            var cookie = Assert.Single(back.Headers.GetValues("Set-Cookie"), cookie => cookie.Contains("gp-session", StringComparison.Ordinal));
            Assert.StartsWith("__Host-gp-session=", cookie, StringComparison.Ordinal);
            Assert.EndsWith("; path=/; secure; samesite=lax; httponly", cookie, StringComparison.Ordinal);

            using var elsewhere = new HttpRequestMessage(HttpMethod.Get, "/healthz") { Headers = { Host = "evil.example" } };
            using var refused = await browser.SendAsync(elsewhere);
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        }

        data.Delete(recursive: true);
    }
}
