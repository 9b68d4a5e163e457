using Portal.Dotprompt.Messages;
using Portal.Dotprompt.Rendering;
using Portal.Runner.Contract;

namespace Portal.Runner.Engine;

/// <summary>
/// What happens during a call, in order: one <see cref="Started"/>; per turn any number of <see cref="Chunk"/>, and when the model asks for tools
/// a <see cref="ToolCalled"/> and a <see cref="ToolAnswered"/> each; one <see cref="Completed"/>.
/// </summary>
public abstract record GenerateEvent
{
    /// <summary>The prompt was rendered and the provider is being asked.</summary>
    public sealed record Started(RenderedPrompt Rendered, string Provider, string Model) : GenerateEvent;

    /// <summary>A piece of a message.</summary>
    /// <param name="Content">Its parts; tool requests and responses are whole.</param>
    /// <param name="Role"><c>model</c>, or <c>tool</c> for the answers of a turn's tools.</param>
    /// <param name="Index">Which message of the answer it belongs to, from 0.</param>
    public sealed record Chunk(IReadOnlyList<Part> Content, string Role = "model", int Index = 0) : GenerateEvent;

    /// <summary>A tool is being called.</summary>
    public sealed record ToolCalled(ToolRequestPart Request) : GenerateEvent;

    /// <summary>A tool has answered; those of one turn come in the order they end.</summary>
    /// <param name="Request">The same instance that <see cref="ToolCalled"/> carried.</param>
    /// <param name="Response">What the model is told.</param>
    /// <param name="Failed">Whether <paramref name="Response"/> is an <c>{"error": …}</c>.</param>
    /// <param name="Duration">How long it took.</param>
    public sealed record ToolAnswered(ToolRequestPart Request, ToolResponsePart Response, bool Failed, TimeSpan Duration) : GenerateEvent;

    public sealed record Completed(GenerateResult Result) : GenerateEvent;
}

public sealed record GenerateResult
{
    /// <summary>The model's last message.</summary>
    public required Message Message { get; init; }

    /// <summary><c>stop</c>, <c>length</c>, <c>blocked</c>, <c>interrupted</c> (tool requests in <see cref="Message"/> wait for the caller), <c>other</c>, <c>unknown</c>.</summary>
    public required string FinishReason { get; init; }

    /// <summary>Whether <see cref="Message"/> holds requests for tools, which the caller is to answer.</summary>
    public bool AwaitsCaller => Message.Content.Any(static part => part is ToolRequestPart);

    /// <summary>The answer parsed, when the prompt asks for JSON.</summary>
    public JsonNode? Output { get; init; }

    /// <summary>All messages that were exchanged with the model, <see cref="Message"/> included: the history to go on with.</summary>
    public IReadOnlyList<Message> Messages { get; init; } = [];

    public required UsageRecord Usage { get; init; }
}
