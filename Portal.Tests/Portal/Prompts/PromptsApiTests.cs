using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Portal.Features.Playground;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;
using Portal.Operator.PluginConfigs;
using Portal.Operator.Prompts;

namespace Portal.Tests.Portal.Prompts;

/// <summary>One portal for all tests of the REST API; each takes prompts of its own.</summary>
public sealed class PromptsApiFixture : IAsyncLifetime
{
    internal RunningPortal Portal { get; private set; } = null!;

    public async Task InitializeAsync() => Portal = await RunningPortal.StartAsync(RunningPortal.WithoutReview);

    public async Task DisposeAsync() => await Portal.DisposeAsync();
}

public class PromptsApiTests(PromptsApiFixture fixture) : IClassFixture<PromptsApiFixture>
{
    private const string Root = "/api/v1/namespaces/demo/prompts";
    private const string Document = "---\nmodel: demo/echo-stream\nconfig:\n  delayMs: 0\ninput:\n  schema:\n    name: string\n---\n{{role \"system\"}}Be kind.{{role \"user\"}}Hello {{name}}";

    private HttpClient Http => fixture.Portal.Http;

    [Fact]
    public async Task List_DemoNamespace_HoldsTheSeededPrompt()
    {
        var items = (await Http.GetFromJsonAsync<JsonObject>(Root))!["items"]!.AsArray();

        Assert.Contains(items, item => (string?)item!["name"] == "support-reply" && (string?)item["model"] == "demo/echo-stream");
    }

    [Fact]
    public async Task Draft_SavedReadDiscarded_IsThereAndGone()
    {
        var saved = await Http.PutAsJsonAsync($"{Root}/rest-draft/draft", new { content = Document });
        Assert.Equal(HttpStatusCode.OK, saved.StatusCode);

        var detail = (await Http.GetFromJsonAsync<JsonObject>($"{Root}/rest-draft"))!;
        Assert.Equal((Document, null, "Draft"),
            ((string?)detail["draft"]!["content"], (string?)detail["content"], (string?)detail["summary"]!["status"]));
        Assert.Equal("string", (string?)detail["inputSchema"]!["properties"]!["name"]!["type"]);

        Assert.Equal(HttpStatusCode.NoContent, (await Http.DeleteAsync($"{Root}/rest-draft")).StatusCode);
        await AssertProblemAsync(await Http.GetAsync($"{Root}/rest-draft"), HttpStatusCode.NotFound, "rest-draft");
    }

    [Fact]
    public async Task Render_Document_IsTheMessagesAModelWouldGet()
    {
        var answer = await ReadAsync(await Http.PostAsJsonAsync($"{Root}/any/render", new { content = Document, input = new { name = "Ada" } }));

        Assert.Equal(["system", "user"], answer["messages"]!.AsArray().Select(message => (string?)message!["role"]));
        Assert.Equal("Hello Ada", (string?)answer["messages"]![1]!["content"]![0]!["text"]);
    }

    [Fact]
    public async Task Render_BrokenTemplate_SaysWhere()
    {
        var problem = await AssertProblemAsync(
            await Http.PostAsJsonAsync($"{Root}/any/render", new { content = "line one\n{{#if a}}" }), HttpStatusCode.UnprocessableEntity,
                "{{#if}}");

        Assert.Equal(2, (int?)problem["line"]);
    }

    [Theory]
    [InlineData("render", "{\"a\":\"\\ud800\"}")]
    [InlineData("render", "{\"a\":1,\"a\":2}")]
    [InlineData("run", "{\"a\":\"\\ud800\"}")]
    [InlineData("run", "{\"\\udc00\":1}")]
    [InlineData("run", "{\"a\":1,\"a\":2}")]
    public async Task RenderAndRun_InputThatCannotBeRead_IsABadRequest(string verb, string input)
    {
        using var body = new StringContent($"{{\"content\":\"Hi\",\"model\":\"echo-stream\",\"input\":{input}}}", Encoding.UTF8, "application/json");

        await AssertProblemAsync(await Http.PostAsync($"{Root}/any/{verb}", body), HttpStatusCode.BadRequest, "input");
    }

