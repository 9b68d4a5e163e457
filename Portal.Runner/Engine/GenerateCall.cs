using Portal.Dotprompt.Documents;
using Portal.Dotprompt.Messages;
using Portal.Dotprompt.Rendering;
using Portal.Runner.Contract;
using Portal.Runner.Providers;
using Portal.Runner.Tools;

namespace Portal.Runner.Engine;

/// <summary>One call of a prompt.</summary>
public sealed record GenerateCall
{
    public required DotpromptDocument Prompt { get; init; }
    public RenderEnvironment Environment { get; init; } = new();
    public JsonObject Input { get; init; } = [];

    /// <summary>
    /// The conversation so far. When it ends with the answers of tools (role <c>tool</c>), the call goes on from there, and what the prompt says after
    /// the history is left out.
    /// </summary>
    public IReadOnlyList<Message> History { get; init; } = [];

    /// <summary>Becomes <c>@key</c> in the template.</summary>
    public JsonObject Context { get; init; } = [];

    /// <summary>Model used when the prompt names none, with its config and plugin; null when there is none.</summary>
    public RuntimeConfig Runtime { get; init; } = new();

    public required ICredentials Credentials { get; init; }

    /// <summary>Tools that the prompt may name.</summary>
    public IReadOnlyList<ToolDescriptor> Tools { get; init; } = [];

    /// <summary>How many flows called one another to get here; 0 for a call from outside.</summary>
    public int Depth { get; init; }

    /// <summary>Passed on to tools as <c>x-request-id</c>; null sends none.</summary>
    public string? RequestId { get; init; }

    /// <summary>Wins over the prompt's and the model's config.</summary>
    public JsonObject? Config { get; init; }

    /// <summary>False: the provider is asked for the whole answer at once, which arrives as one chunk.</summary>
    public bool Stream { get; init; } = true;

    /// <summary>Id of the call in the usage record; null makes one.</summary>
    public string? CallId { get; init; }

    /// <summary>Name of the Flow, for the usage record.</summary>
    public string? Flow { get; init; }

    /// <summary>Name of the prompt, for the usage record; null takes the frontmatter's.</summary>
    public string? PromptName { get; init; }

    /// <summary>Counts along, for who needs to know what a call used that failed or was cancelled.</summary>
    public CallMeter? Meter { get; init; }
}
