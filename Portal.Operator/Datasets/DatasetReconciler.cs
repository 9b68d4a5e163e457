using Portal.Kubernetes.Runtime;
using Portal.Operator.Admission;
using Portal.Operator.Reconciliation;

namespace Portal.Operator.Datasets;

/// <summary>Ready means: there is one source, and its samples can be read and fit the schema. Samples behind a uri are not looked at.</summary>
internal sealed class DatasetReconciler(ObjectStore<Dataset> store, IGenkitObjects objects, StatusWriter writer)
    : KindReconciler<Dataset, DatasetStatus>(store, writer)
{
    protected override Verdict<DatasetStatus> Judge(Dataset target) => Judge(target, objects);

    internal static Verdict<DatasetStatus> Judge(Dataset target, IGenkitObjects objects) => Read(target, objects) switch
    {
        (_, { } problem) => NotReady(problem),
        var (count, _) => new(new() { SampleCount = count }, [ConditionOf.Ready($"dataset source resolved (samples={count})")]),
    };

    /// <summary>How many samples there are, or why they cannot be used.</summary>
    internal static (long Count, Problem? Problem) Read(Dataset target, IGenkitObjects objects)
    {
        var spec = target.Spec;
        var map = spec.Source.ConfigMapRef?.Name ?? "";
        var uri = spec.Source.Uri ?? "";
        if ((spec.Source.Inline is null ? 0 : 1) + (map.Length > 0 ? 1 : 0) + (uri.Length > 0 ? 1 : 0) != 1)
        {
            return (0, Problem.Invalid("spec.source must set exactly one of inline, configMapRef, or uri", "spec.source"));
        }

        if (uri.Length > 0)
        {
            return (-1, null);
        }

        var (text, key, problem) = map.Length > 0 ? Text(target, map, objects) : (null, "inline payload", null);
        if (problem is not null)
        {
            return (0, problem);
        }

        try
        {
            var samples = text is null ? DatasetSamples.Of(spec.Source.Inline!, spec.Format) : DatasetSamples.Of(text, spec.Format);
            for (var number = 0; number < samples.Count; number++)
            {
                if (SampleSchema.FindMismatch(spec.Schema, spec.Format == "csv" ? SampleSchema.Typed(spec.Schema, samples[number]) : samples[number]) is { } mismatch)
                {
                    return (0, InSource($"sample {number + 1} does not fit spec.schema: {mismatch}", text));
                }
            }

            return (samples.Count, null);
        }
        catch (FormatException exception)
        {
            return (0, InSource($"{key} could not be parsed as {spec.Format}: {exception.Message}", text));
        }
    }

    private static (string? Text, string Key, Problem? Problem) Text(Dataset target, string name, IGenkitObjects objects)
    {
        if (objects.FindConfigMap(target.Namespace, name) is not { } map)
        {
            return (null, "", Problem.NotFound("configmap", name, "spec.source.configMapRef.name"));
        }

        var data = map.Json["data"] as JsonObject ?? [];
        foreach (var key in DatasetSamples.Keys(target.Spec.Format))
        {
            if (data[key] is { } text)
            {
                return (text.ToString(), key, null);
            }
        }

        return (null, "", InSource($"configmap {Names.Quoted(name)} has no data.json key", ""));
    }

    /// <summary>A ConfigMap can be mended without a change of the Dataset; what is written in place cannot.</summary>
    private static Problem InSource(string message, string? text) => text is null
        ? Problem.Invalid(message, "spec.source.inline")
        : Problem.Invalid(message, "spec.source.configMapRef") with { Weight = FindingWeight.Warning };
}