    [Fact]
    public async Task Run_Json_AnswersWithUsageAndCostAndIsKept()
    {
        var answer = await ReadAsync(await Http.PostAsJsonAsync($"{Root}/any/run", new { content = Document, input = new { name = "Ada" } }));

        Assert.Contains("Hello Ada", (string?)answer["output"], StringComparison.Ordinal);
        Assert.Equal(("Completed", "stop", 0m, "demo price"),
            ((string?)answer["state"], (string?)answer["finishReason"], (decimal?)answer["cost"], (string?)answer["priceLabel"]));
        Assert.True((long?)answer["usage"]!["outputTokens"] > 0);
        var kept = (await Http.GetFromJsonAsync<JsonObject>($"/api/v1/runs/{answer["id"]}"))!;
        Assert.Equal((string?)answer["output"], (string?)kept["output"]);
    }

    [Fact]
    public async Task Run_EventStream_ChunksAddUpToTheOutput()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{Root}/any/run");
        request.Content = JsonContent.Create(new { content = Document, input = new { name = "Ada" } });
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));

        using var response = await Http.SendAsync(request);
        var events = (await response.Content.ReadAsStringAsync()).Split("\n\n", StringSplitOptions.RemoveEmptyEntries)
            .Select(item => item.Split('\n'))
            .Select(lines => (Name: lines[0]["event: ".Length..], Data: JsonNode.Parse(lines[1]["data: ".Length..])!)).ToList();

        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal("done", events[^1].Name);
        Assert.Equal((string?)events[^1].Data["output"], string.Concat(events.SkipLast(1).Select(item => (string?)item.Data["text"])));
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("text/event-stream")]
    public async Task Run_CallerLeaves_StopsTheRun(string accept)
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var space = await NewProviderAsync("left-" + accept[..4], (IPEndPoint)silent.LocalEndpoint);
        var ended = new TaskCompletionSource<RunSnapshot>(TaskCreationOptions.RunContinuationsAsynchronously);
        var runs = fixture.Portal.Services.GetRequiredService<RunStore>();
        runs.Changed += run => _ = run.Namespace == space && run.State != RunState.Running && ended.TrySetResult(run);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/namespaces/{space}/prompts/any/run") { Content = JsonContent.Create(new { content = "---\nmodel: openai/m\n---\nHi" }) };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(accept));
        using var leave = new CancellationTokenSource();

        var call = Http.SendAsync(request, HttpCompletionOption.ResponseContentRead, leave.Token);
        using var provider = await silent.AcceptSocketAsync().WaitAsync(RunningPortal.Patience);
        await leave.CancelAsync();

        Assert.Equal(RunState.Stopped, (await ended.Task.WaitAsync(RunningPortal.Patience)).State);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    [Fact]
    public async Task Run_MissingInput_IsABadRequestThatNamesIt()
    {
        await AssertProblemAsync(await Http.PostAsJsonAsync($"{Root}/any/run", new { content = Document }), HttpStatusCode.BadRequest, "name");
    }

    [Fact]
    public async Task Run_ProviderWithoutConfiguration_SaysWhatToCreate()
    {
        await AssertProblemAsync(
            await Http.PostAsJsonAsync($"{Root}/any/run", new { content = "---\nmodel: openai/gpt-4o\n---\nHi" }), HttpStatusCode.NotFound,
                "PluginConfig with spec.type openai");
    }

    [Fact]
    public async Task Publish_Document_BecomesAnObjectOfThePortal()
    {
        var answer = await ReadAsync(await Http.PostAsJsonAsync($"{Root}/rest-publish/publish", new { content = Document }));

        Assert.Equal(("Published", 1L), ((string?)answer["outcome"], (long?)answer["generation"]));
        var prompt = await fixture.Portal.Client.Resource<Prompt>().GetAsync("demo", "rest-publish", default);
        Assert.Equal(Document, prompt.Spec.Content);
        Assert.Equal(HttpStatusCode.NoContent, (await Http.DeleteAsync($"{Root}/rest-publish")).StatusCode);
        Assert.Null(await fixture.Portal.Client.Resource<Prompt>().FindAsync("demo", "rest-publish", default));
    }

    [Fact]
    public async Task Publish_BrokenDocument_ListsTheProblems()
    {
        var problem = await AssertProblemAsync(await Http.PostAsJsonAsync($"{Root}/rest-broken/publish", new { content = "{{#if a}}" }),
            HttpStatusCode.UnprocessableEntity, "{{#if}}");

        Assert.Equal("Error", (string?)problem["problems"]![0]!["severity"]);
    }

    [Fact]
    public async Task Publish_ObjectOfAnotherManager_IsAConflictUntilForced()
    {
        var theirs = new JsonObject
        {
            ["apiVersion"] = "genkit.dev/v1alpha1",
            ["kind"] = "Prompt",
            ["metadata"] = new JsonObject { ["name"] = "rest-theirs", ["namespace"] = "demo" },
            ["spec"] = new JsonObject { ["content"] = "theirs" },
        };
        await fixture.Portal.Client.Resource<Prompt>()
            .ApplyAsync(new KubeObject(theirs), new WriteOptions { Manager = new FieldManager("argocd") }, default);

        var problem = await AssertProblemAsync(await Http.PostAsJsonAsync($"{Root}/rest-theirs/publish", new { content = Document }),
            HttpStatusCode.Conflict, "argocd");
        Assert.Equal("argocd", (string?)problem["owners"]![0]!["manager"]);

        Assert.Equal(HttpStatusCode.OK,
            (await Http.PostAsJsonAsync($"{Root}/rest-theirs/publish", new { content = Document, force = true })).StatusCode);
    }

    [Theory]
    [InlineData("{", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("[]", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("{\"content\": 5}", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("content=x", "application/x-www-form-urlencoded", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("{\"content\": \"x\"}", "text/plain", HttpStatusCode.UnsupportedMediaType)]
    public async Task EveryBody_Malformed_IsRefusedAsProblem(string body, string contentType, HttpStatusCode expected)
    {
        foreach (var (method, path) in new[] { (HttpMethod.Put, "any/draft"), (HttpMethod.Post, "any/render"), (HttpMethod.Post, "any/run"),
            (HttpMethod.Post, "any/publish") })
        {
            using var request = new HttpRequestMessage(method, $"{Root}/{path}");
            request.Content = new StringContent(body, Encoding.UTF8, contentType);
            await AssertProblemAsync(await Http.SendAsync(request), expected, "");
        }
    }

    [Theory]
    [InlineData("", "The body is missing: send a JSON object.")]
    [InlineData("null", "The body is missing: send a JSON object.")]
    [InlineData("[]", "The body does not have the type expected.")]
    [InlineData("{\"content\": 5}", "content: Cannot get the value of a token type 'Number' as a string.")]
    [InlineData("{\"content\": \"\\ud800\"}", "content: Cannot read incomplete UTF-16 JSON text")]
    [InlineData("{\"content\": \"Hi\", \"input\": []}", "input")]
    [InlineData("{\"content\": \"Hi\" x", "(line 1, column 18)")]
    public async Task Run_Malformed_NamesTheFieldInWordsForItsSender(string body, string expected)
    {
        var problem = await AssertProblemAsync(
            await Http.PostAsync($"{Root}/any/run", new StringContent(body, Encoding.UTF8, "application/json")), HttpStatusCode.BadRequest, expected);

        Assert.DoesNotMatch("System[.]|Portal[.]|BytePosition|Implicit", (string?)problem["detail"]);
    }

    [Fact]
    public async Task SaveDraft_WithoutContent_SaysWhatIsMissing() =>
        await AssertProblemAsync(
            await Http.PutAsync($"{Root}/any/draft", new StringContent("{}", Encoding.UTF8, "application/json")), HttpStatusCode.BadRequest, "Required and missing: content.");

    [Fact]
    public async Task EveryBody_UnknownCharset_IsRefused()
    {
        using var content = new ByteArrayContent("{}"u8.ToArray());
        content.Headers.TryAddWithoutValidation("Content-Type", "application/json; charset=nonsense");

        await AssertProblemAsync(await Http.PostAsync($"{Root}/any/render", content), HttpStatusCode.UnsupportedMediaType, "UTF-8");
    }

    [Fact]
    public async Task EveryBody_TooDeepOrTooLarge_IsRefused()
    {
        var deep = "{\"input\":" + string.Concat(Enumerable.Repeat("{\"a\":", 200)) + "1" + new string('}', 201);
        await AssertProblemAsync(await Http.PostAsync($"{Root}/any/run", new StringContent(deep, Encoding.UTF8, "application/json")),
            HttpStatusCode.BadRequest, "");

        var large = new { content = new string('x', 5_000_000) };
        await AssertProblemAsync(await Http.PostAsJsonAsync($"{Root}/any/publish", large), HttpStatusCode.RequestEntityTooLarge, "");

        var tooLong = new { content = new string('x', 1_000_000) };
        await AssertProblemAsync(await Http.PutAsJsonAsync($"{Root}/any/draft", tooLong), HttpStatusCode.BadRequest, "900,000");
    }

    [Theory]
    [InlineData("/api/v1/namespaces/nowhere/prompts")]
    [InlineData(Root + "/nothing")]
    [InlineData("/api/v1/runs/nothing")]
    public async Task Get_NotThere_IsAProblem(string path) => await AssertProblemAsync(await Http.GetAsync(path), HttpStatusCode.NotFound, "no");

    [Theory]
    [InlineData("GET", Root + "/any/publish", HttpStatusCode.MethodNotAllowed)]
    [InlineData("POST", Root + "/any/nothing", HttpStatusCode.NotFound)]
    public async Task Send_WrongMethodOrAddress_IsToldApart(string method, string path, HttpStatusCode expected)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        using var response = await Http.SendAsync(request);

        Assert.Equal(expected, response.StatusCode);
        Assert.Equal(expected == HttpStatusCode.MethodNotAllowed ? ["POST"] : [], response.Content.Headers.Allow);
    }

    [Fact]
    public async Task SaveDraft_MissingNamespace_IsRefused() =>
        await AssertProblemAsync(await Http.PutAsJsonAsync("/api/v1/namespaces/nowhere/prompts/x/draft", new { content = "x" }), HttpStatusCode.NotFound, "no namespace");

    [Fact]
    public async Task SaveDraft_BadName_IsRefused()
    {
        await AssertProblemAsync(await Http.PutAsJsonAsync($"{Root}/Bad_Name/draft", new { content = "x" }), HttpStatusCode.BadRequest,
            "lower-case");
    }

    [Fact]
    public async Task OpenApi_Document_DescribesThePromptsApi()
    {
        var paths = (await Http.GetFromJsonAsync<JsonObject>("/openapi/v1.json"))!["paths"]!.AsObject();

        Assert.Equal("RunPrompt", (string?)paths["/api/v1/namespaces/{namespace}/prompts/{name}/run"]!["post"]!["operationId"]);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/ns/demo/prompts")]
    [InlineData("/ns/demo/prompts/support-reply")]
    [InlineData("/ns/demo/models")]
    [InlineData("/ns/demo/providers")]
    public async Task Page_ByAddress_IsRenderedOnTheServer(string path)
    {
        var page = await Http.GetStringAsync(path);

        Assert.Contains("data-interactive=\"false\"", page, StringComparison.Ordinal);
        Assert.Contains("No sign-in: loopback only", page, StringComparison.Ordinal);
    }

    /// <summary>A namespace whose provider openai is at the address.</summary>
    private async Task<string> NewProviderAsync(string name, IPEndPoint address)
    {
        await ApplyAsync(BuiltIn.Namespace, null, name, []);
        await ApplyAsync(BuiltIn.Secret, name, "keys", new JsonObject { ["stringData"] = new JsonObject { ["OPENAI_API_KEY"] = "none" } });
        await ApplyAsync(PluginConfig.Definition, name, "openai", new JsonObject
        {
            ["spec"] = new JsonObject
            {
                ["type"] = "openai",
                ["credentialsRef"] = new JsonObject { ["name"] = "keys" },
                ["extraConfig"] = new JsonObject { ["baseURL"] = $"http://{address}/v1" },
            },
        });
        return name;
    }

    private async Task ApplyAsync(ResourceDefinition kind, string? space, string name, JsonObject content)
    {
        var metadata = new JsonObject { ["name"] = name };
        if (space is not null)
        {
            metadata["namespace"] = space;
        }

        (content["apiVersion"], content["kind"], content["metadata"]) = (kind.ApiVersion, kind.Kind, metadata);
        await fixture.Portal.Client.Resource(kind).ApplyAsync(new KubeObject(content), new WriteOptions { Manager = new FieldManager("test") }, default);
        await fixture.Portal.WaitForAsync(kind, space!, name, found => found is not null);
    }

    private static async Task<JsonObject> ReadAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!.AsObject();
    }

    private static async Task<JsonObject> AssertProblemAsync(HttpResponseMessage response, HttpStatusCode status, string detail)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.Equal((status, "application/problem+json"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        var problem = JsonNode.Parse(text)!.AsObject();
        Assert.Contains(detail, (string?)problem["detail"], StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
        return problem;
    }
}
