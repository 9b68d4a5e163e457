using System.Net;
using Portal.Dotprompt.Messages;
using Portal.Runner.Contract;
using Portal.Runner.Engine;
using Portal.Runner.Providers;

namespace Portal.Tests.Runner.Providers;

public class AzureAiFoundryTests
{
    private const string Key = "azure-secret-0815";
    private const string Done = """{"choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":2,"completion_tokens":1}}""";

    [Theory]
    [InlineData("https://me.openai.azure.com", null, "https://me.openai.azure.com/openai/deployments/my-gpt/chat/completions?api-version=2024-10-21", "max_completion_tokens")]
    [InlineData("https://me.openai.azure.com/", "2025-04-01-preview", "https://me.openai.azure.com/openai/deployments/my-gpt/chat/completions?api-version=2025-04-01-preview", "max_completion_tokens")]
    [InlineData("https://me.openai.azure.com/openai", "a&b=c", "https://me.openai.azure.com/openai/deployments/my-gpt/chat/completions?api-version=a%26b%3Dc", "max_completion_tokens")]
    [InlineData("https://me.openai.azure.com/openai/v1/", null, "https://me.openai.azure.com/openai/v1/chat/completions", "max_completion_tokens")]
    [InlineData("https://me.openai.azure.com/openai/v1", "preview", "https://me.openai.azure.com/openai/v1/chat/completions?api-version=preview", "max_completion_tokens")]
    [InlineData("https://me.services.ai.azure.com/models", null, "https://me.services.ai.azure.com/models/chat/completions?api-version=2024-05-01-preview", "max_tokens")]
    public async Task StreamAsync_Endpoint_SaysPathVersionAndNameOfTheLimit(string endpoint, string? version, string expected, string limit)
    {
        HttpRequestMessage? sent = null;
        JsonNode? body = null;
        using var handler = new ScriptedHandler(async (request, cancellationToken) =>
        {
            sent = request;
            body = JsonNode.Parse(await request.Content!.ReadAsStringAsync(cancellationToken));
            return new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(Done) };
        });

        var chunk = Assert.Single(await RunAsync(handler, endpoint, version is null ? null : new JsonObject { ["apiVersion"] = version }));

