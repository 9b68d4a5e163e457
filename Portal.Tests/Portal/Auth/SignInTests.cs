using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Auth;
using Portal.Data;

namespace Portal.Tests.Portal.Auth;

/// <summary>Signing in, and every way in which it must fail.</summary>
[Collection(SignInCollection.Name)]
public sealed class SignInTests(SignInFixture fixture) : IDisposable
{
    private readonly HttpClient _browser = fixture.NewBrowser();
    private readonly FakeIdentityProvider _provider = fixture.Provider;

    public void Dispose() => _browser.Dispose();

    [Fact]
    public async Task SignIn_ProperAnswer_GoesBackAndHoldsForItsRolesOnly()
    {
        var asked = await SignInFixture.BeginAsync(_browser);
        IFormCollection? sent = null;
        _provider.Token = form =>
        {
            sent = form;
            return Results.Json(new { id_token = _provider.Sign(_provider.Claims(asked["nonce"])) });
        };

        using var back = await SignInFixture.ReturnAsync(_browser, asked["state"], "the-code");

        Assert.Equal(HttpStatusCode.Redirect, back.StatusCode);
        Assert.Equal("/ns/demo/prompts", back.Headers.Location!.ToString());
        Assert.Equal(("authorization_code", "the-code"), (sent!["grant_type"].ToString(), sent["code"].ToString()));
        Assert.Equal(asked["code_challenge"], WebEncoders.Base64UrlEncode(SHA256.HashData(Encoding.ASCII.GetBytes(sent["code_verifier"]!))));
        Assert.Equal("S256", asked["code_challenge_method"]);
        Assert.Equal(HttpStatusCode.OK, await GetAsync("/api/v1/namespaces/demo/prompts"));
        Assert.Equal(HttpStatusCode.Forbidden, await GetAsync("/api/v1/namespaces/default/prompts"));
    }

    public static TheoryData<string, string> BadTokens => new()
    {
        { "another audience", "(aud)" }, { "another issuer", "(iss)" }, { "expired", "expired" }, { "no end", "expired" }, { "not yet", "not valid yet" },
        { "another nonce", "(nonce)" }, { "no nonce", "(nonce)" }, { "two audiences", "(azp)" }, { "another party", "(azp)" }, { "no subject", "(sub)" },
        { "crit", "(crit)" }, { "alg none", "signature" }, { "alg none unsigned", "signature" }, { "shared secret", "" }, { "public key as secret", "" },
        { "key of somebody else", "signature" }, { "unknown key", "does not publish" }, { "cut", "cannot be read" }, { "no token", "no ID token" },
    };

