using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;
using Portal.Operator.Prompts;

namespace Portal.Tests.Portal.Prompts;

/// <summary>One portal for all tests of the REST API; each takes prompts of its own.</summary>
public sealed class PromptsApiFixture : IAsyncLifetime
{
    internal RunningPortal Portal { get; private set; } = null!;

    public async Task InitializeAsync() => Portal = await RunningPortal.StartAsync();

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
