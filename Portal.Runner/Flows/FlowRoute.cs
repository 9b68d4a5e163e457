using Portal.Dotprompt.Documents;
using Portal.Dotprompt.Rendering;
using Portal.Runner.Contract;
using Portal.Runner.Providers;
using Portal.Runner.Tools;

namespace Portal.Runner.Flows;

/// <summary>A path that answers, and what it runs.</summary>
internal sealed class FlowRoute
{
    private readonly Lazy<JsonObject?> _inputSchema;

    public FlowRoute() => _inputSchema = new Lazy<JsonObject?>(ReadInputSchema);

    /// <summary>Such as <c>/greeting</c>.</summary>
    public required string Path { get; init; }

    public required string? Flow { get; init; }
    public required string PromptName { get; init; }
    public required DotpromptDocument Prompt { get; init; }
    public required RenderEnvironment Environment { get; init; }
    public required RuntimeConfig Runtime { get; init; }
    public required ICredentials Credentials { get; init; }
    public IReadOnlyList<ToolDescriptor> Tools { get; init; } = [];

    /// <summary>The prompt's input schema; null when it has none or is broken (a call then says why).</summary>
    public JsonObject? InputSchema => _inputSchema.Value;

    private JsonObject? ReadInputSchema()
    {
        try
        {
            return new PromptRenderer(Environment).RenderMetadata(Prompt).InputSchema;
        }
        catch (PromptRenderException)
        {
            return null;
        }
    }
}
