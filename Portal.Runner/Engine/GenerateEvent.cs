using Portal.Dotprompt.Messages;
using Portal.Dotprompt.Rendering;
using Portal.Runner.Contract;

namespace Portal.Runner.Engine;

/// <summary>What happens during a call, in order: one <see cref="Started"/>, any number of <see cref="Chunk"/>, one <see cref="Completed"/>.</summary>
public abstract record GenerateEvent
{
    /// <summary>The prompt was rendered and the provider is being asked.</summary>
    public sealed record Started(RenderedPrompt Rendered, string Provider, string Model) : GenerateEvent;

    public sealed record Chunk(IReadOnlyList<Part> Content) : GenerateEvent;

    public sealed record Completed(GenerateResult Result) : GenerateEvent;
}

public sealed record GenerateResult
{
    public required Message Message { get; init; }

    /// <summary><c>stop</c>, <c>length</c>, <c>blocked</c>, <c>other</c>, <c>unknown</c>.</summary>
    public required string FinishReason { get; init; }

    /// <summary>The answer parsed, when the prompt asks for JSON.</summary>
    public JsonNode? Output { get; init; }

    public required UsageRecord Usage { get; init; }
}