    [Theory]
    [MemberData(nameof(BadTokens))]
    public async Task SignIn_TokenNotToBeTrusted_IsRefusedAndRecordedWithTheReason(string mistake, string reason)
    {
        var asked = await SignInFixture.BeginAsync(_browser);
        _provider.Token = _ => Results.Json(mistake == "no token" ? new { id_token = (string?)null } : new { id_token = (string?)BadToken(mistake, asked["nonce"]) });

        using var back = await SignInFixture.ReturnAsync(_browser, asked["state"]);

        Assert.Equal("/sign-in?problem=Refused&provider=corp", back.Headers.Location!.ToString());
        Assert.Equal(HttpStatusCode.Unauthorized, await GetAsync("/api/v1/namespaces"));
        var recorded = await LastAuditAsync();
        Assert.Equal(("signin.refused", "Refused"), (recorded.Action, recorded.Result));
        Assert.Contains(reason, recorded.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("forged")]
    public async Task Callback_StateThatIsNone_IsRefused(string state)
    {
        using var back = await SignInFixture.ReturnAsync(_browser, state);

        Assert.StartsWith("/sign-in?problem=State", back.Headers.Location!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Callback_AnswerOfAnotherBrowserOrUsedBefore_IsRefused()
    {
        var asked = await SignInFixture.BeginAsync(_browser);
        _provider.Token = _ => Results.Json(new { id_token = _provider.Sign(_provider.Claims(asked["nonce"])) });
        using var other = fixture.NewBrowser();

        using var stolen = await SignInFixture.ReturnAsync(other, asked["state"]);
        using var first = await SignInFixture.ReturnAsync(_browser, asked["state"]);
        using var second = await SignInFixture.ReturnAsync(_browser, asked["state"]);

        Assert.StartsWith("/sign-in?problem=State", stolen.Headers.Location!.ToString(), StringComparison.Ordinal);
        Assert.Equal("/ns/demo/prompts", first.Headers.Location!.ToString());
        Assert.StartsWith("/sign-in?problem=State", second.Headers.Location!.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("&error=access_denied", "Denied")]
    [InlineData("&error=server_error", "Refused")]
    [InlineData("&iss=https://evil.example", "Refused")]
    public async Task Callback_ProviderSaysNoOrIsAnother_IsToldApart(string more, string problem)
    {
        var asked = await SignInFixture.BeginAsync(_browser);
        _provider.Token = _ => Results.Json(new { id_token = _provider.Sign(_provider.Claims(asked["nonce"])) });

        using var back = await SignInFixture.ReturnAsync(_browser, asked["state"], more: more);

        Assert.Equal($"/sign-in?problem={problem}&provider=corp", back.Headers.Location!.ToString());
    }

    [Fact]
    public async Task SignIn_ProviderDown_SaysSoAndWorksWhenItIsBack()
    {
        var asked = await SignInFixture.BeginAsync(_browser);
        _provider.IsDown = true;
        using var down = await SignInFixture.ReturnAsync(_browser, asked["state"]);
        _provider.IsDown = false;

        Assert.Equal("/sign-in?problem=Unavailable&provider=corp", down.Headers.Location!.ToString());
        Assert.Contains("corp does not answer", await _browser.GetStringAsync(down.Headers.Location), StringComparison.Ordinal);
        Assert.Equal("/ns/demo/prompts", (await fixture.SignInAsync(_browser)).Headers.Location!.ToString());
    }

    [Fact]
    public async Task SignIn_ProviderDownAtKeyRollover_RefusesTheNewKeyAndWorksWhenItIsBack()
    {
        var asked = await SignInFixture.BeginAsync(_browser);
        var token = _provider.Sign(_provider.Claims(asked["nonce"]), header => header["kid"] = "key-2", SignWithAnotherKey);
        _provider.Token = _ =>
        {
            // From here on it shows nobody its new keys.
            _provider.IsDown = true;
            return Results.Json(new { id_token = token });
        };
        using var refused = await SignInFixture.ReturnAsync(_browser, asked["state"]);
        _provider.IsDown = false;

        Assert.Equal("/sign-in?problem=Refused&provider=corp", refused.Headers.Location!.ToString());
        Assert.Equal("/ns/demo/prompts", (await fixture.SignInAsync(_browser)).Headers.Location!.ToString());
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example")]
    [InlineData("/\\evil.example")]
    public async Task SignIn_ReturnAddressOfAnotherSite_GoesHome(string returnUrl)
    {
        var asked = await SignInFixture.BeginAsync(_browser, returnUrl);
        _provider.Token = _ => Results.Json(new { id_token = _provider.Sign(_provider.Claims(asked["nonce"])) });

        using var back = await SignInFixture.ReturnAsync(_browser, asked["state"]);

        Assert.Equal("/", back.Headers.Location!.ToString());
    }

    [Fact]
    public async Task SignIn_GroupsAtUserInfoOnly_CountWhenItSpeaksOfTheSamePerson()
    {
        _provider.UserInfo = new JsonObject { ["sub"] = "ada", ["groups"] = new JsonArray("authors"), ["name"] = "Ada of userinfo" };
        await fixture.SignInAsync(_browser, claims => claims.Remove("groups"));
        Assert.Equal(HttpStatusCode.OK, await GetAsync("/api/v1/namespaces/demo/prompts"));
        Assert.Contains(">Ada<", await _browser.GetStringAsync("/"), StringComparison.Ordinal);

        using var other = fixture.NewBrowser();
        _provider.UserInfo["sub"] = "ben";
        using var refused = await fixture.SignInAsync(other, claims => claims.Remove("groups"));
        Assert.Equal("/sign-in?problem=Refused&provider=corp", refused.Headers.Location!.ToString());
    }

    [Theory]
    [InlineData(null, HttpStatusCode.Forbidden)]
    [InlineData(true, HttpStatusCode.OK)]
    [InlineData(false, HttpStatusCode.Forbidden)]
    public async Task SignIn_RoleByAddress_CountsWhenTheProviderCallsItVerified(bool? verified, HttpStatusCode expected)
    {
        _provider.UserInfo = new JsonObject { ["sub"] = "ada" };
        await fixture.SignInAsync(_browser, claims =>
        {
            (claims["email"], claims["groups"]) = ("ruth@example.com", new JsonArray());
            claims.Remove("email_verified");
            if (verified is { } value)
            {
                claims["email_verified"] = value;
            }
        });

        Assert.Equal(expected, await GetAsync("/api/v1/tokens"));
    }

    [Fact]
    public async Task Persona_WithSignIn_IsNoAddress()
    {
        await fixture.SignInAsync(_browser);
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("persona", "admin")]);

        using var response = await _browser.PostAsync(PersonaEndpoint.Path, form);

        Assert.Contains(response.StatusCode, (HttpStatusCode[])[HttpStatusCode.NotFound, HttpStatusCode.MethodNotAllowed, HttpStatusCode.BadRequest]);
        Assert.False(response.Headers.Contains("Set-Cookie"));
        Assert.DoesNotContain(fixture.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>(), route => route.RoutePattern.RawText == PersonaEndpoint.Path);
    }

    private string BadToken(string mistake, string nonce)
    {
        var claims = _provider.Claims(mistake == "no nonce" ? null : nonce);
        var now = TimeProvider.System.GetUtcNow();
        switch (mistake)
        {
            case "another audience": claims["aud"] = "another"; break;
            case "another issuer": claims["iss"] = "https://evil.example"; break;
            case "expired": claims["exp"] = now.AddMinutes(-2).ToUnixTimeSeconds(); break;
            case "no end": claims.Remove("exp"); break;
            case "not yet": claims["nbf"] = now.AddMinutes(2).ToUnixTimeSeconds(); break;
            case "another nonce": claims["nonce"] = "another"; break;
            case "two audiences": claims["aud"] = new JsonArray(FakeIdentityProvider.ClientId, "another"); break;
            case "another party": claims["azp"] = "another"; break;
            case "no subject": claims.Remove("sub"); break;
        }

        return mistake switch
        {
            "crit" => _provider.Sign(claims, header => header["crit"] = new JsonArray("b64")),
            "alg none" => _provider.Sign(claims, header => header["alg"] = "none"),
            "alg none unsigned" => _provider.Sign(claims, header => header["alg"] = "none", _ => []),
            "shared secret" => _provider.Sign(claims, header => header["alg"] = "HS256", bytes => HMACSHA256.HashData("s3cret"u8, bytes)),
            "public key as secret" => _provider.Sign(claims, header => header["alg"] = "HS256", bytes => HMACSHA256.HashData(_provider.PublicKey(), bytes)),
            "key of somebody else" => _provider.Sign(claims, null, SignWithAnotherKey),
            "unknown key" => _provider.Sign(claims, header => header["kid"] = "unknown", SignWithAnotherKey),
            "cut" => _provider.Sign(claims)[..^400],
            _ => _provider.Sign(claims),
        };
    }

    private static byte[] SignWithAnotherKey(byte[] bytes)
    {
        using var key = RSA.Create(2048);
        return key.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
    }

    private async Task<HttpStatusCode> GetAsync(string path)
    {
        using var response = await _browser.GetAsync(path);
        return response.StatusCode;
    }

    private Task<AuditRow> LastAuditAsync() => fixture.Services.GetRequiredService<PortalDatabase>()
        .ReadAsync(context => context.Audit.Where(row => row.Kind == "Session").OrderByDescending(row => row.Sequence).FirstAsync());
}
