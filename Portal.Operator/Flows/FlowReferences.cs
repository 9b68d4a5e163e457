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
    public required IReadOnlySet<string> Models { get; init; }
    public required IReadOnlySet<string> PluginConfigs { get; init; }

    /// <summary>Of the model's credentials, of tools' headers, and of variables.</summary>
    public required IReadOnlySet<string> Secrets { get; init; }
    public required IReadOnlySet<string> ConfigMaps { get; init; }

    /// <summary>Never throws: a Flow that cannot be read refers to nothing.</summary>
    public static FlowReferences Of(Flow flow, IGenkitObjects objects) => Of(flow.Namespace, () => [flow.Spec], () => flow.Spec.Env, objects);

    /// <summary>Of all the flows of one container.</summary>
    /// <param name="namespace">Where all names are looked up.</param>
    /// <param name="parts">Reads the flows; may throw <see cref="JsonException"/>.</param>
    /// <param name="env">Reads the container's variables; may throw <see cref="JsonException"/>.</param>
    /// <param name="objects">What there is.</param>
    public static FlowReferences Of(string? @namespace, Func<IReadOnlyList<IFlowParts>> parts, Func<IReadOnlyList<EnvVar>?> env, IGenkitObjects objects)
    {
        try
        {
            return Read(@namespace, parts(), env() ?? [], objects);
        }
        catch (JsonException)
        {
            var none = new HashSet<string>();
            return new FlowReferences { Prompts = none, Tools = none, Flows = none, Models = none, PluginConfigs = none, Secrets = none, ConfigMaps = none };
        }
    }

    private static FlowReferences Read(string? @namespace, IReadOnlyList<IFlowParts> flows, IReadOnlyList<EnvVar> env, IGenkitObjects objects)
    {
        var tools = Set(flows.SelectMany(flow => (flow.Tools ?? []).Concat(flow.ToolRefs ?? [])).Select(NameOf));
        var found = tools.Select(name => objects.FindTool(@namespace, name)).OfType<Tool>().ToList();
        var models = Set(flows.Select(flow => flow.ModelRef?.Name));
        var plugins = Set(flows.Select(flow => flow.ModelSpec).Concat(models.Select(name => objects.FindModel(@namespace, name)?.Spec))
            .Select(model => model?.PluginConfigRef.Name));
        var variables = env.Select(variable => variable.ValueFrom).ToList();
        return new FlowReferences
        {
            Prompts = Set(flows.SelectMany(flow => (flow.Prompts ?? []).SelectMany(entry => new[] { entry.PromptRef?.Name, entry.Name })
                .Concat((flow.PromptRefs ?? []).Select(NameOf)))),
            Tools = tools,
            Flows = Set(found.Select(tool => tool.Spec.Implementation.FlowRef?.Name)),
            Models = models,
            PluginConfigs = plugins,
            Secrets = Set(variables.Select(source => source?.SecretKeyRef?.Name)
                .Concat(plugins.Select(plugin => objects.FindPluginConfig(@namespace, plugin)?.Spec.CredentialsRef.Name))
                .Concat(found.Select(ToolDescriptor.HeadersSecret))),
            ConfigMaps = Set(variables.Select(source => source?.ConfigMapKeyRef?.Name)),
        };
    }

    private static string? NameOf(LocalReference reference) => reference.Name;

    private static HashSet<string> Set(IEnumerable<string?> names) => [.. names.OfType<string>().Where(name => name.Length > 0)];
}
