using Portal.Dotprompt.Documents;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;
using Portal.Operator.Models;
using Portal.Operator.PluginConfigs;
using Portal.Runner.Contract;
using Portal.Runner.Engine;
using Portal.Runner.Providers;

namespace Portal.Features.Playground;

/// <summary>What a run needs to reach its model.</summary>
public sealed record ResolvedModel(RuntimeConfig Runtime, ICredentials Credentials);

/// <summary>Finds model, PluginConfig and Secret of a prompt in its namespace, the way a flow of that namespace would be configured.</summary>
public sealed class ModelResolver(InformerFactory informers, ProviderCatalog providers)
{
    /// <param name="modelObject">Name of a Model object, used when the prompt names no model; null when none was picked.</param>
    /// <exception cref="RunRefusedException">Something is missing.</exception>
    public ResolvedModel Resolve(string @namespace, PromptMetadata metadata, string? modelObject)
    {
        if (metadata.Model is { } written && !string.IsNullOrWhiteSpace(written))
        {
            var (provider, model) = Split(written.Trim());
            var known = informers.Get<Model>().Store.List(@namespace)
                .FirstOrDefault(item => Same(item.Spec.Provider, provider) && item.Spec.Model == model);
            var plugin = known is null ? null : informers.Get<PluginConfig>().Store.Find(@namespace, known.Spec.PluginConfigRef.Name);
            return Build(@namespace, provider, model, known, plugin ?? FindPlugin(@namespace, provider));
        }

        var picked = Pick(@namespace, modelObject);
        var configured = informers.Get<PluginConfig>().Store.Find(@namespace, picked.Spec.PluginConfigRef.Name)
            ?? throw new RunRefusedException(GenkitStatus.NotFound,
                $"PluginConfig \"{picked.Spec.PluginConfigRef.Name}\" not found; Model \"{picked.Name}\" refers to it.",
                $"Create PluginConfig {picked.Spec.PluginConfigRef.Name} in namespace {@namespace}, of type {picked.Spec.Provider}.");
        return Build(@namespace, picked.Spec.Provider, picked.Spec.Model, picked, configured);
    }

    /// <summary>Model objects of a namespace, those that are ready first.</summary>
    public IReadOnlyList<Model> Models(string @namespace) =>
        [.. informers.Get<Model>().Store.List(@namespace).OrderByDescending(model => model.FindCondition("Ready")?.IsTrue == true)
            .ThenBy(model => model.Name, StringComparer.Ordinal)];

    private Model Pick(string @namespace, string? modelObject)
    {
        if (modelObject is { Length: > 0 })
        {
            return informers.Get<Model>().Store.Find(@namespace, modelObject)
                ?? throw new RunRefusedException(GenkitStatus.NotFound, $"Model \"{modelObject}\" not found in namespace \"{@namespace}\".",
                    "Pick another model, or create it.");
        }

        return Models(@namespace) is [var only]
            ? only
            : throw new RunRefusedException(GenkitStatus.InvalidArgument, "The prompt names no model.",
                "Add \"model: provider/model\" to the frontmatter, or pick a model in the test panel.");
    }

    private ResolvedModel Build(string @namespace, string providerName, string modelName, Model? model, PluginConfig? plugin)
    {
        if (!providers.TryGet(providerName, out var provider))
        {
            throw new RunRefusedException(GenkitStatus.InvalidArgument, $"Unknown provider \"{providerName}\".",
                $"Use a model of one of these providers: {string.Join(", ", providers.Names)}.");
        }

        var needsKey = provider.DefaultCredentialKeys.Count > 0;
        if (plugin is null)
        {
            return needsKey || provider.NeedsBaseUrl
                ? throw NoPlugin(@namespace, provider)
                : new ResolvedModel(RuntimeOf(providerName, modelName, model, null), new NoCredentials());
        }

        var secretName = plugin.Spec.CredentialsRef.Name;
        var secret = informers.Get(BuiltIn.Secret).Store.Find(@namespace, secretName);
        if (secret is null && needsKey)
        {
            throw new RunRefusedException(GenkitStatus.NotFound,
                $"Secret \"{secretName}\" not found; PluginConfig \"{plugin.Name}\" refers to it.",
                $"Create Secret {secretName} in namespace {@namespace} with the key {KeysOf(plugin, provider)[0]}.");
        }

        return new ResolvedModel(RuntimeOf(providerName, modelName, model, plugin),
            secret is null ? new NoCredentials() : new SecretCredentials(secret));
    }

    private PluginConfig? FindPlugin(string @namespace, string provider) =>
        informers.Get<PluginConfig>().Store.List(@namespace)
            .Where(plugin => Same(plugin.Spec.Type, provider))
            .OrderByDescending(plugin => plugin.FindCondition("Ready")?.IsTrue == true)
            .FirstOrDefault();

    private static RuntimeConfig RuntimeOf(string provider, string modelName, Model? model, PluginConfig? plugin) => new()
    {
        DefaultModel = new RuntimeModel
        {
            Provider = provider,
            Model = modelName,
            Info = model?.Spec.Info,
            Config = model?.Spec.DefaultConfig as JsonObject,
        },
        Plugin = plugin is null ? null : new RuntimePlugin
        {
            Type = plugin.Spec.Type,
            Region = plugin.Spec.Region is { Length: > 0 } region ? region : null,
            ExtraConfig = plugin.Spec.ExtraConfig as JsonObject,
        },
        CredentialKeys = plugin?.Spec.CredentialKeys is { Count: > 0 } keys ? keys : null,
    };

    private static RunRefusedException NoPlugin(string @namespace, IModelProvider provider)
    {
        var secret = provider.DefaultCredentialKeys is [var key, ..] ? $"a Secret with the key {key}" : "a Secret (it may be empty)";
        var address = provider.NeedsBaseUrl ? $" and whose spec.extraConfig.{provider.BaseUrlSetting} is its address" : "";
        return new RunRefusedException(
            GenkitStatus.NotFound,
            $"No PluginConfig of type \"{provider.Name}\" in namespace \"{@namespace}\".",
            $"Create {secret}, and a PluginConfig with spec.type {provider.Name} whose spec.credentialsRef names it{address}.");
    }

    private static IReadOnlyList<string> KeysOf(PluginConfig plugin, IModelProvider provider) =>
        plugin.Spec.CredentialKeys is { Count: > 0 } keys ? keys : provider.DefaultCredentialKeys;

    private static (string Provider, string Model) Split(string name)
    {
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && slash < name.Length - 1
            ? (name[..slash], name[(slash + 1)..])
            : throw new RunRefusedException(GenkitStatus.InvalidArgument, $"model: \"{name}\" is not a full model name.",
                "Write it as provider/model, such as demo/echo-stream.");
    }

    private static bool Same(string left, string right) => left.Equals(right, StringComparison.OrdinalIgnoreCase);
}
