using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Portal.Dotprompt.Messages;
using Portal.Runner.Contract;
using Portal.Runner.Engine;
using Portal.Runner.Providers;
using Portal.Tests.Shared;
using ICredentials = Portal.Runner.Providers.ICredentials;

namespace Portal.Tests.Runner.Providers;

public sealed class VertexAiTests
{
    private const string Answer = """{"candidates":[{"content":{"parts":[{"text":"Hi"}]},"finishReason":"STOP"}]}""";
    private static readonly RSA s_rsa = RSA.Create(2048);
    private readonly ManualTimeProvider _time = new();
    private readonly List<(Uri Url, string? Authorization, string Body)> _sent = [];
    private Func<HttpResponseMessage> _token = static () => Json("""{"access_token":"ya29.token","expires_in":3600,"token_type":"Bearer"}""");

    [Fact]
    public async Task StreamAsync_ServiceAccount_AsksForATokenWithASignedAssertionAndKeepsIt()
    {
        using var handler = Handler();
        var provider = Provider(handler);

        await RunAsync(provider, Key());
        await RunAsync(provider, Key());

        Assert.Equal(["oauth2.test", "europe-west4-aiplatform.googleapis.com", "europe-west4-aiplatform.googleapis.com"], _sent.Select(static call => call.Url.Host));
        Assert.Equal("/v1/projects/key-project/locations/europe-west4/publishers/google/models/gemini-x:generateContent", _sent[1].Url.AbsolutePath);
        Assert.Equal("Bearer ya29.token", _sent[1].Authorization);
        var form = _sent[0].Body.Split('&').Select(static pair => pair.Split('=')).ToDictionary(static pair => pair[0], static pair => Uri.UnescapeDataString(pair[1]));
        Assert.Equal("urn:ietf:params:oauth:grant-type:jwt-bearer", form["grant_type"]);
        var jwt = form["assertion"].Split('.');
        Assert.True(s_rsa.VerifyData(Encoding.ASCII.GetBytes($"{jwt[0]}.{jwt[1]}"), Base64Url.DecodeFromChars(jwt[2]), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        var claims = JsonNode.Parse(Base64Url.DecodeFromChars(jwt[1]))!;
        Assert.Equal(("me@key-project.test", "https://oauth2.test/token", "https://www.googleapis.com/auth/cloud-platform"),
            (claims["iss"]!.ToString(), claims["aud"]!.ToString(), claims["scope"]!.ToString()));
        Assert.Equal(3600, claims["exp"]!.GetValue<long>() - claims["iat"]!.GetValue<long>());
        Assert.Equal("k1", JsonNode.Parse(Base64Url.DecodeFromChars(jwt[0]))!["kid"]!.ToString());
    }

    [Fact]
    public async Task StreamAsync_TokenNearItsEndOrAnotherKey_AsksAnew()
    {
        using var handler = Handler();
        var provider = Provider(handler);
        await RunAsync(provider, Key());

        _time.Advance(TimeSpan.FromMinutes(59));
        await RunAsync(provider, Key());
        await RunAsync(provider, Key(id: "k2"));

        Assert.Equal(3, _sent.Count(static call => call.Url.Host == "oauth2.test"));
    }

    [Fact]
    public async Task StreamAsync_ManyAtOnce_AskForOneToken()
    {
        using var handler = Handler();
        var provider = Provider(handler);

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => RunAsync(provider, Key())));

        Assert.Single(_sent, static call => call.Url.Host == "oauth2.test");
    }

