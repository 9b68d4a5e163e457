using Portal.Dotprompt.Diagnostics;
using Portal.Dotprompt.Documents;
using Portal.Dotprompt.Messages;
using Portal.Dotprompt.Rendering;

namespace Portal.Features.Playground;

/// <summary>What a model would receive, or why nothing would be sent.</summary>
public sealed record Preview(IReadOnlyList<Message> Messages, string? Problem, TextRange? Place)
{
    public JsonObject? InputSchema { get; init; }
    public JsonObject? OutputSchema { get; init; }
}

/// <summary>Renders without calling a model, with the renderer and surroundings of a real run.</summary>
public sealed class PromptPreview(PromptSurroundings surroundings)
{
    public Preview Render(string @namespace, string prompt, DotpromptDocument document, JsonObject input)
    {
        try
        {
            var renderer = new PromptRenderer(surroundings.EnvironmentOf(@namespace, prompt));
            var rendered = renderer.Render(document, new RenderData { Input = input });
            return new Preview(rendered.Messages, null, null) { InputSchema = rendered.InputSchema, OutputSchema = rendered.OutputSchema };
        }
        catch (PromptRenderException exception)
        {
            return new Preview([], exception.Message, exception.Range);
        }
    }

    /// <summary>The input schema as JSON Schema; null when there is none, or the document is too broken to tell.</summary>
    public JsonObject? InputSchema(string @namespace, string prompt, DotpromptDocument document)
    {
        try
        {
            return new PromptRenderer(surroundings.EnvironmentOf(@namespace, prompt)).RenderMetadata(document).InputSchema;
        }
        catch (PromptRenderException)
        {
            return null;
        }
    }
}
