using Portal.Operator.Datasets;
using Portal.Operator.Reconciliation;

namespace Portal.Operator.Evals;

/// <summary>An Eval with what it refers to, checked.</summary>
/// <param name="Eval">The Eval.</param>
/// <param name="Target">What it measures.</param>
/// <param name="Dataset">The samples.</param>
internal sealed record EvalPlan(Eval Eval, EvalTarget Target, Dataset Dataset)
{
    /// <summary>A CronJob adds up to eleven characters to its name for its Jobs.</summary>
    private const int MaxScheduledName = 52;
    private const int MaxName = 59;

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
            return (null, Problem.Missing($"dataset {Names.Quoted(spec.DatasetRef.Name)} not found"));
        }

        if (Check(eval) is { } invalid)
        {
            return (null, invalid);
        }

        if (spec.OutputSink.ConfigMap is { } sink && sink.Name == dataset.Spec.Source.ConfigMapRef?.Name && DatasetSamples.Keys(dataset.Spec.Format).Contains(sink.Key))
        {
            return (null, Problem.Invalid("spec.outputSink.configMap is where the samples are; the result would replace them: use another key"));
        }

        var verdict = DatasetReconciler.Judge(dataset, objects);
        if (verdict.Conditions[0] is { IsTrue: false } unread)
        {
            return (null, Problem.Missing($"dataset {Names.Quoted(dataset.Name)} is not Ready: {unread.Message}"));
        }

        return (new EvalPlan(eval, target, dataset), null);
    }

    private static Problem? Check(Eval eval)
    {
        var spec = eval.Spec;
        if (spec.OutputSink.ConfigMap is null == spec.OutputSink.S3 is null)
        {
            return Problem.Invalid("spec.outputSink must set exactly one of configMap or s3");
        }

        if (spec.Metrics.FirstOrDefault(metric => string.IsNullOrWhiteSpace(metric)) is not null)
        {
            return Problem.Invalid("spec.metrics has an empty entry; remove it");
        }

        var longest = spec.Schedule is { Length: > 0 } ? MaxScheduledName : MaxName;
        if (eval.Name.Length > longest)
        {
            return Problem.Invalid($"metadata.name has {eval.Name.Length} characters; the Jobs of this Eval need at most {longest}");
        }

        try
        {
            _ = spec.Schedule is { Length: > 0 } schedule ? new CronSchedule(schedule) : null;
            return null;
        }
        catch (FormatException exception)
        {
            return Problem.Invalid($"spec.schedule {Names.Quoted(spec.Schedule!)} is not a cron schedule: {exception.Message}");
        }
    }
}