    [Fact]
    public async Task StreamAsync_UsersKey_RefreshesItsToken()
    {
        using var handler = Handler();

        await RunAsync(Provider(handler), """{"type":"authorized_user","client_id":"id","client_secret":"cs","refresh_token":"rt","quota_project_id":"mine"}""");

        Assert.Equal("https://oauth2.googleapis.com/token", _sent[0].Url.AbsoluteUri);
        Assert.Equal("grant_type=refresh_token&client_id=id&client_secret=cs&refresh_token=rt", _sent[0].Body);
        Assert.StartsWith("/v1/projects/mine/", _sent[1].Url.AbsolutePath, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StreamAsync_AccessToken_IsSentAsItIs()
    {
        using var handler = Handler();

        await RunAsync(Provider(handler), "ya29.given", new JsonObject { ["projectId"] = "p", ["location"] = "global" });

        Assert.Equal(("https://aiplatform.googleapis.com/v1/projects/p/locations/global/publishers/google/models/gemini-x:generateContent", "Bearer ya29.given"),
            (Assert.Single(_sent).Url.AbsoluteUri, _sent[0].Authorization));
    }

    [Theory]
    [InlineData("""{"type":"service_account","private_key":"secret-stuff","client_email":"a"}""", "its private_key is not a PEM key")]
    [InlineData("""{"type":"service_account","private_key":"secret-stuff"}""", "it has no client_email")]
    [InlineData("""{"type":"external_account","secret":"secret-stuff"}""", "its type is neither")]
    [InlineData("""{"type":"service_account","token_uri":"http://10.0.0.1/","private_key":"secret-stuff"}""", "its token_uri is not an https: address")]
    [InlineData("{\"private_key\":\"secret-stuff\"", "begins like a JSON key and is none")]
    public async Task StreamAsync_KeyThatCannotBeUsed_SaysWhyWithoutRepeatingIt(string key, string expected)
    {
        using var handler = Handler();

        var error = await Assert.ThrowsAsync<GenkitException>(() => RunAsync(Provider(handler), key, new JsonObject { ["projectId"] = "p" }));

        Assert.Equal(GenkitStatus.Unauthenticated, error.Status);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains("THE_KEY", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-stuff", error.ToString(), StringComparison.Ordinal);
        Assert.Empty(_sent);
    }

    [Theory]
    [InlineData(400, """{"error":"invalid_grant","error_description":"Invalid JWT Signature."}""", GenkitStatus.Unauthenticated, "Invalid JWT Signature.")]
    [InlineData(503, "oops", GenkitStatus.Unavailable, "status 503")]
    [InlineData(200, "{}", GenkitStatus.Unauthenticated, "THE_KEY")]
    public async Task StreamAsync_NoTokenForTheKey_SaysSo(int status, string body, GenkitStatus expected, string said)
    {
        _token = () => Json(body, (HttpStatusCode)status);
        using var handler = Handler();

        var error = await Assert.ThrowsAsync<GenkitException>(() => RunAsync(Provider(handler), Key()));

        Assert.Equal(expected, error.Status);
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StreamAsync_PathInASecret_IsNoFile()
    {
        using var handler = Handler();
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "a-token-of-someone-else");

        await RunAsync(Provider(handler), file, new JsonObject { ["projectId"] = "p" });
        File.Delete(file);

        Assert.Equal("Bearer " + file, Assert.Single(_sent).Authorization);
    }

    [Fact]
    public async Task StreamAsync_PathInTheEnvironment_IsTheFileOfAKey()
    {
        using var handler = Handler();
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, Key());

        await RunAsync(Provider(handler), file, credentials: new EnvironmentCredentials());
        File.Delete(file);

        Assert.Equal("Bearer ya29.token", _sent[1].Authorization);
    }

    [Fact]
    public async Task StreamAsync_NoCredentialInAFlowsProcess_TakesTheMachinesToken()
    {
        using var handler = Handler();

        await RunAsync(Provider(handler), key: null, new JsonObject { ["projectId"] = "p" }, new DirectoryCredentials("/nowhere", []));

        Assert.Equal(("metadata.google.internal", "Bearer ya29.token"), (_sent[0].Url.Host, _sent[1].Authorization));
    }

    [Fact]
    public async Task StreamAsync_NoCredentialElsewhere_NeverTakesTheMachinesToken()
    {
        using var handler = Handler();

        var error = await Assert.ThrowsAsync<GenkitException>(() => RunAsync(Provider(handler), key: null, new JsonObject { ["projectId"] = "p" }));

        Assert.Equal(GenkitStatus.Unauthenticated, error.Status);
        Assert.Empty(_sent);
    }

    [Theory]
    [InlineData("{}", "extraConfig.projectId")]
    [InlineData("""{"projectId":7}""", "extraConfig.projectId")]
    [InlineData("""{"projectId":"p","location":"evil.test/"}""", "extraConfig.location")]
    public async Task StreamAsync_SettingMissingOrWrong_NamesIt(string extraConfig, string expected)
    {
        using var handler = Handler();

        var error = await Assert.ThrowsAsync<GenkitException>(() => RunAsync(Provider(handler), "ya29.given", (JsonObject)JsonNode.Parse(extraConfig)!));

        Assert.Equal(GenkitStatus.InvalidArgument, error.Status);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    private static string Key(string id = "k1") => new JsonObject
    {
        ["type"] = "service_account",
        ["project_id"] = "key-project",
        ["private_key_id"] = id,
        ["private_key"] = s_rsa.ExportPkcs8PrivateKeyPem(),
        ["client_email"] = "me@key-project.test",
        ["token_uri"] = "https://oauth2.test/token",
    }.ToJsonString();

    private ScriptedHandler Handler() => new(async (message, cancellationToken) =>
    {
        var body = message.Content is null ? "" : await message.Content.ReadAsStringAsync(cancellationToken);
        lock (_sent)
        {
            _sent.Add((message.RequestUri!, message.Headers.Authorization?.ToString(), body));
        }

        return message.RequestUri!.Host is "oauth2.test" or "oauth2.googleapis.com" or "metadata.google.internal" ? _token() : Json(Answer);
    });

    private static HttpResponseMessage Json(string body, HttpStatusCode status = HttpStatusCode.OK) =>
        new(status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };

    private IModelProvider Provider(HttpMessageHandler handler)
    {
        Assert.True(ProviderCatalog.Create(new HttpClient(handler, disposeHandler: false), _time).TryGet("vertexai", out var provider));
        return provider;
    }

    private static async Task<List<ModelChunk>> RunAsync(IModelProvider provider, string? key, JsonObject? extraConfig = null, ICredentials? credentials = null) => await provider.StreamAsync(new ModelRequest
    {
        Model = "gemini-x",
        Messages = [new Message("user", [new TextPart("Hi")])],
        Config = [],
        ApiKey = key,
        CredentialKey = key is null ? null : "THE_KEY",
        Credentials = credentials ?? new DictionaryCredentials(),
        Plugin = new RuntimePlugin { Type = "vertexai", Region = "europe-west4", ExtraConfig = extraConfig },
        Stream = false,
    }, CancellationToken.None).ToListAsync();
}
