using Portal.Kubernetes.Runtime;
using Portal.Operator.Reconciliation;

namespace Portal.Operator.Datasets;

/// <summary>Ready means: there is one source, and its samples can be read and fit the schema. Samples behind a uri are not looked at.</summary>
internal sealed class DatasetReconciler(ObjectStore<Dataset> store, IGenkitObjects objects, StatusWriter writer)
    : KindReconciler<Dataset, DatasetStatus>(store, writer)
{
    protected override Verdict<DatasetStatus> Judge(Dataset target) => Judge(target, objects);

    internal static Verdict<DatasetStatus> Judge(Dataset target, IGenkitObjects objects)
    {
        var spec = target.Spec;
        var map = spec.Source.ConfigMapRef?.Name ?? "";
        var uri = spec.Source.Uri ?? "";
        if ((spec.Source.Inline is null ? 0 : 1) + (map.Length > 0 ? 1 : 0) + (uri.Length > 0 ? 1 : 0) != 1)
        {
            return NotReady(Problem.Invalid("spec.source must set exactly one of inline, configMapRef, or uri"));
        }

        if (uri.Length > 0)
        {
            return Resolved(-1);
        }

        var (text, key, problem) = map.Length > 0 ? Text(target, map, objects) : (null, "inline payload", null);
        if (problem is not null)
        {
            return NotReady(problem);
        }

        try
        {
            var samples = text is null ? DatasetSamples.Of(spec.Source.Inline!, spec.Format) : DatasetSamples.Of(text, spec.Format);
            for (var number = 0; number < samples.Count; number++)
            {
                if (SampleSchema.FindMismatch(spec.Schema, spec.Format == "csv" ? SampleSchema.Typed(spec.Schema, samples[number]) : samples[number]) is { } mismatch)
                {
                    return NotReady(Problem.Invalid($"sample {number + 1} does not fit spec.schema: {mismatch}"));
                }
            }

            return Resolved(samples.Count);
        }
        catch (FormatException exception)
        {
            return NotReady(Problem.Invalid($"{key} could not be parsed as {spec.Format}: {exception.Message}"));
        }
    }

    private static (string? Text, string Key, Problem? Problem) Text(Dataset target, string name, IGenkitObjects objects)
    {
        if (objects.FindConfigMap(target.Namespace, name) is not { } map)
        {
            return (null, "", Problem.Missing($"configmap {Names.Quoted(name)} not found"));
        }

        var data = map.Json["data"] as JsonObject ?? [];
        foreach (var key in DatasetSamples.Keys(target.Spec.Format))
        {
            if (data[key] is { } text)
            {
                return (text.ToString(), key, null);
            }
        }

        return (null, "", Problem.Invalid($"configmap {Names.Quoted(name)} has no data.json key"));
    }

    private static Verdict<DatasetStatus> Resolved(long count) =>
        new(new() { SampleCount = count }, [ConditionOf.Ready($"dataset source resolved (samples={count})")]);
}
