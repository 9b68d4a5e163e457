using System.Security.Cryptography;
using System.Text;
using Portal.Dotprompt.Documents;
using Portal.Dotprompt.Rendering;
using Portal.Runner.Contract;
using Portal.Runner.Engine;
using Portal.Runner.Providers;
using Portal.Runner.Tools;

namespace Portal.Runner.Flows;

/// <summary>A path that answers, and what it runs.</summary>
internal sealed class FlowRoute
{
    /// <summary>Such as <c>/greeting</c>.</summary>
    public required string Path { get; init; }

    public required string? Flow { get; init; }
    public required string PromptName { get; init; }
    public required DotpromptDocument Prompt { get; init; }
    public required RenderEnvironment Environment { get; init; }
    public required RuntimeConfig Runtime { get; init; }
    public required ICredentials Credentials { get; init; }
    public IReadOnlyList<ToolDescriptor> Tools { get; init; } = [];

    /// <summary>SHA-256 of the prompt's text. Known after <see cref="Check"/>.</summary>
    public string? PromptHash { get; private set; }

    /// <summary>The prompt's input schema; null when it has none. Known after <see cref="Check"/>.</summary>
    public JsonObject? InputSchema { get; private set; }

    /// <summary>JSON Schema of the result when the prompt asks for JSON with one.</summary>
    public JsonObject? OutputSchema { get; private set; }

    /// <summary>Whether results are JSON values.</summary>
    public bool AnswersJson { get; private set; }

    /// <param name="input">The input as it was sent.</param>
    /// <param name="callId">Id for the usage record; null makes one.</param>
    /// <param name="stream">Whether the caller wants chunks.</param>
    public GenerateCall CallWith(JsonObject input, string? callId, bool stream) => new()
    {
        Prompt = Prompt,
        Environment = Environment,
        Input = input,
        Runtime = Runtime,
        Credentials = Credentials,
        Tools = Tools,
        Stream = stream,
        CallId = callId,
        Flow = Flow,
        PromptName = PromptName,
    };

    /// <summary>Whether requests for a tool are answered by whoever called the flow.</summary>
    public bool LeavesToCaller(string tool) =>
        (Prompt.Metadata.Raw?["returnToolRequests"] is JsonValue all && all.TryGetValue<bool>(out var isAll) && isAll)
        || (Tools.FirstOrDefault(item => item.Name == tool || item.FileName == tool) is { } known
            ? known.Kind is null
            : Prompt.Metadata.ToolDefs.Any(definition => (definition as JsonObject)?["name"]?.ToString() == tool));

    /// <summary>Compiles the prompt, so that a broken one is known before it is called.</summary>
    /// <exception cref="PromptRenderException">The frontmatter, a schema or the template is broken.</exception>
    public void Check()
    {
        var checkedPrompt = new PromptRenderer(Environment).Check(Prompt);
        (InputSchema, OutputSchema, AnswersJson) = (checkedPrompt.InputSchema, checkedPrompt.OutputSchema, checkedPrompt.OutputFormat == "json");
        PromptHash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Prompt.Source)));
    }
}
