using System.Collections.Concurrent;
using Portal.Dotprompt.Messages;
using Portal.Runner.Contract;
using Portal.Runner.Providers;

namespace Portal.Tests.Runner.Flows;

/// <summary>Answers what a test says; remembers what it was asked.</summary>
internal sealed class FakeProvider(Func<ModelRequest, CancellationToken, IAsyncEnumerable<ModelChunk>> answer) : IModelProvider
{
    public string Name { get; init; } = "fake";

    public IReadOnlyList<string> DefaultCredentialKeys { get; init; } = [];

    public bool NeedsBaseUrl { get; init; }

    public ConcurrentQueue<ModelRequest> Requests { get; } = new();

    public static FakeProvider Saying(params string[] pieces) => new((_, _) => Chunks(pieces));

    public static FakeProvider Saying(string text, IReadOnlyList<string> keys) => new((_, _) => Chunks([text])) { DefaultCredentialKeys = keys };

    public static FakeProvider Throwing(Exception exception, params string[] first) => new((_, _) => ThrowAfter(exception, first));

    public static ModelChunk Text(string text) => new() { Content = [new TextPart(text)] };

    public static ModelChunk End { get; } = new() { FinishReason = "stop", Usage = new TokenUsage { InputTokens = 11, OutputTokens = 2 } };

    public IAsyncEnumerable<ModelChunk> StreamAsync(ModelRequest request, CancellationToken cancellationToken)
    {
        Requests.Enqueue(request);
        return answer(request, cancellationToken);
    }

    private static async IAsyncEnumerable<ModelChunk> Chunks(string[] pieces)
    {
        foreach (var piece in pieces)
        {
            await Task.Yield();
            yield return Text(piece);
        }

        yield return End;
    }

    private static async IAsyncEnumerable<ModelChunk> ThrowAfter(Exception exception, string[] first)
    {
        foreach (var piece in first)
        {
            await Task.Yield();
            yield return Text(piece);
        }

        throw exception;
    }
}
