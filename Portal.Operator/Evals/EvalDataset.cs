using Portal.Operator.Datasets;

namespace Portal.Operator.Evals;

/// <summary>How an evaluation gets its samples.</summary>
/// <param name="Format">How they are written.</param>
/// <param name="ConfigMap">ConfigMap to mount; null when the runner fetches a uri.</param>
/// <param name="Inline">The ConfigMap's only file, when the samples are in the Dataset itself.</param>
internal sealed record EvalDataset(string Format, string? ConfigMap, string? Inline)
{
    public string Key => $"data.{Format}";

    public const string OwnedSuffix = "-dataset";

    /// <summary>Name of the ConfigMap that is made for samples written in the Dataset.</summary>
    public static string OwnedName(Eval eval) => eval.Name + OwnedSuffix;

    public static EvalDataset Of(EvalPlan plan)
    {
        var (spec, owned) = (plan.Dataset.Spec, OwnedName(plan.Eval));
        return spec.Source switch
        {
            { ConfigMapRef.Name: { Length: > 0 } name } => new(spec.Format, name, null),
            { Inline: JsonValue value } when value.TryGetValue(out string? text) => new(spec.Format, owned, text),
            { Inline: { } inline } => Written(DatasetSamples.Of(inline, spec.Format), spec.Format, owned),
            _ => new(spec.Format, null, null),
        };
    }

    /// <summary>Samples written as objects are handed on as JSON, whatever the format says.</summary>
    private static EvalDataset Written(IReadOnlyList<JsonNode?> samples, string format, string configMap) => format == "jsonl"
        ? new(format, configMap, string.Join('\n', samples.Select(sample => sample?.ToJsonString() ?? "null")))
        : new("json", configMap, new JsonArray([.. samples.Select(sample => sample?.DeepClone())]).ToJsonString());
}
