using Portal.Kubernetes.Objects;
using Portal.Operator.Reconciliation;
using Portal.Runner.Contract;

namespace Portal.Operator.PluginConfigs;

/// <summary>Whether a Secret holds what a PluginConfig's provider will look for. Keys are told apart by name only; their values are never read
/// but for being empty.</summary>
internal static class CredentialCheck
{
    /// <summary>Why no call can be authorized; null when one can, or when that is not known.</summary>
    public static Problem? FindProblem(PluginConfig plugin, KubeObject secret)
    {
        var listed = plugin.Spec.CredentialKeys ?? [];
        if (listed.Count > 0)
        {
            // Listed keys may be alternatives (GEMINI_API_KEY or GOOGLE_API_KEY), so that one of them is enough.
            return listed.Any(key => Holds(secret, key)) ? null : Missing(secret, string.Join(", ", listed.Select(Names.Quoted)));
        }

        var alternatives = ProviderCredentials.Of(plugin.Spec.Type)?.Alternatives ?? [];
        return alternatives.Count == 0 || alternatives.Any(set => set.All(key => Holds(secret, key)))
            ? null
            : Missing(secret, $"{string.Join(" or ", alternatives.Select(set => string.Join(" and ", set.Select(Names.Quoted))))}, which the provider {Names.Quoted(plugin.Spec.Type)} needs; " +
                "add it, or name the Secret's own keys in spec.credentialKeys");
    }

    /// <summary>Listed keys that are not there although others are; null when all are.</summary>
    public static string? FindGap(PluginConfig plugin, KubeObject secret)
    {
        string[] missing = [.. (plugin.Spec.CredentialKeys ?? []).Where(key => !Holds(secret, key))];
        return missing.Length == 0 ? null : Missing(secret, string.Join(", ", missing.Select(Names.Quoted))).Message;
    }

    private static Problem Missing(KubeObject secret, string keys) => Problem.Missing($"secret {Names.Quoted(secret.Name)} has no key {keys}");

    /// <summary>A key without a value is as good as none: the runner passes it over.</summary>
    private static bool Holds(KubeObject secret, string key) => (secret.Json["data"] as JsonObject)?[key]?.ToString() is { Length: > 0 };
}
