using Portal.Operator.Datasets;
using Portal.Operator.Evals.Rules;
using Portal.Operator.Reconciliation;

namespace Portal.Operator.Evals;

/// <summary>An Eval with what it refers to, checked.</summary>
/// <param name="Eval">The Eval.</param>
/// <param name="Target">What it measures.</param>
/// <param name="Dataset">The samples.</param>
internal sealed record EvalPlan(Eval Eval, EvalTarget Target, Dataset Dataset)
{
    public bool IsScheduled => Eval.Spec.Schedule is { Length: > 0 };

    public static (EvalPlan? Plan, Problem? Problem) Of(Eval eval, IGenkitObjects objects)
    {
        try
        {
            return Resolve(eval, objects);
        }
        catch (JsonException exception)
        {
            return (null, Problem.Unreadable(exception));
        }
    }

    private static (EvalPlan? Plan, Problem? Problem) Resolve(Eval eval, IGenkitObjects objects)
    {
        var spec = eval.Spec;
        var (target, unknown) = EvalTarget.Find(eval, objects);
        if (target is null)
        {
            return (null, unknown);
        }

        if (objects.FindDataset(eval.Namespace, spec.DatasetRef.Name) is not { } dataset)
        {
            return (null, Problem.NotFound("dataset", spec.DatasetRef.Name));
        }

        if (EvalRules.Find(eval).FirstOrDefault() is { } invalid)
        {
            return (null, invalid);
        }

        if ((EvalRules.FindOverwrite(eval, dataset) ?? EvalRules.FindTaken(eval, objects)) is { } overwrites)
        {
            return (null, overwrites);
        }

        var verdict = DatasetReconciler.Judge(dataset, objects);
        if (verdict.Conditions[0] is { IsTrue: false } unread)
        {
            return (null, Problem.Missing($"dataset {Names.Quoted(dataset.Name)} is not Ready: {unread.Message}"));
        }

        return (new EvalPlan(eval, target, dataset), null);
    }
}
