using System.Net;
using System.Net.Http.Json;
using Portal.Operator.Prompts;

namespace Portal.Tests.Portal.Releases;

/// <summary>The REST API with the policy of the demo namespace, as its three personas.</summary>
[Collection(PortalCollection.Name)]
public sealed class ReleasesApiTests(PortalFixture fixture)
{
    private const string Document = "---\nmodel: demo/echo-stream\n---\nHello";

    [Fact]
    public async Task Releases_AskedByOneApprovedByAnother_IsPublished()
    {
        var asked = await AskAsync("api-story");
        Assert.Equal(("Open", "Ada (demo author)"), ((string?)asked["status"], (string?)asked["requestedBy"]));
        var id = (long)asked["id"]!;
        using var self = await SendAsync("ada", HttpMethod.Post, $"/api/v1/releases/{id}/approve", new { hash = (string?)asked["hash"] });
        Assert.Equal(HttpStatusCode.Forbidden, self.StatusCode);
        using var stale = await SendAsync("ben", HttpMethod.Post, $"/api/v1/releases/{id}/approve", new { hash = "another" });
        Assert.Equal(HttpStatusCode.Conflict, stale.StatusCode);

        using var approved = await SendAsync("ben", HttpMethod.Post, $"/api/v1/releases/{id}/approve", new { hash = (string?)asked["hash"], comment = "Fine" });

        Assert.Equal((HttpStatusCode.OK, "Published"), (approved.StatusCode, (string?)(await ReadAsync(approved))["status"]));
        Assert.Equal(Document, (await fixture.Portal.Client.Resource<Prompt>().GetAsync("demo", "api-story", default)).Spec.Content);
        var revisions = await fixture.Portal.Http.GetFromJsonAsync<JsonObject>("/api/v1/namespaces/demo/prompts/api-story/revisions");
        Assert.Equal((1, "Ada (demo author)"), ((int)revisions!["items"]![0]!["number"]!, (string?)revisions["items"]![0]!["author"]));
        Assert.Equal(Document, (string?)(await fixture.Portal.Http.GetFromJsonAsync<JsonObject>("/api/v1/namespaces/demo/prompts/api-story/revisions/1"))!["content"]);
    }

    [Fact]
    public async Task Releases_AnotherContent_TakesTheApprovalOfThatOne()
    {
        var asked = await AskAsync("api-revised");
        var id = (long)asked["id"]!;
        using var revised = await SendAsync("ada", HttpMethod.Put, $"/api/v1/releases/{id}", Body("api-revised", Document + "!"));
        var hash = (string?)(await ReadAsync(revised))["hash"];

        using var old = await SendAsync("ben", HttpMethod.Post, $"/api/v1/releases/{id}/approve", new { hash = (string?)asked["hash"] });
        using var now = await SendAsync("ben", HttpMethod.Post, $"/api/v1/releases/{id}/approve", new { hash });

        Assert.Equal((HttpStatusCode.Conflict, HttpStatusCode.OK), (old.StatusCode, now.StatusCode));
        Assert.Equal(Document + "!", (await fixture.Portal.Client.Resource<Prompt>().GetAsync("demo", "api-revised", default)).Spec.Content);
    }

    [Theory]
    [InlineData("reject", null, HttpStatusCode.UnprocessableEntity)]
    [InlineData("reject", "No", HttpStatusCode.OK)]
    [InlineData("request-changes", "Shorter", HttpStatusCode.OK)]
    [InlineData("break-glass", "Now", HttpStatusCode.Forbidden)]
    public async Task Decisions_OfAnApprover_AreHeldToTheRules(string verb, string? comment, HttpStatusCode expected)
    {
        var asked = await AskAsync($"api-{verb}-{comment?.Length ?? 0}");

        using var answer = await SendAsync("ben", HttpMethod.Post, $"/api/v1/releases/{asked["id"]}/{verb}", new { hash = (string?)asked["hash"], comment });

        Assert.Equal(expected, answer.StatusCode);
        using var withdrawn = await SendAsync("ada", HttpMethod.Post, $"/api/v1/releases/{asked["id"]}/withdraw", new { comment = "Done" });
        Assert.Equal(verb == "reject" && comment is not null ? HttpStatusCode.Conflict : HttpStatusCode.OK, withdrawn.StatusCode);
    }

    [Fact]
    public async Task Publish_Prompt_WaitsAsThePolicyAsks()
    {
        using var answer = await SendAsync("admin", HttpMethod.Post, "/api/v1/namespaces/demo/prompts/api-publish/publish", new { content = Document });

        Assert.Equal((HttpStatusCode.Accepted, "Waiting"), (answer.StatusCode, (string?)(await ReadAsync(answer))["outcome"]));
        Assert.Null(await fixture.Portal.Client.Resource<Prompt>().FindAsync("demo", "api-publish", default));
    }

    [Theory]
    [InlineData("""{"namespace":"demo","objects":[]}""", "nothing to publish")]
    [InlineData("""{"namespace":"demo","objects":null}""", "nothing to publish")]
    [InlineData("""{"namespace":"demo","objects":[null]}""", "not a kind")]
    [InlineData("""{"namespace":"demo","objects":[{"kind":"Flow","name":null,"spec":{}}]}""", "a name has")]
    [InlineData("""{"objects":[{"name":"x","content":"y"}]}""", "Say where")]
    [InlineData("""{"environment":"nowhere","objects":[{"name":"x","content":"y"}]}""", "no environment")]
    [InlineData("""{"namespace":"demo","objects":[{"kind":"Secret","name":"x","spec":{}}]}""", "not a kind")]
    [InlineData("""{"namespace":"demo","objects":[{"name":"x","content":"y"},{"name":"x","content":"z"}]}""", "twice")]
    [InlineData("""{"namespace":"demo","objects":[{"name":"x","content":"y"}],"publishAt":"2001-01-01T00:00:00Z"}""", "over")]
    public async Task Submit_BadInput_NamesTheMistake(string body, string expected)
    {
        using var answer = await SendAsync("ada", HttpMethod.Post, "/api/v1/releases", JsonNode.Parse(body)!);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Contains(expected, (string?)(await ReadAsync(answer))["detail"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_NoSuchRelease_IsAProblem()
    {
        using var answer = await SendAsync("ben", HttpMethod.Get, "/api/v1/releases/999999", null);
        using var decided = await SendAsync("ben", HttpMethod.Post, "/api/v1/releases/999999/approve", new { hash = "x" });

        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound), (answer.StatusCode, decided.StatusCode));
    }

    private async Task<JsonObject> AskAsync(string name)
    {
        using var answer = await SendAsync("ada", HttpMethod.Post, "/api/v1/releases", Body(name, Document));
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        return await ReadAsync(answer);
    }

    private static object Body(string name, string content) => new { @namespace = "demo", objects = new[] { new { name, content } }, message = "Try" };

    private async Task<HttpResponseMessage> SendAsync(string persona, HttpMethod method, string path, object? body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Add("cookie", $"gp-persona={persona}");
        return await fixture.Portal.Http.SendAsync(request);
    }

    private static async Task<JsonObject> ReadAsync(HttpResponseMessage response) => (await response.Content.ReadFromJsonAsync<JsonObject>())!;
}
