using Portal.Components.Code;
using Portal.Components.Inputs;
using Portal.Dotprompt.Diagnostics;
using Portal.Dotprompt.Documents;
using Portal.Dotprompt.Rendering;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;
using Portal.Operator.Flows;
using Portal.Operator.Models;
using Portal.Operator.Prompts;
using Portal.Operator.Tools;
using Portal.Runner.Tools;
using FlowToolDescriptor = Portal.Operator.Flows.ToolDescriptor;
using ToolDescriptor = Portal.Runner.Tools.ToolDescriptor;

namespace Portal.Features.Playground;

/// <summary>What a prompt may refer to in its namespace: models, tools, and the partials of the flows that serve it.</summary>
public sealed class PromptSurroundings(InformerFactory informers)
{
    public AnalysisContext ContextOf(string @namespace, string prompt)
    {
        var partials = Partials(@namespace, prompt);
        return new AnalysisContext
        {
            Models = [.. Models(@namespace).Select(item => item.Name)],
            Tools = [.. Tools(@namespace).Select(item => item.Name)],
            Partials = [.. partials.Keys],
            PartialSource = name => partials.GetValueOrDefault(name),
            PartialName = prompt.StartsWith('_') ? prompt[1..] : null,
        };
    }

    /// <summary>The same environment a runner gives the prompt: partials by name, nothing else.</summary>
    public RenderEnvironment EnvironmentOf(string @namespace, string prompt)
    {
        var partials = Partials(@namespace, prompt);
        return new RenderEnvironment { Partial = name => partials.GetValueOrDefault(name) };
    }

    public LanguageData LanguageOf(string @namespace, string prompt, JsonObject? inputSchema) => new()
    {
        Models = Models(@namespace),
        Tools = Tools(@namespace),
        Partials = [.. Partials(@namespace, prompt).Keys.Select(name => new LanguageItem(name, "partial"))],
        Variables = [.. InputField.FromSchema(inputSchema).Select(field => new LanguageItem(field.Name, field.TypeName, field.Description))],
    };

    /// <summary>Prompts under a name that begins with an underscore, of the flows that serve the prompt; of all flows while none does.</summary>
    public IReadOnlyDictionary<string, string> Partials(string @namespace, string prompt)
    {
        var flows = informers.Get<Flow>().Store.List(@namespace);
        var serving = flows.Where(flow => FlowPrompts.NamesOf(flow).Contains(prompt)).ToList();
        var partials = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var flow in serving.Count > 0 ? serving : flows)
        {
            foreach (var inline in FlowPrompts.InlineOf(flow).Where(inline => inline.Name.StartsWith('_')))
            {
                partials.TryAdd(inline.Name[1..], inline.Content);
            }

            foreach (var (name, followed) in FlowPrompts.FollowedBy(flow))
            {
                if (informers.Get<Prompt>().Store.Find(@namespace, followed) is { } shared && shared.Json["spec"]?["content"] is JsonValue text && text.TryGetValue<string>(out var content))
                {
                    partials.TryAdd(name, DotpromptDocument.Parse(content).Template);
                }
            }
        }

        return partials;
    }

    /// <summary>The namespace's tools as a runner would read them. What cannot be read is left out: the tool's own status tells why.</summary>
    public IReadOnlyList<ToolDescriptor> ToolsOf(string @namespace) =>
        [.. informers.Get<Tool>().Store.List(@namespace).Select(tool => Describe(@namespace, tool)).OfType<ToolDescriptor>()];

    private ToolDescriptor? Describe(string @namespace, Tool tool)
    {
        try
        {
            var flows = informers.Get<Flow>().Store;
            if (FlowToolDescriptor.Render(tool, name => flows.Find(@namespace, name)) is not { } file)
            {
                return null;
            }

            var descriptor = ToolDescriptor.Read(file, tool.Name);
            return FlowToolDescriptor.HeadersSecret(tool) is { } secret ? descriptor with { Headers = () => HeadersOf(@namespace, secret) } : descriptor;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private List<KeyValuePair<string, string>> HeadersOf(string @namespace, string name)
    {
        if (informers.Get(BuiltIn.Secret).Store.Find(@namespace, name) is not { } secret)
        {
            throw new ToolException($"the Secret \"{name}\" with its headers is missing.");
        }

        var values = new SecretCredentials(secret);
        return [.. (secret.Json["data"] as JsonObject ?? []).Select(item => KeyValuePair.Create(item.Key, (values.Find(item.Key) ?? "").Trim()))];
    }

    private List<LanguageItem> Models(string @namespace) =>
        [.. informers.Get<Model>().Store.List(@namespace)
            .Select(model => new LanguageItem($"{model.Spec.Provider}/{model.Spec.Model}", $"Model {model.Name}"))
            .DistinctBy(item => item.Name)];

    private List<LanguageItem> Tools(string @namespace) =>
        [.. informers.Get<Tool>().Store.List(@namespace)
            .Select(tool => new LanguageItem(tool.Name, "tool", (tool.Spec.Definition as JsonObject)?["description"]?.ToString()))];
}
