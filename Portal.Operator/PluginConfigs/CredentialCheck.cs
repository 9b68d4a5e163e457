using Portal.Kubernetes.Objects;
using Portal.Operator.Reconciliation;
using Portal.Runner.Contract;

namespace Portal.Operator.PluginConfigs;

/// <summary>Whether a Secret holds what a PluginConfig's provider will look for. Keys are told apart by name only; their values are never read
/// but for being empty.</summary>
public static class CredentialCheck
{
    /// <summary>Sets of keys that are not all there; any one of them would be enough. Empty when a call can be authorized, or when that is not known.</summary>
    /// <exception cref="JsonException">The PluginConfig does not have the shape of its kind.</exception>
    public static IReadOnlyList<IReadOnlyList<string>> FindMissingKeys(PluginConfig plugin, KubeObject secret)
    {
        // Listed keys may be alternatives (GEMINI_API_KEY or GOOGLE_API_KEY), so that one of them is enough.
        var listed = plugin.Spec.CredentialKeys ?? [];
        var alternatives = listed.Count > 0 ? [.. listed.Select(key => (IReadOnlyList<string>)[key])] : ProviderCredentials.Of(plugin.Spec.Type)?.Alternatives ?? [];
        return alternatives.Any(set => set.All(key => Holds(secret, key)))
            ? []
            : [.. alternatives.Select(set => (IReadOnlyList<string>)[.. set.Where(key => !Holds(secret, key))])];
    }

    /// <summary>Why no call can be authorized; null when one can, or when that is not known.</summary>
    internal static Problem? FindProblem(PluginConfig plugin, KubeObject secret)
    {
        var missing = FindMissingKeys(plugin, secret);
        if (missing.Count == 0)
        {
            return null;
        }

        return plugin.Spec.CredentialKeys is { Count: > 0 }
            ? Missing(secret, string.Join(", ", missing.Select(set => Names.Quoted(set[0]))))
            : Missing(secret, $"{string.Join(" or ", missing.Select(set => string.Join(" and ", set.Select(Names.Quoted))))}, which the provider {Names.Quoted(plugin.Spec.Type)} needs; " +
                "add it, or name the Secret's own keys in spec.credentialKeys");
    }

    /// <summary>Listed keys that are not there although others are; null when all are.</summary>
    internal static string? FindGap(PluginConfig plugin, KubeObject secret)
    {
        string[] missing = [.. (plugin.Spec.CredentialKeys ?? []).Where(key => !Holds(secret, key))];
        return missing.Length == 0 ? null : Missing(secret, string.Join(", ", missing.Select(Names.Quoted))).Message;
    }

    private static Problem Missing(KubeObject secret, string keys) => Problem.Missing($"secret {Names.Quoted(secret.Name)} has no key {keys}");

    /// <summary>A key without a value is as good as none: the runner passes it over.</summary>
    private static bool Holds(KubeObject secret, string key) => (secret.Json["data"] as JsonObject)?[key]?.ToString() is { Length: > 0 };
}
