using Portal.Kubernetes.Objects;
using Portal.Operator.Api;
using Portal.Operator.Datasets;
using Portal.Operator.Reconciliation;

namespace Portal.Operator.Evals.Rules;

/// <summary>What the schema cannot say about an Eval.</summary>
internal static class EvalRules
{
    /// <summary>A CronJob adds up to eleven characters to its name for its Jobs.</summary>
    private const int MaxScheduledName = 52;
    private const int MaxName = 59;

    /// <summary>In the order a condition tells them: it shows the first.</summary>
    public static IEnumerable<Problem> Find(Eval eval)
    {
        var spec = eval.Spec;
        if (spec.OutputSink.ConfigMap is null == spec.OutputSink.S3 is null)
        {
            yield return Problem.Invalid("spec.outputSink must set exactly one of configMap or s3", "spec.outputSink");
        }

        for (var index = 0; index < spec.Metrics.Count; index++)
        {
            if (string.IsNullOrWhiteSpace(spec.Metrics[index]))
            {
                yield return Problem.Invalid("spec.metrics has an empty entry; remove it", $"spec.metrics[{index}]");
            }
        }

        var longest = spec.Schedule is { Length: > 0 } ? MaxScheduledName : MaxName;
        if (eval.Name.Length > longest)
        {
            yield return Problem.Impossible($"metadata.name has {eval.Name.Length} characters; the Jobs of this Eval need at most {longest}", "metadata.name");
        }

        if (spec.Schedule is { Length: > 0 } schedule && FindMistake(schedule) is { } mistake)
        {
            yield return Problem.Impossible($"spec.schedule {Names.Quoted(schedule)} is not a cron schedule: {mistake}", "spec.schedule");
        }
    }

    /// <summary>A flow of a FlowSet is named together with the kind, and only then.</summary>
    public static Problem? CheckReference(EvalFlowReference reference) => (reference.Kind == EvalFlowReference.FlowSetKind, reference.Flow is { Length: > 0 }) switch
    {
        (true, false) => Problem.Invalid("spec.flowRef.flow is required with kind FlowSet; name one of its flows", "spec.flowRef.flow"),
        (false, true) => Problem.Invalid("spec.flowRef.flow names a flow of a FlowSet; set spec.flowRef.kind to FlowSet, or remove it", "spec.flowRef.kind"),
        _ => null,
    };

    /// <summary>A result that would be written over the samples.</summary>
    public static Problem? FindOverwrite(Eval eval, Dataset dataset) =>
        eval.Spec.OutputSink.ConfigMap is { } sink && sink.Name == dataset.Spec.Source.ConfigMapRef?.Name && DatasetSamples.Keys(dataset.Spec.Format).Contains(sink.Key)
            ? Problem.Invalid("spec.outputSink.configMap is where the samples are; the result would replace them: use another key", "spec.outputSink.configMap")
            : null;

    /// <summary>A result that would be written into what the operator makes for pods to read, or into what belongs to another object.</summary>
    public static Problem? FindTaken(Eval eval, IGenkitObjects objects) =>
        eval.Spec.OutputSink.ConfigMap is { } sink && objects.FindConfigMap(eval.Namespace, sink.Name) is { } map && BelongsToSomebody(map)
            ? Problem.Invalid($"spec.outputSink.configMap.name {Names.Quoted(sink.Name)} belongs to another object, which reads it; name a ConfigMap of its own for results", "spec.outputSink.configMap.name")
            : null;

    private static bool BelongsToSomebody(KubeObject map) =>
        map.ControllerOwner is not null || map.Labels.GetValueOrDefault(GenkitApi.ManagedByLabel) == GenkitApi.ManagedByValue;

    private static string? FindMistake(string schedule)
    {
        try
        {
            _ = new CronSchedule(schedule);
            return null;
        }
        catch (FormatException exception)
        {
            return exception.Message;
        }
    }
}
