using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Portal.Embedded;
using Portal.Runner.Contract;

namespace Portal.Tests.Portal.Budgets;

[Collection(PortalCollection.Name)]
public sealed class BudgetsApiTests(PortalFixture fixture)
{
    private const string Path = "/api/v1/budgets";
    private readonly RunningPortal _portal = fixture.Portal;
    private readonly string _name = $"b-{Guid.NewGuid():N}";

    [Fact]
    public async Task Crud_GoodBudget_GoesThroughItsLife()
    {
        using var created = await _portal.Http.PostAsJsonAsync(Path, Body(10));
        var made = (await created.Content.ReadFromJsonAsync<JsonObject>())!;
        var address = created.Headers.Location!;
        using var changed = await _portal.Http.PutAsJsonAsync(address, With(Body(20), "version", made["version"]!.GetValue<long>()));
        using var stale = await _portal.Http.PutAsJsonAsync(address, With(Body(30), "version", made["version"]!.GetValue<long>()));
        var listed = (await _portal.Http.GetFromJsonAsync<JsonObject>(Path))!["items"]!.AsArray().Single(item => item!["name"]!.ToString() == _name)!;
        using var deleted = await _portal.Http.DeleteAsync(address);
        using var gone = await _portal.Http.GetAsync(address);
        using var again = await _portal.Http.DeleteAsync(address);

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK, HttpStatusCode.Conflict), (created.StatusCode, changed.StatusCode, stale.StatusCode));
        Assert.Equal(("20", "Flow", "month", "https://hooks.example.com/…"),
            (listed["amount"]!.ToString(), listed["scope"]!.ToString(), listed["period"]!.ToString().ToLowerInvariant(), listed["webhook"]!.ToString().Split(' ')[0]));
        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.NotFound, HttpStatusCode.NotFound), (deleted.StatusCode, gone.StatusCode, again.StatusCode));
    }

    [Theory]
    [InlineData("{\"name\":\"x\",\"namespace\":\"demo\",\"amount\":-1,\"timeZone\":\"Nowhere\"}", "amount", "timeZone")]
    [InlineData("{}", "name", "namespace", "amount")]
    [InlineData("{\"name\":null,\"namespace\":\"demo\",\"amount\":1,\"thresholds\":[0],\"emails\":[null]}", "name", "thresholds", "emails")]
    public async Task Post_WrongFields_AreNamed(string body, params string[] fields)
    {
        using var response = await PostAsync(body);

        var problem = (await response.Content.ReadFromJsonAsync<JsonObject>())!;
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(fields, problem["errors"]!.AsObject().Select(error => error.Key));
    }

    [Theory]
    [InlineData("{\"amount\":1e400}")]
    [InlineData("{\"amount\":\"ten\"}")]
    [InlineData("{\"period\":\"Fortnight\"}")]
    [InlineData("[]")]
    [InlineData("")]
    public async Task Post_NoBudgetAtAll_IsABadRequest(string body)
    {
        using var response = await PostAsync(body);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("wrong")]
    public async Task State_WithoutTheToken_IsUnauthorized(string? token)
    {
        using var response = await StateAsync(token, "", null);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Theory]
    [InlineData("?wait=31")]
    [InlineData("?wait=-1")]
    [InlineData("?wait=soon")]
    public async Task State_WaitThatIsNone_IsABadRequest(string query)
    {
        using var response = await StateAsync(Token, query, null);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task State_NothingNew_Is304WithTheSameTag()
    {
        using var first = await StateAsync(Token, "?namespace=quiet", null);
        using var second = await StateAsync(Token, "?namespace=quiet", first.Headers.ETag);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotModified), (first.StatusCode, second.StatusCode));
        Assert.Equal(first.Headers.ETag, second.Headers.ETag);
        Assert.Empty((await first.Content.ReadFromJsonAsync(BudgetJson.Default.BudgetStops))!.Stops);
    }

    [Fact]
    public async Task State_PolicyOfRunsChanges_WakesTheRunnerThatWaits()
    {
        using var first = await StateAsync(Token, "?namespace=kept-state", null);
        using var anywhere = await StateAsync(Token, "", null);
        var waiting = StateAsync(Token, "?namespace=kept-state&wait=30", first.Headers.ETag);
        var policy = """{"playground":"Full","flows":"Redacted","samplePercent":10,"retentionDays":90,"secretVariables":["pin"]}""";
        using var set = await _portal.Http.PutAsync(new Uri("/api/v1/namespaces/kept-state/run-policy", UriKind.Relative), new StringContent(policy, Encoding.UTF8, "application/json"));
        using var second = await waiting.WaitAsync(RunningPortal.Patience);

        Assert.Equal(RunKeeping.Off, (await first.Content.ReadFromJsonAsync(BudgetJson.Default.BudgetStops))!.Runs!.Flows);
        Assert.Null((await anywhere.Content.ReadFromJsonAsync(BudgetJson.Default.BudgetStops))!.Runs);
        var told = (await second.Content.ReadFromJsonAsync(BudgetJson.Default.BudgetStops))!.Runs!;
        Assert.Equal((RunKeeping.Redacted, 10, "pin"), (told.Flows, told.SamplePercent, told.SecretVariables.Single()));
    }

    private string Token => _portal.Services.GetRequiredService<UsageToken>().Local;

    private JsonObject Body(decimal amount) => new()
    {
        ["name"] = _name,
        ["scope"] = "flow",
        ["namespace"] = "demo",
        ["subject"] = "no-such-flow",
        ["amount"] = amount,
        ["timeZone"] = "Europe/Berlin",
        ["webhook"] = "https://hooks.example.com/secret-part",
    };

    private static JsonObject With(JsonObject body, string name, JsonNode value)
    {
        body[name] = value;
        return body;
    }

    private Task<HttpResponseMessage> PostAsync(string body) => _portal.Http.PostAsync(new Uri(Path, UriKind.Relative), new StringContent(body, Encoding.UTF8, "application/json"));

    private async Task<HttpResponseMessage> StateAsync(string? token, string query, EntityTagHeaderValue? tag)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, BudgetStops.Path + query);
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        if (tag is not null)
        {
            request.Headers.IfNoneMatch.Add(tag);
        }

        return await _portal.Http.SendAsync(request);
    }
}
