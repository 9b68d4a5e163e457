using Portal.Kubernetes.Runtime;
using Portal.Operator.Api;
using Portal.Operator.Reconciliation;

namespace Portal.Operator.PluginConfigs;

/// <summary>Ready means: the Secret exists and holds keys the provider can work with. Keys that are missing are named.</summary>
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
            return NotReady(Problem.NotFound("secret", name));
        }

        if (CredentialCheck.FindProblem(target, secret) is { } problem)
        {
            return NotReady(problem);
        }

        var ready = ConditionOf.Ready($"credentials secret {Names.Quoted(name)} present");
        return CredentialCheck.FindGap(target, secret) is { } gap
            ? new(new(), [ready, ConditionOf.False(ConditionTypes.Valid, ConditionReasons.MissingKeys, gap)])
            : new(new(), [ready]);
    }
}
