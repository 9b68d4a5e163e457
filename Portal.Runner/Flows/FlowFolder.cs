using Portal.Dotprompt.Documents;
using Portal.Dotprompt.Rendering;
using Portal.Runner.Contract;
using Portal.Runner.Engine;
using Portal.Runner.Hosting;
using Portal.Runner.Providers;
using Portal.Runner.Tools;

namespace Portal.Runner.Flows;

/// <summary>One flow's files: <c>config.json</c>, <c>prompts/</c> and <c>tools/</c>. Files that start with an underscore are partials, not routes.</summary>
internal sealed class FlowFolder
{
    private readonly Dictionary<string, DotpromptDocument> _prompts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _partials = new(StringComparer.Ordinal);
    private readonly RenderEnvironment _environment;
    private readonly ICredentials _credentials;
    private IReadOnlyList<ToolDescriptor> _tools = [];

    private FlowFolder(string configFile, RuntimeConfig config, ICredentials credentials)
    {
        (ConfigFile, Config, _credentials) = (configFile, config, credentials);
        _environment = new RenderEnvironment { Partial = name => _partials.GetValueOrDefault(name) };
    }

    public string ConfigFile { get; }
    public RuntimeConfig Config { get; }
    public IEnumerable<string> PromptNames => _prompts.Keys.Order(StringComparer.Ordinal);

    public bool Has(string prompt) => _prompts.ContainsKey(prompt);

    public string Describe() => _prompts.Count == 0 ? "none" : string.Join(", ", PromptNames);

    public FlowRoute Route(string path, string? flow, string prompt) => new()
    {
        Path = path,
        Flow = flow,
        PromptName = prompt,
        Prompt = _prompts[prompt],
        Environment = _environment,
        Runtime = Config,
        Credentials = _credentials,
        Tools = _tools,
    };

    /// <exception cref="StartupException">The configuration is missing or wrong, its provider unknown, or its credential missing.</exception>
    public static FlowFolder Read(string root, string directory, ProviderCatalog providers)
    {
        var configFile = Path.Combine(directory, RuntimeLayout.ConfigFile);
        var config = ContractFile.Read(configFile, RuntimeJson.Default.RuntimeConfig);
        ICredentials credentials = Rebase(root, config.CredentialsDir) is { } files
            ? new DirectoryCredentials(files, providers.SettingVariables)
            : new EnvironmentCredentials();
        CheckPlugin(configFile, config, credentials, providers);
        var folder = new FlowFolder(configFile, config, credentials);
        folder.ReadPrompts(Path.Combine(directory, RuntimeLayout.PromptsDirectory));
        folder._tools = ReadTools(root, Path.Combine(directory, RuntimeLayout.ToolsDirectory));
        return folder;
    }

    /// <summary>Paths in the files are those of a pod; elsewhere they, and relative ones, are below <paramref name="root"/>.</summary>
    public static string? Rebase(string root, string? path)
    {
        if (string.IsNullOrEmpty(path))
        {
            return null;
        }

        return Path.Combine(root, path.StartsWith(RuntimeLayout.DefaultRoot + "/", StringComparison.Ordinal)
            ? path[(RuntimeLayout.DefaultRoot.Length + 1)..]
            : path);
    }

    private static void CheckPlugin(string configFile, RuntimeConfig config, ICredentials credentials, ProviderCatalog providers)
    {
        if (config.Plugin is not { } plugin)
        {
            return;
        }

        if (!providers.TryGet(plugin.Type, out var provider))
        {
            throw new StartupException($"{configFile}: unsupported plugin \"{plugin.Type}\" (supported: {string.Join(", ", providers.Names)})");
        }

        try
        {
            ModelChoice.FindCredential(provider, config, credentials);
            ModelChoice.FindBaseUrl(provider, plugin, credentials);
        }
        catch (Exception exception) when (exception is GenkitException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new StartupException($"{configFile}: {exception.Message.TrimEnd('.')}", exception);
        }
    }

    /// <summary>A ConfigMap volume is a tree of links; only what is directly in the folder counts, and links are followed.</summary>
    private void ReadPrompts(string directory)
    {
        if (!Directory.Exists(directory))
        {
            return;
        }

        foreach (var file in ListPrompts(directory))
        {
            var name = Path.GetFileName(file)[..^RuntimeLayout.PromptExtension.Length];
            var text = ReadText(file);
            if (name.StartsWith('_'))
            {
                _partials[name[1..]] = text;
            }
            else if (!name.StartsWith('.'))
            {
                _prompts[name] = DotpromptDocument.Parse(text);
            }
        }
    }

    private static IReadOnlyList<ToolDescriptor> ReadTools(string root, string directory)
    {
        try
        {
            return ToolFiles.Read(directory, path => Rebase(root, path)!);
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new StartupException(exception.Message, exception);
        }
    }

    private static string[] ListPrompts(string directory)
    {
        try
        {
            return Directory.GetFiles(directory, "*" + RuntimeLayout.PromptExtension);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"{directory} cannot be read: {exception.Message}", exception);
        }
    }

    private static string ReadText(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"{file} cannot be read: {exception.Message}", exception);
        }
    }
}
