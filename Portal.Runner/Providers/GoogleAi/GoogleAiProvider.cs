using System.Runtime.CompilerServices;
using Portal.Runner.Contract;
using Portal.Runner.Providers.Http;

namespace Portal.Runner.Providers.GoogleAi;

/// <summary>The Gemini API of Google AI Studio. The key goes into a header, never into the address.</summary>
internal sealed class GoogleAiProvider(HttpClient client, TimeProvider timeProvider) : IModelProvider
{
    private const string OfficialUrl = "https://generativelanguage.googleapis.com";
    private readonly ProviderConnection _connection = new(client, timeProvider);

    public string Name => "googleai";

    public IReadOnlyList<string> DefaultCredentialKeys { get; } = ["GEMINI_API_KEY", "GOOGLE_API_KEY"];

    public string? BaseUrlVariable => "GOOGLE_GEMINI_BASE_URL";

    public async IAsyncEnumerable<ModelChunk> StreamAsync(ModelRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var answer = await _connection.PostAsync(this, request, OfficialUrl, GoogleAiRequest.PathOf(request), GoogleAiRequest.Build(request),
            headers => headers.Add("x-goog-api-key", request.ApiKey), cancellationToken);
        if (!answer.IsEventStream)
        {
            var body = await answer.ReadJsonAsync(cancellationToken);
            yield return new ModelChunk
            {
                Content = GoogleAiAnswer.PartsOf(body),
                FinishReason = GoogleAiAnswer.FinishReasonOf(body) ?? throw answer.Failures.Garbage("generated content"),
                Usage = GoogleAiAnswer.UsageOf(body),
            };
            yield break;
        }

        string? finishReason = null;
        TokenUsage? usage = null;
        await foreach (var item in answer.ReadEventsAsync(cancellationToken))
        {
            var frame = answer.Parse(item.Data);
            if (frame.Member("error") is { } error)
            {
                throw answer.Failures.InStream(error);
            }

            if (frame is not JsonObject)
            {
                throw answer.Failures.Garbage("a stream of generated content");
            }

            usage = GoogleAiAnswer.UsageOf(frame) ?? usage;
            finishReason = GoogleAiAnswer.FinishReasonOf(frame) ?? finishReason;
            if (GoogleAiAnswer.PartsOf(frame) is { Count: > 0 } content)
            {
                yield return new ModelChunk { Content = content };
            }
        }

        // The stream has no end mark but the reason it ended for.
        yield return new ModelChunk { FinishReason = finishReason ?? throw answer.Failures.CutOff(inner: null), Usage = usage };
    }
}
