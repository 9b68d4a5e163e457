using System.Collections.Frozen;
using Portal.Dotprompt.Rendering;
using Portal.Runner.Contract;
using Portal.Runner.Hosting;
using Portal.Runner.Providers;

namespace Portal.Runner.Flows;

/// <summary>The paths of this process as one reading of the contract's files made them. Immutable: a call runs on one catalog from first to last.</summary>
internal sealed class FlowCatalog
{
    private readonly FrozenDictionary<string, FlowState> _byPath;

    private FlowCatalog(IEnumerable<FlowState> flows, string content)
    {
        Content = content;
        Flows = [.. flows.OrderBy(static flow => flow.Path, StringComparer.Ordinal)];
        _byPath = Flows.DistinctBy(static flow => flow.Path).ToFrozenDictionary(static flow => flow.Path, StringComparer.Ordinal);
    }

    /// <summary>By path; a path that the manifest names twice is there twice, and the first of them answers.</summary>
    public IReadOnlyList<FlowState> Flows { get; }

    /// <summary><see cref="ContentDigest"/> of the files as they were when the reading began.</summary>
    public string Content { get; }

    public IEnumerable<string> Paths => Flows.Select(static flow => flow.Path).Distinct(StringComparer.Ordinal);

    /// <summary>Whether anything can answer; an empty catalog counts, since nobody waits for it.</summary>
    public bool IsUsable => Flows.Count == 0 || Flows.Any(static flow => flow.Route is not null);

    public FlowState? Find(string path) => _byPath.GetValueOrDefault(path);

    /// <summary>Reads the single layout, or the one of several flows when there is a manifest; there a broken flow is a state, not an error.</summary>
    /// <param name="root">The folder that is <c>/genkit</c> in a pod.</param>
    /// <param name="flowName">The Flow's name when the configuration has none.</param>
    /// <param name="flowSetName">The FlowSet that several flows belong to; null when that is not known.</param>
    /// <param name="providers">What plugins may ask for.</param>
    /// <exception cref="StartupException">Something is missing or wrong; the message names the file and the fix.</exception>
    public static FlowCatalog Load(string root, string? flowName, string? flowSetName, ProviderCatalog providers)
    {
        var manifest = Path.Combine(root, RuntimeLayout.ManifestFile);
        if (!File.Exists(manifest))
        {
            var content = Digest(root, null);
            return new FlowCatalog(LoadSingle(root, flowName, providers), content);
        }

        var entries = ContractFile.Read(manifest, RuntimeJson.Default.FlowManifest).Flows;
        var several = Digest(root, [.. entries.Select(entry => (entry.Name, DirectoryOf(root, entry)))]);
        return new FlowCatalog(LoadSeveral(root, manifest, entries, flowSetName, providers), several);
    }

    /// <summary>This catalog, with what <paramref name="previous"/> ran where the files are broken now.</summary>
    public FlowCatalog KeepingWorking(FlowCatalog previous) =>
        new(Flows.Select(flow => flow.Route is null ? flow with { Route = previous.Find(flow.Path)?.Route } : flow), Content);

    private static string Digest(string root, IReadOnlyList<(string Name, string Directory)>? flows)
    {
        try
        {
            return ContentDigest.OfDirectory(root, flows);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Whoever needs the file says what is wrong with it.
            return "";
        }
    }

    private static List<FlowState> LoadSingle(string root, string? flowName, ProviderCatalog providers)
    {
        var folder = FlowFolder.Read(root, root, providers);
        var flow = folder.Config.FlowName ?? flowName;
        List<FlowState> flows = [.. folder.PromptNames.Select(prompt => StateOf(folder.Route($"/{prompt}", flow, prompt)))];
        if (folder.Config.Entrypoint is { } named && !folder.Has(named))
        {
            throw new StartupException($"{folder.ConfigFile}: entrypoint \"{named}\" is not a prompt; there are: {folder.Describe()}");
        }

        // A prompt of the flow's own name keeps its route: that is what the original serves there.
        if (flow is not null && !folder.Has(flow) && (folder.Config.Entrypoint ?? folder.PromptNames.FirstOrDefault()) is { } entrypoint)
        {
            flows.Add(StateOf(folder.Route($"/{flow}", flow, entrypoint)));
        }

        return flows.Find(static state => NameProblem(state.Path[1..]) is not null) is { } misnamed
            ? throw new StartupException(NameProblem(misnamed.Path[1..])!)
            : flows;
    }

    private static string DirectoryOf(string root, FlowManifestEntry entry) =>
        FlowFolder.Rebase(root, entry.Dir) ?? Path.Combine(root, RuntimeLayout.FlowsDirectory, entry.Name);

    private static List<FlowState> LoadSeveral(string root, string manifest, IReadOnlyList<FlowManifestEntry> entries, string? flowSetName, ProviderCatalog providers)
    {
        List<FlowState> flows = [];
        foreach (var entry in entries)
        {
            var path = $"/{entry.Name}";
            var problem = NameProblem(entry.Name) ?? (flows.Exists(flow => flow.Path == path) ? $"two flows are named \"{entry.Name}\"" : null);
            flows.Add(problem is null ? LoadOne(root, path, entry, flowSetName, providers) : new FlowState(path, null, $"{manifest}: {problem}"));
        }

        return flows;
    }

    private static FlowState LoadOne(string root, string path, FlowManifestEntry entry, string? flowSetName, ProviderCatalog providers)
    {
        try
        {
            var folder = FlowFolder.Read(root, DirectoryOf(root, entry), providers);
            return folder.Has(entry.Entrypoint)
                ? StateOf(folder.Route(path, flowSetName is null ? entry.Name : $"{flowSetName}/{entry.Name}", entry.Entrypoint))
                : new FlowState(path, null, $"flow \"{entry.Name}\": entrypoint \"{entry.Entrypoint}\" is not a prompt; there are: {folder.Describe()}");
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // Whatever is wrong with these files, the other flows have nothing to do with it.
            return new FlowState(path, null, exception.Message);
        }
    }

    private static FlowState StateOf(FlowRoute route)
    {
        try
        {
            route.Check();
            return new FlowState(route.Path, route, null);
        }
        catch (PromptRenderException exception)
        {
            var where = exception.Range is { } range ? $", line {range.StartLine}" : "";
            return new FlowState(route.Path, null, $"prompt \"{route.PromptName}\"{where}: {exception.Message}");
        }
    }

    private static string? NameProblem(string name) =>
        RuntimeLayout.ReservedRoutes.Contains(name) || string.IsNullOrWhiteSpace(name) ? $"\"{name}\" cannot be the name of a flow or prompt: the path is taken" : null;
}
