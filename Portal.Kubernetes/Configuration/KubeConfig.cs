namespace Portal.Kubernetes.Configuration;

/// <summary>
/// One or more kubeconfig files, merged as kubectl does: of entries with the same name the first one counts, and the first current-context.
/// Only the context that is used gets checked, so that a broken neighbour does not matter.
/// </summary>
public sealed class KubeConfig
{
    private readonly IReadOnlyList<ConfigNode> _files;

    private KubeConfig(IReadOnlyList<ConfigNode> files)
    {
        _files = files;
        CurrentContext = files.Select(file => file.Text("current-context")).FirstOrDefault(name => name is not null);
        ContextNames = [.. files.SelectMany(file => file.Items("contexts")).Select(entry => entry.Require("name")).Distinct()];
    }

    public string? CurrentContext { get; }

    /// <summary>All contexts, in the files' order.</summary>
    public IReadOnlyList<string> ContextNames { get; }

    /// <summary>Loads one file; without a path those that <c>KUBECONFIG</c> lists, else <c>~/.kube/config</c>.</summary>
    /// <exception cref="KubeConfigException">No file is there, or one cannot be read or parsed.</exception>
    public static KubeConfig Load(string? path) => Load(path, Environment.GetEnvironmentVariable);

    /// <summary>Reads a kubeconfig from text; <paramref name="file"/> names it in errors and anchors relative paths.</summary>
    public static KubeConfig Parse(string text, string file) => new([ConfigNode.Parse(text, file)]);

    internal static KubeConfig Load(string? path, Func<string, string?> environment)
    {
        if (!string.IsNullOrEmpty(path))
        {
            return new KubeConfig([Read(System.IO.Path.GetFullPath(path))]);
        }

        var listed = environment("KUBECONFIG")?.Split(System.IO.Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
        string[] candidates = listed.Length > 0
            ? listed
            : [System.IO.Path.Combine(environment("HOME") ?? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".kube", "config")];
        var found = candidates.Select(System.IO.Path.GetFullPath).Where(File.Exists).ToList();
        return found.Count > 0
            ? new KubeConfig([.. found.Select(Read)])
            : throw new KubeConfigException($"There is no kubeconfig at {string.Join(" or ", candidates)}{(listed.Length > 0 ? " (from KUBECONFIG)" : "")}.");
    }

    /// <summary>The cluster and user of a context; the current one when none is named.</summary>
    internal (string Context, string Namespace, ConfigNode Cluster, ConfigNode? User) Resolve(string? context)
    {
        var name = string.IsNullOrEmpty(context) ? CurrentContext ?? OnlyContext() : context;
        var entry = Find("contexts", name)
            ?? throw new KubeConfigException($"{_files[0].File}: contexts: there is no context '{name}'; there is {Known(ContextNames)}.");
        var details = entry.Child("context") ?? throw entry.Error("context", "is missing.");
        var clusterName = details.Require("cluster");
        var cluster = Find("clusters", clusterName)?.Child("cluster") ?? throw details.Error("cluster", $"there is no cluster '{clusterName}'.");
        var userName = details.Text("user");
        var userEntry = userName is null ? null : Find("users", userName) ?? throw details.Error("user", $"there is no user '{userName}'.");
        return (name, details.Text("namespace") ?? "default", cluster, userEntry?.Child("user"));
    }

    private ConfigNode? Find(string list, string name) => _files.SelectMany(file => file.Items(list)).FirstOrDefault(entry => entry.Text("name") == name);

    private string OnlyContext() => ContextNames.Count == 1
        ? ContextNames[0]
        : throw new KubeConfigException($"{_files[0].File}: current-context: is missing, and no context is chosen; there is {Known(ContextNames)}.");

    private static string Known(IReadOnlyList<string> names) => names.Count == 0 ? "none" : string.Join(", ", names);

    private static ConfigNode Read(string file)
    {
        try
        {
            return ConfigNode.Parse(File.ReadAllText(file), file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new KubeConfigException($"{file}: the kubeconfig cannot be read: {exception.Message}", exception);
        }
    }
}
