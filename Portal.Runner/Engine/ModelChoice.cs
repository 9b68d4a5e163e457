using System.Collections.Frozen;
using Portal.Dotprompt.Documents;
using Portal.Runner.Contract;
using Portal.Runner.Providers;
using Portal.Runner.Providers.Http;

namespace Portal.Runner.Engine;

/// <summary>Which model answers a call, with its config merged and its credential found.</summary>
internal sealed record ModelChoice(IModelProvider Provider, string Model, JsonObject Config, RuntimePlugin? Plugin)
{
    // Vendors' spellings of the common names. They are one name while layers are merged, so that a prompt's max_tokens
    // replaces its model's maxOutputTokens; each provider writes its own spelling.
    private static readonly FrozenDictionary<string, string> s_commonNames = new Dictionary<string, string>
    {
        ["max_tokens"] = "maxOutputTokens",
        ["max_output_tokens"] = "maxOutputTokens",
        ["top_p"] = "topP",
        ["top_k"] = "topK",
        ["stop"] = "stopSequences",
        ["stop_sequences"] = "stopSequences",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public string? ApiKey { get; init; }
    public string? CredentialKey { get; init; }
    public string? BaseUrl { get; init; }

    /// <summary>Without the credential.</summary>
    public override string ToString() => $"{Provider.Name}/{Model}";

    /// <exception cref="GenkitException">No model, an unknown or unconfigured provider, or no credential.</exception>
    public static ModelChoice Resolve(ProviderCatalog providers, GenerateCall call, PromptMetadata metadata)
    {
        var runtime = call.Runtime;
        var fallback = runtime.DefaultModel;
        var (providerName, model) = metadata.Model is { } name && !string.IsNullOrWhiteSpace(name)
            ? Split(name.Trim(), runtime)
            : fallback is not null
                ? (fallback.Provider, fallback.Model)
                : throw new GenkitException(GenkitStatus.InvalidArgument,
                    "No model: the prompt names none and there is no default model. Add \"model: provider/model\" to the frontmatter.");
        var provider = Find(providers, providerName, runtime.Plugin);
        var isDefault = fallback is not null && Same(fallback.Provider, providerName) && fallback.Model == model;
        var config = MergeConfig(isDefault ? fallback!.Config : null, metadata.Config, call.Config);
        if (config.ContainsKey("apiKey"))
        {
            throw new GenkitException(GenkitStatus.InvalidArgument, "config.apiKey is not allowed: put the key into the plugin's Secret.");
        }

        if (config["version"] is JsonValue version && version.TryGetValue<string>(out var versionName))
        {
            model = versionName;
        }

        config.Remove("version");
        var plugin = runtime.Plugin is { } configured && Same(configured.Type, providerName) ? configured : null;
        var (key, value) = FindCredential(provider, runtime, call.Credentials);
        return new ModelChoice(provider, model, config, plugin)
        {
            ApiKey = value,
            CredentialKey = key,
            BaseUrl = FindBaseUrl(provider, plugin, call.Credentials),
        };
    }

    /// <summary>Shallow, later wins; null takes a key away, so that a prompt can undo a model's default.</summary>
    internal static JsonObject MergeConfig(params ReadOnlySpan<JsonObject?> layers)
    {
        var merged = new JsonObject();
        foreach (var layer in layers)
        {
            foreach (var (written, value) in layer ?? [])
            {
                var key = s_commonNames.GetValueOrDefault(written, written);
                if (value is null)
                {
                    merged.Remove(key);
                }
                else
                {
                    merged[key] = value.DeepClone();
                }
            }
        }

        return merged;
    }

    /// <summary>The first credential there is, or nulls when the provider needs none.</summary>
    /// <exception cref="GenkitException">The provider needs one and there is none.</exception>
    internal static (string? Key, string? Value) FindCredential(IModelProvider provider, RuntimeConfig runtime, ICredentials credentials)
    {
        if (provider.DefaultCredentialKeys.Count == 0)
        {
            return (null, null);
        }

        // The list may name every key of the Secret; an address among them is no credential.
        string[] listed = [.. (runtime.CredentialKeys ?? []).Where(key => key != provider.BaseUrlVariable && !provider.SettingVariables.Contains(key))];
        var keys = listed.Length > 0 ? listed : provider.DefaultCredentialKeys;
        foreach (var key in keys)
        {
            if (credentials.Find(key) is { } value && !string.IsNullOrWhiteSpace(value))
            {
                return (key, value.Trim());
            }
        }

        return provider.CredentialIsOptional ? (null, null) : throw new GenkitException(GenkitStatus.Unauthenticated,
            $"No credential for provider \"{provider.Name}\": looked for {string.Join(", ", keys)} in {credentials.Place}.");
    }

    private static (string Provider, string Model) Split(string name, RuntimeConfig runtime)
    {
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        if (slash > 0 && slash < name.Length - 1)
        {
            return (name[..slash], name[(slash + 1)..]);
        }

        var example = runtime.Plugin?.Type ?? runtime.DefaultModel?.Provider ?? "provider";
        throw new GenkitException(GenkitStatus.InvalidArgument,
            $"model: \"{name}\" is not a full model name. Write it as provider/model, such as \"{example}/{name.Trim('/')}\".");
    }

    private static IModelProvider Find(ProviderCatalog providers, string name, RuntimePlugin? plugin)
    {
        if (!providers.TryGet(name, out var provider))
        {
            throw new GenkitException(GenkitStatus.InvalidArgument,
                $"Unknown provider \"{name}\". Supported: {string.Join(", ", providers.Names)}.");
        }

        // A provider that needs neither credential nor address works where no plugin is configured at all.
        if (plugin is null ? provider.DefaultCredentialKeys.Count > 0 || provider.NeedsBaseUrl : !Same(plugin.Type, name))
        {
            throw new GenkitException(GenkitStatus.InvalidArgument, plugin is null
                ? $"Provider \"{name}\" is not configured: there is no plugin."
                : $"Provider \"{name}\" is not configured: the plugin is of type \"{plugin.Type}\". Use a model of that provider, or another plugin.");
        }

        return provider;
    }

    /// <summary>The configured address, or null for the vendor's own.</summary>
    /// <exception cref="GenkitException">It is no string, or the provider needs one and there is none.</exception>
    internal static string? FindBaseUrl(IModelProvider provider, RuntimePlugin? plugin, ICredentials credentials)
    {
        foreach (var setting in new[] { provider.BaseUrlSetting, "baseURL" })
        {
            if (plugin?.ExtraConfig?[setting] is { } configured)
            {
                return configured is JsonValue value && value.TryGetValue<string>(out var url)
                    ? url
                    : throw new GenkitException(GenkitStatus.InvalidArgument, $"extraConfig.{setting} of the plugin must be a string.");
            }
        }

        return provider.BaseUrlVariable is { } variable && credentials.Find(variable) is { Length: > 0 } fromEnvironment ? fromEnvironment
            : provider.NeedsBaseUrl ? throw ProviderFailures.NoAddress(provider)
            : null;
    }

    private static bool Same(string left, string right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);
}
