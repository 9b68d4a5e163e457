using Portal.Kubernetes.Runtime;
using Portal.Operator.Api;
using Portal.Operator.Reconciliation;

namespace Portal.Operator.PluginConfigs;

/// <summary>Ready means: the Secret exists and has at least one of the listed keys. Keys that are missing are named.</summary>
internal sealed class PluginConfigReconciler(ObjectStore<PluginConfig> store, IGenkitObjects objects, StatusWriter writer)
    : KindReconciler<PluginConfig, PluginConfigStatus>(store, writer)
{
    protected override Verdict<PluginConfigStatus> Judge(PluginConfig target) => Judge(target, objects);

    internal static Verdict<PluginConfigStatus> Judge(PluginConfig target, IGenkitObjects objects)
    {
        var name = target.Spec.CredentialsRef.Name;
        if (name.Length == 0)
        {
            return NotReady(Problem.Invalid("spec.credentialsRef.name is empty"));
        }

        if (objects.FindSecret(target.Namespace, name) is not { } secret)
        {
            return NotReady(Problem.Missing($"secret {Names.Quoted(name)} not found"));
        }

        var present = secret.Json["data"] as JsonObject ?? [];
        var keys = target.Spec.CredentialKeys ?? [];
        string[] missing = [.. keys.Where(key => !present.ContainsKey(key))];
        var message = $"secret {Names.Quoted(name)} has no key {string.Join(", ", missing.Select(Names.Quoted))}";
        if (missing.Length > 0 && missing.Length == keys.Count)
        {
            return NotReady(Problem.Missing(message));
        }

        // Keys may be alternatives (GEMINI_API_KEY or GOOGLE_API_KEY), so one of them is enough to be Ready.
        var ready = ConditionOf.Ready($"credentials secret {Names.Quoted(name)} present");
        return new(new(), missing.Length == 0 ? [ready] : [ready, ConditionOf.False(ConditionTypes.Valid, ConditionReasons.MissingKeys, message)]);
    }
}
