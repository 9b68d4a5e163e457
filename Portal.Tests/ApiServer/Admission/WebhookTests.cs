using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Portal.ApiServer.Auth;
using static Portal.Tests.ApiServer.TestApi;

namespace Portal.Tests.ApiServer.Admission;

/// <summary>Real HTTPS webhooks in front of the server.</summary>
public sealed class WebhookTests : IAsyncLifetime
{
    private readonly ConcurrentQueue<JsonObject> _reviews = new();
    private readonly Credentials _credentials = Credentials.Load(null, TimeProvider.System);
    private Func<JsonObject, JsonObject?> _answer = _ => new JsonObject { ["allowed"] = true };
    private WebApplication _webhook = null!;
    private TestApi _api = null!;

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(_credentials.Server)));
        _webhook = builder.Build();
        _webhook.Run(AnswerAsync);
        await _webhook.StartAsync();
        _api = await StartWithThingsAsync();
    }

    public async Task DisposeAsync()
    {
        await _api.DisposeAsync();
        await _webhook.DisposeAsync();
        _credentials.Dispose();
    }

    [Fact]
    public async Task Mutating_WithAPatch_ChangesTheObjectAndItIsDefaultedAndValidated()
    {
        _answer = Patch("""[{"op":"add","path":"/spec/text","value":"from the webhook"},{"op":"add","path":"/spec/nosuch","value":1}]""");
        await RegisterAsync("Mutating");

        var created = await _api.SendAsync("POST", Things, Thing("a"), HttpStatusCode.Created);

        Assert.Equal("from the webhook", (string?)created["spec"]!["text"]);
        Assert.Null(created["spec"]!["nosuch"]);
        Assert.True(_reviews.TryDequeue(out var review));
        Assert.Equal("CREATE", (string?)review["request"]!["operation"]);
        Assert.Null(review["request"]!["object"]!["metadata"]!["uid"]);
    }

    [Fact]
    public async Task Mutating_ToAnInvalidObject_IsRefused()
    {
        _answer = Patch("""[{"op":"replace","path":"/spec/size","value":99}]""");
        await RegisterAsync("Mutating");

        await _api.SendAsync("POST", Things, Thing("a"), HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task Validating_ThatDenies_StoresNothing()
    {
        _answer = _ => new JsonObject { ["allowed"] = false, ["status"] = new JsonObject { ["code"] = 403, ["message"] = "not today" } };
        await RegisterAsync("Validating");

        var status = await _api.SendAsync("POST", Things, Thing("a"), HttpStatusCode.Forbidden);

        Assert.Contains("denied the request: not today", (string?)status["message"], StringComparison.Ordinal);
        await _api.SendAsync("GET", $"{Things}/a", null, HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Validating_OfADelete_SeesTheOldObject()
    {
        await _api.SendAsync("POST", Things, Thing("a"), HttpStatusCode.Created);
        _answer = _ => new JsonObject { ["allowed"] = false };
        await RegisterAsync("Validating");

        await _api.SendAsync("DELETE", $"{Things}/a", null, HttpStatusCode.BadRequest);

        Assert.True(_reviews.TryDequeue(out var review));
        Assert.Equal("a", (string?)review["request"]!["oldObject"]!["metadata"]!["name"]);
        Assert.Null(review["request"]!["object"]);
    }

    [Theory]
    [InlineData("Fail", HttpStatusCode.InternalServerError)]
    [InlineData("Ignore", HttpStatusCode.Created)]
    public async Task AWebhookThatFails_IsTreatedByItsPolicy(string policy, HttpStatusCode expected)
    {
        _answer = _ => null;
        await RegisterAsync("Validating", policy);

        await _api.SendAsync("POST", Things, Thing("a"), expected);
    }

    [Fact]
    public async Task AWebhookOfAnotherAuthority_IsNotTrusted()
    {
        using var other = Credentials.Load(null, TimeProvider.System);
        await RegisterAsync("Validating", authority: other.AuthorityPem);

        await _api.SendAsync("POST", Things, Thing("a"), HttpStatusCode.InternalServerError);

        Assert.Empty(_reviews);
    }

    [Fact]
    public async Task Configurations_AreNeverShownToWebhooks()
    {
        _answer = _ => new JsonObject { ["allowed"] = false };
        await RegisterAsync("Validating", resources: "*");

        await _api.SendAsync(
            "DELETE", "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/test", null, HttpStatusCode.OK);

        await _api.SendAsync("POST", Things, Thing("a"), HttpStatusCode.Created);
    }

    private static Func<JsonObject, JsonObject?> Patch(string patch) => _ => new JsonObject
    {
        ["allowed"] = true,
        ["patchType"] = "JSONPatch",
        ["patch"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(patch)),
    };

    private async Task AnswerAsync(HttpContext http)
    {
        var review = (await JsonNode.ParseAsync(http.Request.Body))!.AsObject();
        _reviews.Enqueue(review);
        if (_answer(review) is not { } response)
        {
            http.Response.StatusCode = 500;
            return;
        }

        response["uid"] = (string?)review["request"]!["uid"];
        await http.Response.WriteAsync(new JsonObject { ["apiVersion"] = "admission.k8s.io/v1", ["kind"] = "AdmissionReview", ["response"] = response }.ToJsonString());
    }

    private Task RegisterAsync(string kind, string policy = "Fail", string? authority = null, string resources = "things") => _api.SendAsync(
        "POST",
        $"/apis/admissionregistration.k8s.io/v1/{kind.ToLowerInvariant()}webhookconfigurations",
        new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = "test" },
            ["webhooks"] = new JsonArray(new JsonObject
            {
                ["name"] = "test.example.org",
                ["failurePolicy"] = policy,
                ["sideEffects"] = "None",
                ["admissionReviewVersions"] = new JsonArray("v1"),
                ["clientConfig"] = new JsonObject
                {
                    ["url"] = $"{_webhook.Urls.First().Replace("[::]", "127.0.0.1", StringComparison.Ordinal)}/review",
                    ["caBundle"] = Convert.ToBase64String(Encoding.ASCII.GetBytes(authority ?? _credentials.AuthorityPem)),
                },
                ["rules"] = new JsonArray(new JsonObject
                {
                    ["operations"] = new JsonArray("*"),
                    ["apiGroups"] = new JsonArray("*"),
                    ["apiVersions"] = new JsonArray("*"),
                    ["resources"] = new JsonArray(resources),
                }),
            }),
        },
        HttpStatusCode.Created);
}
