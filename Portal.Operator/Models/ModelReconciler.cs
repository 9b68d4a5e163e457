using Portal.Kubernetes.Runtime;
using Portal.Operator.Api;
using Portal.Operator.Models.Rules;
using Portal.Operator.PluginConfigs;
using Portal.Operator.Reconciliation;

namespace Portal.Operator.Models;

/// <summary>A Model is as ready as its PluginConfig.</summary>
internal sealed class ModelReconciler(ObjectStore<Model> store, IGenkitObjects objects, StatusWriter writer)
    : KindReconciler<Model, ModelStatus>(store, writer)
{
    protected override Verdict<ModelStatus> Judge(Model target) => Judge(target, objects);

    internal static Verdict<ModelStatus> Judge(Model target, IGenkitObjects objects)
    {
        var name = target.Spec.PluginConfigRef.Name;
        if (name.Length == 0)
        {
            return NotReady(Problem.Invalid(ModelRule.NoPluginConfig));
        }

        if (objects.FindPluginConfig(target.Namespace, name) is not { } plugin)
        {
            return NotReady(Problem.NotFound("pluginconfig", name));
        }

        // One that has not been judged yet will be in a moment, by the same rules.
        var ready = plugin.FindCondition(ConditionTypes.Ready) ?? PluginConfigReconciler.Judge(plugin, objects).Conditions[0];
        return ready.IsTrue
            ? new(new(), [ConditionOf.Ready($"provider={target.Spec.Provider} model={target.Spec.Model}")])
            : NotReady(Problem.Missing($"pluginconfig {Names.Quoted(name)} is not Ready{MissingKey(plugin, objects)}"));
    }

    private static string MissingKey(PluginConfig plugin, IGenkitObjects objects) =>
        objects.FindSecret(plugin.Namespace, plugin.Spec.CredentialsRef.Name) is { } secret && CredentialCheck.FindProblem(plugin, secret) is { } problem
            ? $": {problem.Message}"
            : "";
}
