using System.Collections.Frozen;

namespace Portal.Runner.Tools;

/// <summary>The kinds of tools there are: one line each. Owns their connections.</summary>
public sealed class ToolCatalog(IEnumerable<IToolKind> kinds, params IReadOnlyList<IDisposable> owned) : IDisposable
{
    private readonly FrozenDictionary<string, IToolKind> _kinds = kinds.ToFrozenDictionary(static kind => kind.Name, StringComparer.Ordinal);

    /// <summary>No kind at all: every tool is left to the caller, or refused.</summary>
    public static ToolCatalog Empty { get; } = new([]);

    /// <summary>All kinds of this build.</summary>
    /// <param name="network">Where tools may connect to.</param>
    /// <param name="flows">Sends calls to other flows; null sends them to their Services.</param>
    /// <param name="timeProvider">Tells how old a server's list is; null is the system's.</param>
    public static ToolCatalog Create(ToolNetwork network, HttpMessageHandler? flows = null, TimeProvider? timeProvider = null)
    {
        var guarded = network.CreateClient();
        var toFlows = flows is null ? network.CreateFlowClient() : new HttpClient(flows) { Timeout = Timeout.InfiniteTimeSpan };
        return new ToolCatalog([new FlowTool(toFlows), new HttpTool(guarded, network), new McpTool(guarded, network, timeProvider ?? TimeProvider.System)], guarded, toFlows);
    }

    /// <exception cref="ToolException">The kind is unknown.</exception>
    public IToolKind Of(ToolDescriptor tool) => tool.Kind is { } name && _kinds.TryGetValue(name, out var kind)
        ? kind
        : throw new ToolException($"its implementation \"{tool.Kind}\" is of no kind this runner knows: {string.Join(", ", _kinds.Keys.Order(StringComparer.Ordinal))}.");

    public void Dispose()
    {
        foreach (var item in owned)
        {
            item.Dispose();
        }
    }
}
