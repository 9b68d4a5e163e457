using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;

namespace Portal.Tests.Portal.Auth;

/// <summary>An OpenID provider that says whatever a test wants, also what no provider should.</summary>
internal sealed class FakeIdentityProvider : IAsyncDisposable
{
    public const string ClientId = "portal";
    private const string KeyId = "key-1";
    private readonly WebApplication _app;
    private readonly RSA _key = RSA.Create(2048);

    private FakeIdentityProvider(WebApplication app) => _app = app;

    public string Issuer { get; private set; } = "";

    /// <summary>What the token endpoint answers; gets the form that was sent.</summary>
    public Func<IFormCollection, IResult> Token { get; set; } = _ => Results.StatusCode(500);

    public JsonObject UserInfo { get; set; } = [];

    /// <summary>Answers 503 to everything while true.</summary>
    public bool IsDown { get; set; }

    public static async Task<FakeIdentityProvider> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder(["--urls", "http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var provider = new FakeIdentityProvider(app);
        app.Use((context, next) => provider.IsDown ? Results.StatusCode(503).ExecuteAsync(context) : next(context));
        app.MapGet("/.well-known/openid-configuration", () => Results.Json(new JsonObject
        {
            ["issuer"] = provider.Issuer,
            ["authorization_endpoint"] = provider.Issuer + "/authorize",
            ["token_endpoint"] = provider.Issuer + "/token",
            ["userinfo_endpoint"] = provider.Issuer + "/userinfo",
            ["end_session_endpoint"] = provider.Issuer + "/end",
            ["jwks_uri"] = provider.Issuer + "/jwks",
        }));
        app.MapGet("/jwks", () => provider.Keys());
        app.MapPost("/token", async (HttpRequest request) => provider.Token(await request.ReadFormAsync()));
        app.MapGet("/userinfo", () => Results.Json(provider.UserInfo));
        await app.StartAsync();
        provider.Issuer = app.Urls.Single();
        return provider;
    }

    /// <summary>What a proper ID token says.</summary>
    public JsonObject Claims(string? nonce)
    {
        var now = TimeProvider.System.GetUtcNow();
        var claims = new JsonObject
        {
            ["iss"] = Issuer,
            ["aud"] = ClientId,
            ["sub"] = "ada",
            ["sid"] = "session-1",
            ["iat"] = now.ToUnixTimeSeconds(),
            ["exp"] = now.AddMinutes(5).ToUnixTimeSeconds(),
            ["name"] = "Ada",
            ["email"] = "ada@example.com",
            ["email_verified"] = true,
            ["groups"] = new JsonArray("authors"),
        };
        if (nonce is not null)
        {
            claims["nonce"] = nonce;
        }

        return claims;
    }

    /// <summary>A compact JWS; by default one that a proper provider makes.</summary>
    public string Sign(JsonObject claims, Action<JsonObject>? header = null, Func<byte[], byte[]>? sign = null)
    {
        var head = new JsonObject { ["alg"] = "RS256", ["typ"] = "JWT", ["kid"] = KeyId };
        header?.Invoke(head);
        var text = $"{Encode(head.ToJsonString())}.{Encode(claims.ToJsonString())}";
        var bytes = Encoding.ASCII.GetBytes(text);
        var signature = sign is null ? _key.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1) : sign(bytes);
        return $"{text}.{WebEncoders.Base64UrlEncode(signature)}";
    }

    /// <summary>The public key as bytes, which a confused verifier would take for a shared secret.</summary>
    public byte[] PublicKey() => Encoding.ASCII.GetBytes(_key.ExportSubjectPublicKeyInfoPem());

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _key.Dispose();
    }

    private IResult Keys()
    {
        var key = _key.ExportParameters(includePrivateParameters: false);
        return Results.Json(new JsonObject
        {
            ["keys"] = new JsonArray(new JsonObject
            {
                ["kty"] = "RSA",
                ["use"] = "sig",
                ["alg"] = "RS256",
                ["kid"] = KeyId,
                ["n"] = WebEncoders.Base64UrlEncode(key.Modulus!),
                ["e"] = WebEncoders.Base64UrlEncode(key.Exponent!),
            }),
        });
    }

    private static string Encode(string text) => WebEncoders.Base64UrlEncode(Encoding.UTF8.GetBytes(text));
}
