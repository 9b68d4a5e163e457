using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Portal.ApiServer;
using Portal.Tests.Shared;
using static Portal.Tests.ApiServer.TestApi;

namespace Portal.Tests.ApiServer.Auth;

/// <summary>Tokens of service accounts: how they are asked for, what they hold, and when they are no longer good.</summary>
public sealed class ServiceAccountTokenTests : IAsyncLifetime
{
    private const string Accounts = "/api/v1/namespaces/default/serviceaccounts";
    private const string WhoAmI = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    private const string TokenReviews = "/apis/authentication.k8s.io/v1/tokenreviews";

    private readonly ManualTimeProvider _time = new();
    private TestApi _api = null!;

    public async Task InitializeAsync()
    {
        _api = await StartAsync(new ApiServerOptions(), _time);
        await _api.SendAsync("POST", Accounts, Account("bot"), HttpStatusCode.Created);
    }

    public async Task DisposeAsync() => await _api.DisposeAsync();

    [Fact]
    public async Task Token_StandsForItsAccount()
    {
        var (_, token) = await RequestAsync("bot");

        var (status, review) = await Caller.Token(_api, token).SendAsync("POST", WhoAmI, new JsonObject());

        var user = review["status"]!["userInfo"]!;
        var uid = (string?)(await _api.GetAsync($"{Accounts}/bot"))["metadata"]!["uid"];
        Assert.Equal(HttpStatusCode.Created, status);
        Assert.Equal("system:serviceaccount:default:bot", (string?)user["username"]);
        Assert.Equal(uid, (string?)user["uid"]);
        Assert.Equal("""["system:serviceaccounts","system:serviceaccounts:default","system:authenticated"]""", user["groups"]!.ToJsonString());
        Assert.StartsWith("JTI=", (string?)user["extra"]!["authentication.kubernetes.io/credential-id"]![0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Token_HoldsTheClaimsOfARealOne()
    {
        var (answer, token) = await RequestAsync("bot", """{"expirationSeconds":600,"audiences":["vault","db"]}""");

        var claims = JsonNode.Parse(Base64Url.DecodeFromChars(token.Split('.')[1]))!;
        Assert.Equal("""["vault","db"]""", claims["aud"]!.ToJsonString());
        Assert.Equal(600, (long)claims["exp"]! - (long)claims["iat"]!);
        Assert.Equal("system:serviceaccount:default:bot", (string?)claims["sub"]);
        Assert.Equal("bot", (string?)claims["kubernetes.io"]!["serviceaccount"]!["name"]);
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds((long)claims["exp"]!), DateTimeOffset.Parse((string)answer["status"]!["expirationTimestamp"]!, null));
    }

    [Fact]
    public async Task Token_AfterItsTime_IsUnauthorized()
    {
        var (_, token) = await RequestAsync("bot", """{"expirationSeconds":600}""");
        var bot = Caller.Token(_api, token);

        _time.Advance(TimeSpan.FromSeconds(598));
        Assert.Equal(HttpStatusCode.OK, await bot.StatusAsync("GET", "/version"));
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(HttpStatusCode.Unauthorized, await bot.StatusAsync("GET", "/version"));
    }

    [Fact]
    public async Task Token_AfterItsAccountIsGone_IsUnauthorized_EvenWhenTheNameIsBack()
    {
        var (_, token) = await RequestAsync("bot");
        Assert.Equal(HttpStatusCode.OK, await Caller.Token(_api, token).StatusAsync("GET", "/version"));

        await _api.SendAsync("DELETE", $"{Accounts}/bot", null, HttpStatusCode.OK);
        Assert.Equal(HttpStatusCode.Unauthorized, await Caller.Token(_api, token).StatusAsync("GET", "/version"));
        await _api.SendAsync("POST", Accounts, Account("bot"), HttpStatusCode.Created);
        Assert.Equal(HttpStatusCode.Unauthorized, await Caller.Token(_api, token).StatusAsync("GET", "/version"));
    }

    [Fact]
    public async Task Token_BoundToASecret_DiesWithIt()
    {
        var secret = new JsonObject { ["metadata"] = new JsonObject { ["name"] = "s" } };
        await _api.SendAsync("POST", "/api/v1/namespaces/default/secrets", secret, HttpStatusCode.Created);
        var (_, token) = await RequestAsync("bot", """{"boundObjectRef":{"kind":"Secret","apiVersion":"v1","name":"s"}}""");
        Assert.Equal(HttpStatusCode.OK, await Caller.Token(_api, token).StatusAsync("GET", "/version"));

        await _api.SendAsync("DELETE", "/api/v1/namespaces/default/secrets/s", null, HttpStatusCode.OK);

        Assert.Equal(HttpStatusCode.Unauthorized, await Caller.Token(_api, token).StatusAsync("GET", "/version"));
    }

    [Fact]
    public async Task Token_ForAnotherAudience_IsUnauthorizedHereButGoodInAReviewForIt()
    {
        var (_, token) = await RequestAsync("bot", """{"audiences":["vault"]}""");

        Assert.Equal(HttpStatusCode.Unauthorized, await Caller.Token(_api, token).StatusAsync("GET", "/version"));
        var good = await ReviewAsync(token, "vault", "db");
        Assert.Equal("""["vault"]""", good["audiences"]!.ToJsonString());
        Assert.Equal("system:serviceaccount:default:bot", (string?)good["user"]!["username"]);
        Assert.Null((await ReviewAsync(token))["authenticated"]);
    }

    [Theory]
    [InlineData("""{"expirationSeconds":599}""", 422, "TokenRequest.authentication.k8s.io \"\" is invalid: spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes")]
    [InlineData("""{"expirationSeconds":4294967297}""", 422, "TokenRequest.authentication.k8s.io \"\" is invalid: spec.expirationSeconds: Invalid value: 4294967297: may not specify a duration larger than 2^32 seconds")]
    [InlineData("""{"boundObjectRef":{"kind":"ConfigMap","apiVersion":"v1","name":"c"}}""", 400, "cannot bind token to object of type v1, Kind=ConfigMap")]
    [InlineData("""{"boundObjectRef":{"kind":"Secret","apiVersion":"v1","name":"none"}}""", 404, "secrets \"none\" not found")]
    public async Task Request_ThatCannotBeMet_IsRefused(string spec, int code, string message)
    {
        var (_, status) = await _api.SendAsync("POST", $"{Accounts}/bot/token", new JsonObject { ["spec"] = JsonNode.Parse(spec) });

        Assert.Equal(code, (int?)status["code"]);
        Assert.Equal(message, (string?)status["message"]);
    }

    [Fact]
    public async Task Request_ForAMissingAccount_IsNotFound() =>
        await _api.SendAsync("POST", $"{Accounts}/none/token", new JsonObject { ["spec"] = new JsonObject() }, HttpStatusCode.NotFound);

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("a.b.c")]
    [InlineData("..")]
    [InlineData("e30.e30.e30")]
    public async Task Token_ThatIsNone_IsUnauthorized(string token) =>
        Assert.Equal(HttpStatusCode.Unauthorized, await Caller.Token(_api, token).StatusAsync("GET", "/version"));

    [Fact]
    public async Task Token_SignedByNobodyOrAnotherKey_IsUnauthorized()
    {
        var (_, token) = await RequestAsync("bot");
        var parts = token.Split('.');
        var header = JsonNode.Parse(Base64Url.DecodeFromChars(parts[0]))!.AsObject();
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var none = Encode(new JsonObject { ["alg"] = "none" });
        var noneWithKey = Encode(new JsonObject { ["alg"] = "none", ["kid"] = header["kid"]!.DeepClone() });
        var symmetric = Encode(new JsonObject { ["alg"] = "HS256", ["kid"] = header["kid"]!.DeepClone() });
        var claims = JsonNode.Parse(Base64Url.DecodeFromChars(parts[1]))!.AsObject();
        claims["exp"] = (long)claims["exp"]! + 1_000_000;
        var forged = new[]
        {
            $"{none}.{parts[1]}.",
            $"{noneWithKey}.{parts[1]}.",
            $"{noneWithKey}.{parts[1]}.{parts[2]}",
            $"{symmetric}.{parts[1]}.{Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.ASCII.GetBytes((string)header["kid"]!), Encoding.ASCII.GetBytes($"{symmetric}.{parts[1]}")))}",
            $"{parts[0]}.{parts[1]}.{Base64Url.EncodeToString(other.SignData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), HashAlgorithmName.SHA256))}",
            $"{parts[0]}.{Encode(claims)}.{parts[2]}",
            $"{parts[0]}.{parts[1]}.{parts[2]}x",
            $"{parts[0]}.{parts[1]}",
        };

        Assert.Equal(HttpStatusCode.OK, await Caller.Token(_api, token).StatusAsync("GET", "/version"));
        foreach (var attempt in forged)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await Caller.Token(_api, attempt).StatusAsync("GET", "/version"));
        }
    }

    [Fact]
    public async Task Token_AfterARestart_IsStillGood()
    {
        var directory = Directory.CreateTempSubdirectory("tokens-");
        try
        {
            var options = new ApiServerOptions { DatabasePath = Path.Combine(directory.FullName, "cluster.db"), CertificateDirectory = directory.FullName };
            string token;
            await using (var first = await StartAsync(options, _time))
            {
                var answer = await first.SendAsync("POST", $"{Accounts}/default/token", new JsonObject { ["spec"] = new JsonObject() }, HttpStatusCode.Created);
                token = (string)answer["status"]!["token"]!;
            }

            await using var second = await StartAsync(options, _time);

            Assert.Equal(HttpStatusCode.OK, await Caller.Token(second, token).StatusAsync("GET", "/version"));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task KeySet_ChecksATokenWithoutTheServer()
    {
        var (_, token) = await RequestAsync("bot");
        var bot = Caller.Token(_api, token);
        var (_, configuration) = await bot.SendAsync("GET", "/.well-known/openid-configuration");
        var (_, keys) = await bot.SendAsync("GET", "/openid/v1/jwks");
        var jwk = keys["keys"]![0]!;
        using var key = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint { X = Base64Url.DecodeFromChars((string)jwk["x"]!), Y = Base64Url.DecodeFromChars((string)jwk["y"]!) },
        });

        var parts = token.Split('.');
        Assert.True(key.VerifyData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256));
        Assert.Equal((string?)JsonNode.Parse(Base64Url.DecodeFromChars(parts[1]))!["iss"], (string?)configuration["issuer"]);
        Assert.EndsWith("/openid/v1/jwks", (string?)configuration["jwks_uri"], StringComparison.Ordinal);
    }

    private static JsonObject Account(string name) => new() { ["metadata"] = new JsonObject { ["name"] = name } };

    private static string Encode(JsonObject json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json.ToJsonString()));

    private async Task<(JsonObject Answer, string Token)> RequestAsync(string account, string spec = "{}")
    {
        var answer = await _api.SendAsync("POST", $"{Accounts}/{account}/token", new JsonObject { ["spec"] = JsonNode.Parse(spec) }, HttpStatusCode.Created);
        return (answer, (string)answer["status"]!["token"]!);
    }

    private async Task<JsonNode> ReviewAsync(string token, params string[] audiences)
    {
        var spec = new JsonObject { ["token"] = token, ["audiences"] = new JsonArray([.. audiences.Select(audience => (JsonNode)audience)]) };
        return (await _api.SendAsync("POST", TokenReviews, new JsonObject { ["spec"] = spec }, HttpStatusCode.Created))["status"]!;
    }
}