        Assert.Equal(expected, sent!.RequestUri!.AbsoluteUri);
        Assert.Equal(Key, Assert.Single(sent.Headers.GetValues("api-key")));
        Assert.Null(sent.Headers.Authorization);
        Assert.Equal("my-gpt", body!["model"]!.ToString());
        Assert.Equal(9, body[limit]!.GetValue<int>());
        Assert.Equal(new TokenUsage { InputTokens = 2, OutputTokens = 1 }, chunk.Usage);
    }

    [Theory]
    [InlineData("a/b?c", "https://me.openai.azure.com/openai/deployments/a%2Fb%3Fc/chat/completions?api-version=2024-10-21")]
    [InlineData("..", null)]
    [InlineData("", null)]
    public async Task StreamAsync_Deployment_StaysOneSegment(string model, string? expected)
    {
        Uri? address = null;
        using var handler = new ScriptedHandler((request, _) =>
        {
            address = request.RequestUri;
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(Done) });
        });

        var error = await Record.ExceptionAsync(() => RunAsync(handler, "https://me.openai.azure.com", model: model));

        Assert.Equal(expected, address?.AbsoluteUri);
        Assert.Equal(expected is null ? GenkitStatus.InvalidArgument : null, (error as GenkitException)?.Status);
    }

    [Theory]
    [InlineData("""{"apiVersion":3}""", "extraConfig.apiVersion")]
    [InlineData("""{"apiVersion":""}""", "extraConfig.apiVersion")]
    public async Task StreamAsync_BadVersion_NamesTheSetting(string extraConfig, string expected)
    {
        using var handler = ScriptedHandler.Answering(Done, "application/json");

        var error = await Assert.ThrowsAsync<GenkitException>(() => RunAsync(handler, "https://me.openai.azure.com", (JsonObject)JsonNode.Parse(extraConfig)!));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "extraConfig.endpoint of the plugin, or AZURE_OPENAI_ENDPOINT")]
    [InlineData("me.openai.azure.com", "extraConfig.endpoint")]
    [InlineData("https://me.openai.azure.com/openai/deployments/x/chat/completions?api-version=1", "without a query")]
    public async Task StreamAsync_BadEndpoint_NamesTheSetting(string? endpoint, string expected)
    {
        using var handler = ScriptedHandler.Answering(Done, "application/json");

        var error = await Assert.ThrowsAsync<GenkitException>(() => RunAsync(handler, endpoint));

        Assert.Equal(GenkitStatus.InvalidArgument, error.Status);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"error":{"code":"DeploymentNotFound","message":"The API deployment for this resource does not exist."}}""", 404, GenkitStatus.NotFound, "does not exist")]
    [InlineData("""{"error":{"code":"content_filter","message":"The prompt was filtered","innererror":{"code":"ResponsibleAIPolicyViolation"}}}""", 400, GenkitStatus.InvalidArgument, "was filtered")]
    [InlineData("""{"error":{"code":"401","message":"Access denied due to invalid subscription key"}}""", 401, GenkitStatus.Unauthenticated, "THE_KEY")]
    [InlineData("""{"statusCode":401,"message":"Unauthorized"}""", 401, GenkitStatus.Unauthenticated, "THE_KEY")]
    public async Task StreamAsync_AzuresErrors_AreMapped(string body, int status, GenkitStatus expected, string said)
    {
        using var handler = ScriptedHandler.Answering(body, "application/json", (HttpStatusCode)status);

        var error = await Assert.ThrowsAsync<GenkitException>(() => RunAsync(handler, "https://me.openai.azure.com"));

        Assert.Equal(expected, error.Status);
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StreamAsync_FilteredMidStream_SaysBlocked()
    {
        using var handler = ScriptedHandler.Answering(
            "data: {\"choices\":[],\"prompt_filter_results\":[{\"prompt_index\":0}]}\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\n"
            + "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"content_filter\"}]}\n\ndata: [DONE]\n\n", "text/event-stream");

        var chunks = await RunAsync(handler, "https://me.openai.azure.com");

        Assert.Equal(new TextPart("Hi"), Assert.Single(chunks[0].Content));
        Assert.Equal("blocked", chunks[1].FinishReason);
    }

    [Fact]
    public async Task StreamAsync_MediaAzureDoesNotTake_NamesTheProvider()
    {
        using var handler = ScriptedHandler.Answering(Done, "application/json");

        var error = await Assert.ThrowsAsync<GenkitException>(() => RunAsync(handler, "https://me.openai.azure.com", part: new MediaPart("https://example.test/a.mp3", "audio/mpeg")));

        Assert.Contains("cannot be sent to azureaifoundry", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Find_EndpointAmongTheSecretsKeys_IsTheAddressAndNotTheCredential()
    {
        using var client = ProviderCatalog.CreateHttpClient();
        Assert.True(ProviderCatalog.Create(client, TimeProvider.System).TryGet("azureaifoundry", out var provider));
        var runtime = new RuntimeConfig { CredentialKeys = ["AZURE_OPENAI_ENDPOINT", "AZURE_OPENAI_API_KEY"] };
        var credentials = new Listed(new() { ["AZURE_OPENAI_ENDPOINT"] = "https://me.openai.azure.com", ["AZURE_OPENAI_API_KEY"] = Key });

        Assert.Equal(("AZURE_OPENAI_API_KEY", Key), ModelChoice.FindCredential(provider, runtime, credentials));
        Assert.Equal("https://me.openai.azure.com", ModelChoice.FindBaseUrl(provider, plugin: null, credentials));
        Assert.Equal("https://other", ModelChoice.FindBaseUrl(provider, new RuntimePlugin { Type = "azureaifoundry", ExtraConfig = new JsonObject { ["endpoint"] = "https://other" } }, credentials));
    }

    private static async Task<List<ModelChunk>> RunAsync(
        HttpMessageHandler handler, string? endpoint, JsonObject? extraConfig = null, string model = "my-gpt", Part? part = null)
    {
        using var client = new HttpClient(handler, disposeHandler: false);
        Assert.True(ProviderCatalog.Create(client, TimeProvider.System).TryGet("azureaifoundry", out var provider));
        return await provider.StreamAsync(new ModelRequest
        {
            Model = model,
            Messages = [new Message("user", [part ?? new TextPart("Hi")])],
            Config = new JsonObject { ["maxOutputTokens"] = 9 },
            Plugin = new RuntimePlugin { Type = "azureaifoundry", ExtraConfig = extraConfig },
            ApiKey = Key,
            CredentialKey = "THE_KEY",
            BaseUrl = endpoint,
        }, CancellationToken.None).ToListAsync();
    }

    private sealed class Listed(Dictionary<string, string> values) : global::Portal.Runner.Providers.ICredentials
    {
        public string Place => "a list";

        public string? Find(string key) => values.GetValueOrDefault(key);
    }
}
