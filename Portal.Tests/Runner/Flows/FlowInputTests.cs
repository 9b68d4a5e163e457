using System.Net;
using System.Text;

namespace Portal.Tests.Runner.Flows;

public class FlowInputTests
{
    private const string NoSchema = "---\nmodel: fake/m\n---\nHi {{name}}{{data.name}}{{data}}!";

    [Theory]
    [InlineData("[1]")]
    [InlineData("\"text\"")]
    [InlineData("5")]
    [InlineData("true")]
    [InlineData("{")]
    [InlineData("{\"name\":\"Bo\"} trailing")]
    [InlineData("{\"name\":\"Bo\",\"name\":\"Ann\"}")]
    [InlineData("{\"name\":\"\\ud800\"}")]
    public async Task Post_NotAJsonObject_Is400(string body)
    {
        var provider = FakeProvider.Saying("Hi");
        await using var runner = await RunningServer.StartAsync(provider);

        using var response = await runner.PostAsync("/hello", body);

        var error = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.StartsWith("invalid JSON body: ", error["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal("INVALID_ARGUMENT", error["status"]!.GetValue<string>());
        Assert.Empty(provider.Requests);
    }

    [Fact]
    public async Task Post_DeepJson_Is400()
    {
        await using var runner = await RunningServer.StartAsync(FakeProvider.Saying("Hi"));
        var deep = $"{{\"name\":{new string('[', 100_000)}{new string(']', 100_000)}}}";

        using var response = await runner.PostAsync("/hello", deep);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task Post_NotUtf8_Is400()
    {
        await using var runner = await RunningServer.StartAsync(FakeProvider.Saying("Hi"));
        using var content = new ByteArrayContent([(byte)'{', (byte)'"', 0xFF, (byte)'"', (byte)':', (byte)'1', (byte)'}']);

        using var response = await runner.Client.PostAsync("/hello", content);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Post_LargerThanTheLimit_Is413(bool chunked)
    {
        await using var runner = await RunningServer.StartAsync(FakeProvider.Saying("Hi"), change: static options => options with { MaxBodyBytes = 1000 });
        using var request = new HttpRequestMessage(HttpMethod.Post, "/hello") { Content = new StringContent($"{{\"name\":\"{new string('x', 2000)}\"}}", Encoding.UTF8, "application/json") };
        request.Headers.TransferEncodingChunked = chunked;

        using var response = await runner.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Contains("1000 bytes", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    public async Task Post_OtherContentType_Is415(string contentType)
    {
        await using var runner = await RunningServer.StartAsync(FakeProvider.Saying("Hi"));

        using var response = await runner.PostAsync("/hello", """{"name":"Bo"}""", contentType: contentType);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
        Assert.Contains("application/json", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", "name is required")]
    [InlineData("{\"name\":5}", "name must be string")]
    [InlineData("{\"name\":\"Bo\",\"nmae\":1}", "nmae is not a field of the schema")]
    public async Task Post_MissesTheSchema_NamesTheField(string body, string expected)
    {
        await using var runner = await RunningServer.StartAsync(FakeProvider.Saying("Hi"));

        using var response = await runner.PostAsync("/hello", body);

        var error = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(expected, error["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.NotNull(error["details"]!["errors"]![0]!["path"]);
    }

    [Fact]
    public async Task Post_DefaultOfTheFrontmatter_CountsAsInput()
    {
        const string Prompt = "---\nmodel: fake/m\ninput:\n  schema:\n    name: string\n  default:\n    name: friend\n---\nHi {{name}}";
        var provider = FakeProvider.Saying("Hi");
        await using var runner = await RunningServer.StartAsync(provider, ContractFolder.Single(Prompt));

        using var response = await runner.PostAsync("/hello", "{}");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("Hi friend", provider.Requests.Single().Messages[0].Text);
    }

    [Theory]
    [InlineData("", "Hi !")]
    [InlineData("null", "Hi !")]
    [InlineData("{}", "Hi !")]
    [InlineData("{\"name\":\"Bo\"}", "Hi Bo!")]
    [InlineData("{\"data\":{\"name\":\"Bo\"}}", "Hi Bo!")]
    [InlineData("{\"data\":{\"name\":\"Bo\"},\"init\":1}", "Hi Bo!")]
    [InlineData("{\"data\":null}", "Hi !")]
    [InlineData("{\"data\":\"text\"}", "Hi text!")]
    [InlineData("\uFEFF{\"name\":\"Bo\"}", "Hi Bo!")]
    public async Task Post_Input_IsTheBodyOrTheEnvelopesData(string body, string expected)
    {
        var provider = FakeProvider.Saying("Hi");
        await using var runner = await RunningServer.StartAsync(provider, ContractFolder.Single(NoSchema));

        using var response = await runner.PostAsync("/hello", body);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(expected, provider.Requests.Single().Messages[0].Text);
    }

    [Fact]
    public async Task Post_SchemaHasAPropertyData_IsNoEnvelope()
    {
        const string Prompt = "---\nmodel: fake/m\ninput:\n  schema:\n    data:\n      x: string\n---\nHi {{data.x}}";
        var provider = FakeProvider.Saying("Hi");
        await using var runner = await RunningServer.StartAsync(provider, ContractFolder.Single(Prompt));

        using var response = await runner.PostAsync("/hello", """{"data":{"x":"Bo"}}""");

        Assert.Equal("Hi Bo", provider.Requests.Single().Messages[0].Text);
        Assert.Equal("Hi", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Post_Envelope_IsAnsweredInGenkitsEnvelope()
    {
        await using var runner = await RunningServer.StartAsync(FakeProvider.Saying("Hello"));

        using var response = await runner.PostAsync("/hello", """{"data":{"name":"Bo"}}""", "*/*");

        Assert.Equal("""{"result":"Hello"}""", await response.Content.ReadAsStringAsync());
    }
}
