using Portal.Dotprompt.Documents;
using Portal.Kubernetes.Objects;
using Portal.Operator.Api;
using Portal.Operator.Models;
using Portal.Operator.PluginConfigs;
using Portal.Operator.Reconciliation;
using Portal.Runner.Contract;

namespace Portal.Operator.Flows;

/// <summary>
/// Finds what a Flow refers to: prompts in order, then tools, then model, plugin and Secret. The first failure wins.
/// Only existence counts; whether a referenced object is Ready does not.
/// </summary>
internal sealed class FlowDependencies(string? @namespace, IFlowParts parts, IGenkitObjects objects)
{
    internal const string NoPrompt = "prompt source has neither promptRef nor prompt set";
    internal const string TwoModels = "modelRef and modelSpec are mutually exclusive";

    private readonly string? _namespace = @namespace;

    /// <exception cref="JsonException">An object does not have the shape of its kind.</exception>
    public static (FlowInputs? Inputs, Problem? Problem) Resolve(Flow flow, IGenkitObjects objects)
    {
        var (inputs, problem) = Resolve(flow.Namespace, flow.Spec, objects);
        return (inputs is null ? null : inputs with { Variables = [.. Variables(flow.Namespace, flow.Spec.Env, objects)] }, problem);
    }

    /// <summary>Without the variables, which belong to the container and not to one flow.</summary>
    /// <exception cref="JsonException">An object does not have the shape of its kind.</exception>
    public static (FlowInputs? Inputs, Problem? Problem) Resolve(string? @namespace, IFlowParts parts, IGenkitObjects objects) =>
        new FlowDependencies(@namespace, parts, objects).Resolve();

    /// <summary>Values that <paramref name="env"/> takes from elsewhere, under a full key each. A source that is missing is no problem here:
    /// the pod will wait for it, or do without when it is optional.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Variables(string? @namespace, IReadOnlyList<EnvVar>? env, IGenkitObjects objects)
    {
        foreach (var source in (env ?? []).Select(variable => variable.ValueFrom))
        {
            var (kind, selector, found) = source switch
            {
                { SecretKeyRef: { } secret } => ("secret", secret, objects.FindSecret(@namespace, secret.Name)),
                { ConfigMapKeyRef: { } map } => ("configmap", map, objects.FindConfigMap(@namespace, map.Name)),
                _ => default,
            };
            if ((found?.Json["data"] as JsonObject)?[selector!.Key] is { } value)
            {
                yield return KeyValuePair.Create($"env/{kind}/{selector.Name}/{selector.Key}", value.ToString());
            }
        }
    }

    internal static string GivenTwice(string prompt) => $"prompt {Names.Quoted(prompt)} is given twice with different content; rename one of them";

    private (FlowInputs? Inputs, Problem? Problem) Resolve()
    {
        var (prompts, problem) = Prompts();
        if (problem is not null)
        {
            return (null, problem);
        }

        var (tools, headers, toolProblem) = Tools();
        if (toolProblem is not null)
        {
            return (null, toolProblem);
        }

        var (model, modelProblem) = Model();
        return modelProblem is not null
            ? (null, modelProblem)
            : (new FlowInputs
            {
                Prompts = prompts,
                Tools = tools,
                HeaderSecrets = headers,
                Model = model,
                Faults = [.. prompts.Select(prompt => PromptFaults.Find(prompt, prompts)).Append(model?.Fault).OfType<Problem>()],
            }, null);
    }

    private (List<PromptSource> Prompts, Problem? Problem) Prompts()
    {
        var prompts = new List<PromptSource>();
        var (entries, references) = (parts.Prompts ?? [], parts.PromptRefs ?? []);
        foreach (var entry in entries.Concat(references.Select(reference => new FlowPrompt { PromptRef = reference })))
        {
            var (prompt, problem) = Prompt(entry);
            if (prompt is null)
            {
                return ([], problem);
            }

            var twin = prompts.FirstOrDefault(item => item.Name == prompt.Name);
            if (twin is null)
            {
                prompts.Add(prompt);
            }
            else if (twin != prompt)
            {
                return ([], Problem.Invalid(GivenTwice(prompt.Name)));
            }
        }

        return (prompts, null);
    }

    private (PromptSource? Prompt, Problem? Problem) Prompt(FlowPrompt entry)
    {
        var name = entry.PromptRef is { Name.Length: > 0 } reference ? reference.Name : entry.Name ?? "";
        if (name.Length > 0)
        {
            return objects.FindPrompt(_namespace, name) is { } prompt
                ? (Source(entry, name, prompt.Spec.Content), null)
                : (null, Problem.NotFound("prompt", name));
        }

        return entry.Prompt is { } inline
            ? (new PromptSource(inline.Name, inline.Content), null)
            : (null, Problem.Invalid(NoPrompt));
    }

