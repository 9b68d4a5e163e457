using Portal.Dotprompt.Schemas;
using Portal.Dotprompt.Templates;

namespace Portal.Dotprompt;

/// <summary>A word an editor can complete.</summary>
/// <param name="Name">The word.</param>
/// <param name="Usage">How it is written; may hold <c>…</c> where the author goes on.</param>
/// <param name="Summary">One sentence for the author.</param>
public sealed record LanguageItem(string Name, string Usage, string Summary);

/// <summary>The words of the language, for completion and hover.</summary>
public static class DotpromptLanguage
{
    public static IReadOnlyList<string> Keywords { get; } = ["if", "unless", "each", "with", "else", "log", "lookup"];

    public static IReadOnlyList<string> Roles { get; } = ["system", "user", "model", "tool"];

    public static IReadOnlyList<string> SchemaTypes => Picoschema.ScalarTypes;

    /// <summary>Every helper, built-in ones included.</summary>
    public static IReadOnlyList<LanguageItem> Helpers { get; } = [.. Helper.All.Select(helper => new LanguageItem(helper.Name, helper.Usage, helper.Summary))];

    /// <summary>Variables that begin with <c>@</c>.</summary>
    public static IReadOnlyList<LanguageItem> Variables { get; } =
    [
        new("@index", "{{@index}}", "Position in the list, from 0; inside {{#each}}."),
        new("@key", "{{@key}}", "Key of the member, or position in the list; inside {{#each}}."),
        new("@first", "{{@first}}", "True for the first item; inside {{#each}}."),
        new("@last", "{{@last}}", "True for the last item; inside {{#each}}."),
        new("@root", "{{@root.name}}", "The whole input, from any depth."),
        new("@metadata", "{{@metadata.prompt.model}}", "The prompt's metadata, documents and messages."),
        new("@state", "{{@state.name}}", "State of the session, when the caller gives it."),
        new("@auth", "{{@auth.email}}", "Who calls, when the caller gives it."),
    ];

    public static IReadOnlyList<LanguageItem> FrontmatterKeys { get; } =
    [
        new("model", "model: provider/model", "The model that answers, as provider/model."),
        new("description", "description: …", "What the prompt is for."),
        new("config", "config:\n  temperature: 0.7", "Settings of the model."),
        new("input", "input:\n  schema:\n    name: string", "What the prompt takes: schema and default."),
        new("output", "output:\n  format: json\n  schema:\n    answer: string", "What the model must answer: format and schema."),
        new("tools", "tools: [name]", "Tools the model may call, by name."),
        new("toolDefs", "toolDefs:\n  - name: …", "Tools defined in place, with JSON Schema."),
        new("name", "name: …", "The prompt's name, when it is not its file's."),
        new("variant", "variant: …", "Which variant of the prompt this is."),
        new("version", "version: …", "The prompt's version."),
        new("maxTurns", "maxTurns: 5", "How often the model may call tools."),
        new("toolChoice", "toolChoice: auto", "Whether the model must call a tool: auto, required or none."),
        new("returnToolRequests", "returnToolRequests: true", "Give tool calls to the caller instead of running them."),
        new("use", "use: [name]", "Middleware of the runtime."),
        new("metadata", "metadata:\n  owner: …", "Free data."),
    ];

}
