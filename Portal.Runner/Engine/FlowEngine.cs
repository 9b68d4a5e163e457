using Portal.Dotprompt.Documents;
using Portal.Dotprompt.Messages;
using Portal.Dotprompt.Rendering;
using Portal.Runner.Contract;
using Portal.Runner.Providers;

namespace Portal.Runner.Engine;

/// <summary>One call of a prompt.</summary>
public sealed record GenerateCall
{
    public required DotpromptDocument Prompt { get; init; }
    public RenderEnvironment Environment { get; init; } = new();
    public JsonObject Input { get; init; } = [];
    public IReadOnlyList<Message> History { get; init; } = [];

    /// <summary>Model used when the prompt names none, with its config and plugin; null when there is none.</summary>
    public RuntimeConfig Runtime { get; init; } = new();

    public required ICredentials Credentials { get; init; }

    /// <summary>Wins over the prompt's and the model's config.</summary>
    public JsonObject? Config { get; init; }
}

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

/// <summary>Runs prompts: the same code behind a flow's endpoint and the playground.</summary>
public sealed class FlowEngine(ProviderCatalog providers, TimeProvider timeProvider)
{
    internal ProviderCatalog Providers { get; } = providers;
    internal TimeProvider TimeProvider { get; } = timeProvider;

    /// <summary>Renders and asks the model. Ending the enumeration, or cancelling, closes the provider's connection.</summary>
    /// <exception cref="GenkitException">The call failed.</exception>
    public IAsyncEnumerable<GenerateEvent> StreamAsync(GenerateCall call, CancellationToken cancellationToken) => throw new NotImplementedException();
}