    /// <summary>Under a name that begins with _ the Prompt is a partial, of which the frontmatter is no part.</summary>
    private static PromptSource Source(FlowPrompt entry, string name, string content) => entry is { PromptRef.Name.Length: > 0, Name: ['_', ..] partial }
        ? new PromptSource(partial, DotpromptDocument.Parse(content).Template)
        : new PromptSource(name, content);

    private (Dictionary<string, JsonObject> Tools, List<KubeObject> Headers, Problem? Problem) Tools()
    {
        var headers = new List<KubeObject>();
        var tools = new Dictionary<string, JsonObject>(StringComparer.Ordinal);
        foreach (var name in (parts.Tools ?? []).Concat(parts.ToolRefs ?? []).Select(reference => reference.Name))
        {
            if (objects.FindTool(_namespace, name) is not { } tool)
            {
                return ([], [], Problem.NotFound("tool", name));
            }

            if (ToolDescriptor.Render(tool, target => objects.FindFlow(_namespace, target)) is not { } descriptor)
            {
                return ([], [], Problem.Invalid($"tool {Names.Quoted(name)}: invalid definition JSON: not an object"));
            }

            if (ToolDescriptor.HeadersSecret(tool) is { } secretName && headers.TrueForAll(known => known.Name != secretName))
            {
                if (objects.FindSecret(_namespace, secretName) is not { } secret)
                {
                    return ([], [], Absent($"tool {Names.Quoted(name)}", $"secret {Names.Quoted(secretName)}"));
                }

                headers.Add(secret);
            }

            tools[name] = descriptor;
        }

        return (tools, headers, null);
    }

    private (ModelInputs? Model, Problem? Problem) Model()
    {
        var (reference, inline) = (parts.ModelRef, parts.ModelSpec);
        if (reference is not null && inline is not null)
        {
            return (null, Problem.Invalid(TwoModels));
        }

        if (inline is not null)
        {
            return Model(inline, "inline modelSpec", "spec.modelSpec.defaultConfig");
        }

        if (reference is null)
        {
            return (null, null);
        }

        var label = $"model {Names.Quoted(reference.Name)}";
        return objects.FindModel(_namespace, reference.Name) is { } model
            ? Model(model.Spec, label, $"{label}: spec.defaultConfig")
            : (null, Absent(label));
    }

    private (ModelInputs? Model, Problem? Problem) Model(ModelSpec model, string referrer, string configField)
    {
        var pluginLabel = $"pluginconfig {Names.Quoted(model.PluginConfigRef.Name)}";
        if (objects.FindPluginConfig(_namespace, model.PluginConfigRef.Name) is not { } plugin)
        {
            return (null, Absent(referrer, pluginLabel));
        }

        if (objects.FindSecret(_namespace, plugin.Spec.CredentialsRef.Name) is not { } secret)
        {
            return (null, Absent(referrer, pluginLabel, $"secret {Names.Quoted(plugin.Spec.CredentialsRef.Name)}"));
        }

        if (model.DefaultConfig is not (null or JsonObject))
        {
            return (null, Problem.Invalid($"{configField} must be a JSON object"));
        }

        if (plugin.Spec.ExtraConfig is not (null or JsonObject))
        {
            return (null, Problem.Invalid($"{pluginLabel}: spec.extraConfig must be a JSON object"));
        }

        var runtimeModel = new RuntimeModel
        {
            Provider = model.Provider,
            Model = model.Model,
            Info = model.Info,
            Config = (JsonObject?)model.DefaultConfig,
        };
        var runtimePlugin = new RuntimePlugin
        {
            Type = plugin.Spec.Type,
            Region = plugin.Spec.Region is { Length: > 0 } region ? region : null,
            ExtraConfig = (JsonObject?)plugin.Spec.ExtraConfig,
        };
        var fault = CredentialCheck.FindProblem(plugin, secret) is { } keys
            ? keys with { Reason = ConditionReasons.MissingKeys, Trail = $"{referrer} → {pluginLabel} → {keys.Message}" }
            : null;
        return (new ModelInputs(runtimeModel, runtimePlugin, plugin.Spec.CredentialKeys ?? [], secret, fault), null);
    }

    /// <param name="path">What leads to the missing object, and the object itself.</param>
    private static Problem Absent(params IReadOnlyList<string> path)
    {
        var message = path.Count == 1 ? $"{path[0]} not found" : $"{path[^1]} not found (referenced by {path[^2]})";
        return Problem.Missing(message) with { Trail = $"{string.Join(" → ", path)}: not found" };
    }
}
