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
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _hold = Task.CompletedTask;
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

    [Theory]
    [InlineData("/metadata/name", "\"b\"", "it changes metadata.name")]
    [InlineData("/metadata/namespace", "\"kube-system\"", "it changes metadata.namespace")]
    [InlineData("/metadata", "\"x\"", "it leaves no metadata")]
    public async Task Mutating_ThatMakesItAnotherObject_IsRefusedAndNothingIsStored(string path, string value, string why)
    {
        _answer = Patch($$"""[{"op":"replace","path":"{{path}}","value":{{value}}}]""");
        await RegisterAsync("Mutating");

        var refused = await _api.SendAsync("POST", Things, Thing("a"), HttpStatusCode.InternalServerError);

        Assert.Contains(why, (string?)refused["message"], StringComparison.Ordinal);
        Assert.Empty((await _api.GetAsync("/apis/test.example.org/v1/things"))["items"]!.AsArray());
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

    [Fact]
    public async Task Create_HeldByAWebhookUntilItsNamespaceIsGone_IsNotStored()
    {
        await _api.SendAsync("POST", "/api/v1/namespaces", JsonNode.Parse("""{"metadata":{"name":"race"}}"""), HttpStatusCode.Created);
        var hold = new TaskCompletionSource();
        _hold = hold.Task;
        await RegisterAsync("Validating");
        var create = _api.SendAsync("POST", Things.Replace("/default/", "/race/", StringComparison.Ordinal), Thing("late"));
        await _asked.Task.WaitAsync(TimeSpan.FromSeconds(20));
        using var watch = await _api.WatchAsync("/api/v1/namespaces?watch=true&fieldSelector=metadata.name%3Drace");
        await _api.SendAsync("DELETE", "/api/v1/namespaces/race", null, HttpStatusCode.OK);
        for (var next = ""; next != "DELETED race"; next = await watch.NextTextAsync())
        {
            Assert.NotEqual("end", next);
        }

        hold.SetResult();

        Assert.Equal(HttpStatusCode.NotFound, (await create).Status);
        Assert.Empty((await _api.GetAsync("/apis/test.example.org/v1/things"))["items"]!.AsArray());
    }

    [Fact]
    public async Task AWebhookThatDoesNotAnswerInTime_HasFailed()
    {
        _hold = new TaskCompletionSource().Task;
        await RegisterAsync("Validating", change: webhook => webhook["timeoutSeconds"] = 1);

        var refused = await _api.SendAsync("POST", Things, Thing("a"), HttpStatusCode.InternalServerError);

        Assert.Contains("no answer within 1 s", (string?)refused["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task MatchConditions_ThatDoNotHold_PassTheWebhookOver()
    {
        _answer = _ => new JsonObject { ["allowed"] = false };
        await RegisterAsync("Validating", change: webhook => webhook["matchConditions"] = JsonNode.Parse(
            """[{"name":"creates","expression":"request.operation == 'CREATE' && oldObject == null"},{"name":"big","expression":"object.spec.size > 5"}]"""));

        await _api.SendAsync("POST", Things, Thing("small", new JsonObject { ["size"] = 5 }), HttpStatusCode.Created);
        await _api.SendAsync("POST", Things, Thing("big", new JsonObject { ["size"] = 6 }), HttpStatusCode.BadRequest);
        await _api.MergeAsync($"{Things}/small", JsonNode.Parse("""{"spec":{"size":9}}""")!);

        Assert.Single(_reviews);
    }

    [Theory]
    [InlineData("Fail", HttpStatusCode.Forbidden)]
    [InlineData("Ignore", HttpStatusCode.Created)]
    public async Task AMatchConditionThatFails_IsTreatedByThePolicy(string policy, HttpStatusCode expected)
    {
        await RegisterAsync("Validating", policy, change: webhook => webhook["matchConditions"] = JsonNode.Parse("""[{"name":"odd","expression":"object.spec.nosuch == 1"}]"""));

        await _api.SendAsync("POST", Things, Thing("a"), expected);

        Assert.Empty(_reviews);
    }

    [Fact]
    public async Task Mutating_IfNeeded_IsAskedAgainAfterALaterChange()
    {
        // The first counts what it sees; the second changes the object after it.
        _answer = review => Patch(review["request"]!["object"]!["spec"]!["text"] is null
            ? """[{"op":"add","path":"/spec/text","value":"x"}]"""
            : """[{"op":"add","path":"/spec/tags","value":["seen"]}]""")(review);
        await RegisterAsync("Mutating", change: webhook => webhook["reinvocationPolicy"] = "IfNeeded", name: "first");
        await RegisterAsync("Mutating", name: "second");

        var created = await _api.SendAsync("POST", Things, Thing("a"), HttpStatusCode.Created);

        Assert.Equal(3, _reviews.Count);
        Assert.Equal("seen", (string?)created["spec"]!["tags"]![0]);
    }

    [Fact]
    public async Task Mutating_WithoutALaterChange_IsAskedOnce()
    {
        _answer = Patch("""[{"op":"add","path":"/spec/text","value":"same"}]""");
        await RegisterAsync("Mutating", change: webhook => webhook["reinvocationPolicy"] = "IfNeeded", name: "first");
        await RegisterAsync("Mutating", name: "second");

        await _api.SendAsync("POST", Things, Thing("a"), HttpStatusCode.Created);

        Assert.Equal(2, _reviews.Count);
    }

    [Theory]
    [InlineData("namespaceSelector", """{"matchLabels":{"kubernetes.io/metadata.name":"other"}}""", 0)]
    [InlineData("namespaceSelector", """{"matchLabels":{"kubernetes.io/metadata.name":"default"}}""", 1)]
    [InlineData("objectSelector", """{"matchExpressions":[{"key":"skip","operator":"Exists"}]}""", 0)]
    [InlineData("objectSelector", """{"matchExpressions":[{"key":"skip","operator":"DoesNotExist"}]}""", 1)]
    public async Task Selectors_DecideWhetherTheWebhookIsAsked(string field, string selector, int asked)
    {
        await RegisterAsync("Validating", change: webhook => webhook[field] = JsonNode.Parse(selector));

        await _api.SendAsync("POST", Things, Thing("a"), HttpStatusCode.Created);

        Assert.Equal(asked, _reviews.Count);
    }

    [Fact]
    public async Task ADryRun_IsToldAndStoresNothing()
    {
        await RegisterAsync("Validating", change: webhook => webhook["sideEffects"] = "NoneOnDryRun");

        await _api.SendAsync("POST", Things + "?dryRun=All", Thing("a"), HttpStatusCode.Created);

        Assert.True(_reviews.TryDequeue(out var review));
        Assert.True((bool)review["request"]!["dryRun"]!);
        await _api.SendAsync("GET", $"{Things}/a", null, HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task APatchOfAnUnknownType_IsAFailure()
    {
        _answer = _ => new JsonObject { ["allowed"] = true, ["patchType"] = "Merge", ["patch"] = "e30=" };
        await RegisterAsync("Mutating");

        await _api.SendAsync("POST", Things, Thing("a"), HttpStatusCode.InternalServerError);
    }

    [Theory]
    [InlineData("sideEffects", "\"Some\"", "webhooks[0].sideEffects")]
    [InlineData("failurePolicy", "\"Maybe\"", "webhooks[0].failurePolicy")]
    [InlineData("matchPolicy", "\"Maybe\"", "webhooks[0].matchPolicy")]
    [InlineData("timeoutSeconds", "31", "webhooks[0].timeoutSeconds")]
    [InlineData("admissionReviewVersions", "[\"v1beta1\"]", "webhooks[0].admissionReviewVersions")]
    [InlineData("name", "\"short\"", "webhooks[0].name")]
    [InlineData("clientConfig", "{}", "webhooks[0].clientConfig")]
    [InlineData("clientConfig", "{\"url\":\"http://127.0.0.1/\"}", "webhooks[0].clientConfig.url")]
    [InlineData("rules", "[{\"operations\":[\"READ\"],\"apiGroups\":[\"*\"],\"apiVersions\":[\"*\"],\"resources\":[\"*\"]}]", "webhooks[0].rules[0].operations")]
    [InlineData("rules", "[{\"operations\":[\"*\"],\"apiVersions\":[\"*\"],\"resources\":[\"*\"]}]", "webhooks[0].rules[0].apiGroups")]
    [InlineData("objectSelector", "{\"matchExpressions\":[{\"key\":\"a\",\"operator\":\"Odd\"}]}", "webhooks[0].objectSelector")]
    [InlineData("matchConditions", "[{\"name\":\"a\",\"expression\":\"authorizer.check()\"}]", "webhooks[0].matchConditions[0].expression")]
    public async Task Register_WithAMistake_NamesTheField(string field, string value, string told)
    {
        var (status, body) = await TryRegisterAsync("Validating", webhook => webhook[field] = JsonNode.Parse(value));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Contains(body["details"]!["causes"]!.AsArray(), cause => cause!["field"]!.ToString() == told);
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
        _asked.TrySetResult();
        await _hold.WaitAsync(http.RequestAborted);
        if (_answer(review) is not { } response)
        {
            http.Response.StatusCode = 500;
            return;
        }

        response["uid"] = (string?)review["request"]!["uid"];
        await http.Response.WriteAsync(new JsonObject { ["apiVersion"] = "admission.k8s.io/v1", ["kind"] = "AdmissionReview", ["response"] = response }.ToJsonString());
    }

    private async Task RegisterAsync(
        string kind, string policy = "Fail", string? authority = null, string resources = "things", Action<JsonObject>? change = null, string name = "test")
    {
        var (status, body) = await TryRegisterAsync(
            kind,
            webhook =>
            {
                webhook["failurePolicy"] = policy;
                webhook["rules"]![0]!["resources"] = new JsonArray(resources);
                change?.Invoke(webhook);
            },
            authority,
            name);
        Assert.True(status == HttpStatusCode.Created, body.ToJsonString());
    }

    private Task<(HttpStatusCode Status, JsonObject Body)> TryRegisterAsync(string kind, Action<JsonObject> change, string? authority = null, string name = "test")
    {
        var webhook = new JsonObject
        {
            ["name"] = $"{name}.example.org",
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
                ["resources"] = new JsonArray("things"),
            }),
        };
        change(webhook);
        return _api.SendAsync(
            "POST",
            $"/apis/admissionregistration.k8s.io/v1/{kind.ToLowerInvariant()}webhookconfigurations",
            new JsonObject { ["metadata"] = new JsonObject { ["name"] = name }, ["webhooks"] = new JsonArray(webhook) });
    }
}
