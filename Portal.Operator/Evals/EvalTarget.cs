using System.Globalization;
using Portal.Kubernetes.Objects;
using Portal.Operator.Api;
using Portal.Operator.Evals.Rules;
using Portal.Operator.Flows;
using Portal.Operator.FlowSets;
using Portal.Operator.Reconciliation;

namespace Portal.Operator.Evals;

/// <summary>What an Eval measures: a Flow, or one flow of a FlowSet.</summary>
/// <param name="Name">Name of the flow, which is its route.</param>
/// <param name="Url">Where its Service answers, without a path.</param>
/// <param name="Revision">Content hash of what serves it; empty as long as it has been given no children.</param>
/// <param name="Serves">Whether all that answer are of that revision.</param>
/// <param name="Judge">The flow's own model, which judges too; null when it has none.</param>
/// <param name="Set">The FlowSet it is one of; null of a Flow.</param>
internal sealed record EvalTarget(string Name, string Url, string Revision, bool Serves, EvalJudge? Judge, string? Set)
{
    /// <summary>What its calls are counted under, and what budgets call it.</summary>
    public string CountedName => Set is null ? Name : $"{Set}/{Name}";

    /// <exception cref="JsonException">An object does not have the shape of its kind.</exception>
    public static (EvalTarget? Target, Problem? Problem) Find(Eval eval, IGenkitObjects objects)
    {
        var reference = eval.Spec.FlowRef;
        if (EvalRules.CheckReference(reference) is { } invalid)
        {
            return (null, invalid);
        }

        if (reference.Flow is { Length: > 0 } member)
        {
            return OfSet(eval, member, objects);
        }

        if (objects.FindFlow(eval.Namespace, reference.Name) is not { } flow)
        {
            return (null, Problem.NotFound("flow", reference.Name));
        }

        var serves = flow.FindCondition(ConditionTypes.Ready) is { IsTrue: true } ready && ready.ObservedGeneration == flow.Generation;
        var secret = FlowDependencies.Resolve(flow, objects).Inputs?.Model?.Secret.Name;
        var judge = secret is null ? null : new EvalJudge(FlowRenderer.ConfigMapName(flow.Name, "config"), secret, CredentialsDirectory: null);
        return (new EvalTarget(flow.Name, UrlOf(flow, flow.Spec.Port), RevisionOf(flow), serves, judge, Set: null), null);
    }

    private static (EvalTarget? Target, Problem? Problem) OfSet(Eval eval, string name, IGenkitObjects objects)
    {
        var reference = eval.Spec.FlowRef;
        if (objects.FindFlowSet(eval.Namespace, reference.Name) is not { } set)
        {
            return (null, Problem.NotFound("flowset", reference.Name));
        }

        if (set.Spec.Flows.FirstOrDefault(item => item.Name == name) is not { } flow)
        {
            return (null, Problem.Missing($"flow {Names.Quoted(name)} not found in flowset {Names.Quoted(reference.Name)}"));
        }

        var entry = (set.Json["status"]?["flows"] as JsonArray)?.FirstOrDefault(item => item?["name"]?.ToString() == name);
        var serves = entry?["ready"]?.GetValueKind() == JsonValueKind.True && set.FindCondition(ConditionTypes.Ready)?.ObservedGeneration == set.Generation;
        var judge = FlowSetPlan.FindInputs(set.Namespace, flow, objects).Inputs?.Model is { } model
            ? new EvalJudge(FlowSetRenderer.ConfigMapName(set, name, "config"), model.Secret.Name, FlowSetMember.CredentialsDirectoryOf(name))
            : null;
        return (new EvalTarget(name, UrlOf(set, set.Spec.Port), RevisionOf(set), serves, judge, set.Name), null);
    }

    private static string UrlOf(KubeObject service, int? port) =>
        $"http://{service.Name}.{service.Namespace}.svc:{(port ?? RunnerSpec.DefaultPort).ToString(CultureInfo.InvariantCulture)}";

    private static string RevisionOf(KubeObject served) => (served.Json["status"] as JsonObject)?["contentHash"]?.ToString() ?? "";
}

/// <summary>How a run asks the flow's own model.</summary>
/// <param name="ConfigMap">Holds its <c>config.json</c>.</param>
/// <param name="Secret">Holds its credentials.</param>
/// <param name="CredentialsDirectory">Where <c>config.json</c> says they are; null when they are variables.</param>
internal sealed record EvalJudge(string ConfigMap, string Secret, string? CredentialsDirectory);
