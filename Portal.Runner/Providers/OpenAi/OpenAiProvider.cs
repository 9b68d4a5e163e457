using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using Portal.Runner.Contract;
using Portal.Runner.Providers.Http;

namespace Portal.Runner.Providers.OpenAi;

/// <summary>OpenAI's chat completions, and every server that speaks them: <c>extraConfig.baseURL</c> or <c>OPENAI_BASE_URL</c> says where.</summary>
internal sealed class OpenAiProvider(HttpClient client, TimeProvider timeProvider) : IModelProvider
{
    private const string OfficialUrl = "https://api.openai.com/v1";
    private readonly ProviderConnection _connection = new(client, timeProvider);

    public string Name => "openai";

    public IReadOnlyList<string> DefaultCredentialKeys { get; } = ["OPENAI_API_KEY"];

    public string? BaseUrlVariable => "OPENAI_BASE_URL";

    public async IAsyncEnumerable<ModelChunk> StreamAsync(ModelRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var answer = await _connection.PostAsync(this, request, OfficialUrl, "/chat/completions", OpenAiRequest.Build(request),
            headers => headers.Authorization = new AuthenticationHeaderValue("Bearer", request.ApiKey), cancellationToken);
        if (!answer.IsEventStream)
        {
            yield return ReadWhole(answer, await answer.ReadJsonAsync(cancellationToken));
            yield break;
        }

        string? finishReason = null;
        TokenUsage? usage = null;
        var done = false;
        await foreach (var item in answer.ReadEventsAsync(cancellationToken))
        {
            if (item.Data == "[DONE]")
            {
                done = true;
                break;
            }

            var frame = answer.Parse(item.Data);
            if (frame.Member("error") is { } error)
            {
                throw answer.Failures.InStream(error);
            }

            usage = OpenAiAnswer.UsageOf(frame.Member("usage")) ?? usage;
            var choice = frame.Member("choices").Item(0);
            finishReason = OpenAiAnswer.FinishReasonOf(choice) ?? finishReason;
            var content = OpenAiAnswer.PartsOf(choice.Member("delta"));
            if (content.Count > 0)
            {
                yield return new ModelChunk { Content = content };
            }
        }

        // Some servers leave out the end mark; none leaves out the finish reason of a whole answer.
        if (!done && finishReason is null)
        {
            throw answer.Failures.CutOff(inner: null);
        }

        yield return new ModelChunk { FinishReason = finishReason ?? "unknown", Usage = usage };
    }

    private static ModelChunk ReadWhole(ProviderAnswer answer, JsonNode? body)
    {
        var choice = body.Member("choices").Item(0);
        if (choice.Member("message") is not JsonObject message)
        {
            throw answer.Failures.Garbage("a chat completion");
        }

        return new ModelChunk
        {
            Content = OpenAiAnswer.PartsOf(message),
            FinishReason = OpenAiAnswer.FinishReasonOf(choice) ?? "unknown",
            Usage = OpenAiAnswer.UsageOf(body.Member("usage")),
        };
    }
}
