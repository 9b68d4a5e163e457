using Portal.Operator.Api;
using Portal.Operator.Reconciliation;
using Portal.Operator.Tools;

namespace Portal.Operator.Flows;

/// <summary>Names of everything a Flow depends on, through however many steps are known now: what wakes the Flow when it changes.</summary>
internal sealed record FlowReferences
{
    public required IReadOnlySet<string> Prompts { get; init; }
    public required IReadOnlySet<string> Tools { get; init; }

    /// <summary>Flows that answer the tools; their port is in the tool descriptors.</summary>
    public required IReadOnlySet<string> Flows { get; init; }
    public string? Model { get; init; }
    public string? PluginConfig { get; init; }

    /// <summary>Of the model's credentials, of tools' headers, and of variables.</summary>
    public required IReadOnlySet<string> Secrets { get; init; }
    public required IReadOnlySet<string> ConfigMaps { get; init; }

    /// <summary>Never throws: a Flow that cannot be read refers to nothing.</summary>
    public static FlowReferences Of(Flow flow, IGenkitObjects objects)
    {
        try
        {
            return Read(flow, objects);
        }
        catch (JsonException)
        {
            var none = new HashSet<string>();
            return new FlowReferences { Prompts = none, Tools = none, Flows = none, Secrets = none, ConfigMaps = none };
        }
    }

    private static FlowReferences Read(Flow flow, IGenkitObjects objects)
    {
        var spec = flow.Spec;
        var tools = Set((spec.Tools ?? []).Concat(spec.ToolRefs ?? []).Select(NameOf));
        var found = tools.Select(name => objects.FindTool(flow.Namespace, name)).OfType<Tool>().ToList();
        var targets = found.Select(tool => tool.Spec.Implementation.FlowRef?.Name);
        var model = spec.ModelSpec ?? (spec.ModelRef is { } reference ? objects.FindModel(flow.Namespace, reference.Name)?.Spec : null);
        var plugin = model?.PluginConfigRef.Name;
        var credentials = plugin is null ? null : objects.FindPluginConfig(flow.Namespace, plugin)?.Spec.CredentialsRef.Name;
        EnvVarSource?[] variables = [.. (spec.Env ?? []).Select(variable => variable.ValueFrom)];
        return new FlowReferences
        {
            Prompts = Set((spec.Prompts ?? []).SelectMany(entry => new[] { entry.PromptRef?.Name, entry.Name })
                .Concat((spec.PromptRefs ?? []).Select(NameOf))),
            Tools = tools,
            Flows = Set(targets),
            Model = spec.ModelRef?.Name,
            PluginConfig = plugin,
            Secrets = Set(variables.Select(source => source?.SecretKeyRef?.Name).Append(credentials).Concat(found.Select(ToolDescriptor.HeadersSecret))),
            ConfigMaps = Set(variables.Select(source => source?.ConfigMapKeyRef?.Name)),
        };
    }

    private static string? NameOf(LocalReference reference) => reference.Name;

    private static HashSet<string> Set(IEnumerable<string?> names) => [.. names.OfType<string>().Where(name => name.Length > 0)];
}
