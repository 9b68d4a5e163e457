using Portal.Kubernetes.Runtime;
using Portal.Operator.Api;
using Portal.Operator.Models.Rules;
using Portal.Operator.PluginConfigs;
using Portal.Operator.Reconciliation;

namespace Portal.Operator.Models;

/// <summary>A Model is as ready as its PluginConfig. Degraded tells the way to what is broken behind it.</summary>
internal sealed class ModelReconciler(ObjectStore<Model> store, IGenkitObjects objects, StatusWriter writer)
    : KindReconciler<Model, ModelStatus>(store, writer)
{
    protected override Verdict<ModelStatus> Judge(Model target) => Judge(target, objects);

    internal static Verdict<ModelStatus> Judge(Model target, IGenkitObjects objects)
    {
        var name = target.Spec.PluginConfigRef.Name;
        if (name.Length == 0)
        {
            return Broken(target, Problem.Invalid(ModelRule.NoPluginConfig));
        }

        if (objects.FindPluginConfig(target.Namespace, name) is not { } plugin)
        {
            return Broken(target, Problem.NotFound("pluginconfig", name));
        }

        // One that has not been judged yet will be in a moment, by the same rules.
        var ready = plugin.FindCondition(ConditionTypes.Ready) ?? PluginConfigReconciler.Judge(plugin, objects).Conditions[0];
        if (ready.IsTrue)
        {
            return new(new(), [ConditionOf.Ready($"provider={target.Spec.Provider} model={target.Spec.Model}"), ConditionOf.False(ConditionTypes.Degraded, ConditionReasons.AsExpected, "nothing is known to be broken")]);
        }

        var label = $"pluginconfig {Names.Quoted(name)}";
        var key = MissingKey(plugin, objects);
        return Broken(target, Problem.Missing($"{label} is not Ready{(key is null ? "" : $": {key}")}") with { Trail = $"{label} → {key ?? ready.Message}" });
    }

    private static Verdict<ModelStatus> Broken(Model target, Problem problem) => new(new(),
    [
        ConditionOf.NotReady(problem),
        ConditionOf.True(ConditionTypes.Degraded, problem.Reason, problem.Trail is { } trail ? $"model {Names.Quoted(target.Name)} → {trail}" : problem.Message),
    ]);

    private static string? MissingKey(PluginConfig plugin, IGenkitObjects objects) =>
        objects.FindSecret(plugin.Namespace, plugin.Spec.CredentialsRef.Name) is { } secret ? CredentialCheck.FindProblem(plugin, secret)?.Message : null;
}
