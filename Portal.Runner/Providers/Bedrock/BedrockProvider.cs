using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using Portal.Runner.Aws;
using Portal.Runner.Providers.Http;

namespace Portal.Runner.Providers.Bedrock;

/// <summary>Amazon Bedrock's Converse API: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html.</summary>
internal sealed class BedrockProvider(HttpClient client, TimeProvider timeProvider) : IModelProvider
{
    private const string EventStream = "application/vnd.amazon.eventstream";
    private const string RegionVariable = "AWS_REGION";
    private const string DefaultRegionVariable = "AWS_DEFAULT_REGION";
    private readonly ProviderConnection _connection = new(client, timeProvider);

    public string Name => "bedrock";

    public IReadOnlyList<(string Name, string Example)> UsualSettings { get; } = [("region", "us-east-1")];

    public string? BaseUrlVariable => "AWS_ENDPOINT_URL_BEDROCK_RUNTIME";

    public IReadOnlyList<string> SettingVariables { get; } = [RegionVariable, DefaultRegionVariable];

    public async IAsyncEnumerable<ModelChunk> StreamAsync(ModelRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var region = RegionOf(request);
        var credential = AwsCredential.Of(request);
        var path = $"/model/{UrlPath.Segment(request.Model)}/{(request.Stream ? "converse-stream" : "converse")}";
        using var answer = await _connection.PostAsync(this, request with { ApiKey = credential.Secret }, $"https://bedrock-runtime.{region}.amazonaws.com", path,
            BedrockRequest.Build(request), (message, body) => Authorize(message, body, request, credential, region), cancellationToken);
        var reader = new BedrockAnswer(request, answer);
        if (answer.MediaType != EventStream)
        {
            yield return reader.ReadWhole(await answer.ReadJsonAsync(cancellationToken));
            yield break;
        }

        await foreach (var chunk in reader.ReadStreamAsync(cancellationToken))
        {
            yield return chunk;
        }
    }

    private void Authorize(HttpRequestMessage message, byte[] body, ModelRequest request, AwsCredential credential, string region)
    {
        message.Headers.Accept.ParseAdd(request.Stream ? EventStream : "application/json");
        if (credential.BearerToken is { } token)
        {
            message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
        else
        {
            AwsSignature.Sign(message, body, credential.Keys!, region, "bedrock", timeProvider.GetUtcNow());
        }
    }

    private static string RegionOf(ModelRequest request)
    {
        var written = request.Plugin?.ExtraConfig?["region"];
        if (written is not null && written.Text() is null)
        {
            throw ProviderFailures.Config("extraConfig.region of the plugin must be a string, such as \"eu-central-1\".");
        }

        var region = new[] { written.Text(), request.Plugin?.Region, request.Credentials?.Find(RegionVariable), request.Credentials?.Find(DefaultRegionVariable) }
            .FirstOrDefault(static value => !string.IsNullOrWhiteSpace(value))?.Trim()
            ?? throw ProviderFailures.Config($"No region for bedrock: set region of the plugin, or {RegionVariable}.");
        return region.All(static character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character == '-')
            ? region
            : throw ProviderFailures.Config("The plugin's region must be the name of one, such as \"eu-central-1\".");
    }
}
