using System.Collections.Frozen;
using Portal.Runner.Contract;
using Portal.Runner.Hosting;
using Portal.Runner.Providers;

namespace Portal.Runner.Flows;

/// <summary>
/// The routes of this process, read once from the contract's files: a change of files comes with a new process, so that one
/// revision is served from first to last call.
/// </summary>
internal sealed class FlowCatalog
{
    private static readonly FrozenSet<string> s_reserved = FrozenSet.Create(StringComparer.Ordinal, "healthz", "readyz");
    private readonly FrozenDictionary<string, FlowRoute> _routes;

    private FlowCatalog(IReadOnlyList<FlowRoute> routes)
    {
        _routes = routes.ToFrozenDictionary(static route => route.Path, StringComparer.Ordinal);
        Paths = [.. routes.Select(static route => route.Path).Order(StringComparer.Ordinal)];
    }

    public IReadOnlyList<string> Paths { get; }

    public IEnumerable<FlowRoute> Routes => _routes.Values;

    public FlowRoute? Find(string path) => _routes.GetValueOrDefault(path);

    /// <summary>Reads the single layout, or the one of several flows when there is a manifest.</summary>
    /// <param name="root">The folder that is <c>/genkit</c> in a pod.</param>
    /// <param name="flowName">The Flow's name when the configuration has none.</param>
    /// <param name="providers">What plugins may ask for.</param>
    /// <exception cref="StartupException">Something is missing or wrong; the message names the file and the fix.</exception>
    public static FlowCatalog Load(string root, string? flowName, ProviderCatalog providers)
    {
        var manifest = Path.Combine(root, RuntimeLayout.ManifestFile);
        return new FlowCatalog(File.Exists(manifest) ? LoadSeveral(root, manifest, providers) : LoadSingle(root, flowName, providers));
    }

    private static List<FlowRoute> LoadSingle(string root, string? flowName, ProviderCatalog providers)
    {
        var folder = FlowFolder.Read(root, root, providers);
        var flow = folder.Config.FlowName ?? flowName;
        List<FlowRoute> routes = [.. folder.PromptNames.Select(prompt => folder.Route($"/{prompt}", flow, prompt))];
        if (folder.Config.Entrypoint is { } named && !folder.Has(named))
        {
            throw new StartupException($"{folder.ConfigFile}: entrypoint \"{named}\" is not a prompt; there are: {folder.Describe()}");
        }

        // A prompt of the flow's own name keeps its route: that is what the original serves there.
        if (flow is not null && !folder.Has(flow) && (folder.Config.Entrypoint ?? folder.PromptNames.FirstOrDefault()) is { } entrypoint)
        {
            routes.Add(folder.Route($"/{flow}", flow, entrypoint));
        }

        return Checked(routes);
    }

    private static List<FlowRoute> LoadSeveral(string root, string manifest, ProviderCatalog providers)
    {
        List<FlowRoute> routes = [];
        foreach (var entry in ContractFile.Read(manifest, RuntimeJson.Default.FlowManifest).Flows)
        {
            var folder = FlowFolder.Read(root, FlowFolder.Rebase(root, entry.Dir) ?? Path.Combine(root, RuntimeLayout.FlowsDirectory, entry.Name), providers);
            if (!folder.Has(entry.Entrypoint))
            {
                throw new StartupException($"{manifest}: flow \"{entry.Name}\": entrypoint \"{entry.Entrypoint}\" is not a prompt; there are: {folder.Describe()}");
            }

            routes.Add(folder.Route($"/{entry.Name}", entry.Name, entry.Entrypoint));
        }

        return Checked(routes);
    }

    private static List<FlowRoute> Checked(List<FlowRoute> routes)
    {
        foreach (var group in routes.GroupBy(static route => route.Path, StringComparer.Ordinal))
        {
            var name = group.Key[1..];
            if (s_reserved.Contains(name) || string.IsNullOrWhiteSpace(name))
            {
                throw new StartupException($"\"{name}\" cannot be the name of a flow or prompt: the path is taken");
            }

            if (group.Count() > 1)
            {
                throw new StartupException($"two flows are named \"{name}\"");
            }
        }

        return routes;
    }
}
