using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Portal.Kubernetes.Objects;
using Portal.Operator.Api;
using Portal.Operator.Manifests;

namespace Portal.Operator.Datasets;

/// <summary>Samples that flows are evaluated with.</summary>
[CustomResource("dataset", "gds")]
[Description("Dataset holds, or points to, the samples that flows are evaluated with.")]
[PrintColumn("Format", "string", ".spec.format")]
[PrintColumn("Samples", "integer", ".status.sampleCount")]
[PrintColumn("Ready", "string", PrintColumnAttribute.ReadyPath)]
[PrintColumn("Age", "date", PrintColumnAttribute.AgePath)]
public sealed class Dataset(JsonObject json) : KubeObject<DatasetSpec, DatasetStatus>(json), IKubeKind<Dataset>
{
    public static ResourceDefinition Definition { get; } = GenkitApi.Namespaced("Dataset", "datasets");

    public static Dataset FromJson(JsonObject json) => new(json);
}

public sealed record DatasetSpec
{
    [Description("How the samples are written: a JSON array, one JSON value a line, or CSV with a header.")]
    [Required]
    [AllowedValues("json", "jsonl", "csv")]
    public string Format { get; init; } = "";

    [Description("JSON Schema of one sample; samples that do not fit make the Dataset not Ready.")]
    public JsonNode? Schema { get; init; }

    [Description("Where the samples are. Set exactly one member.")]
    [Required]
    public DatasetInput Source { get; init; } = new();
}

public sealed record DatasetInput
{
    [Description("A ConfigMap in the same namespace with the samples under data.<format> or data.json.")]
    public LocalReference? ConfigMapRef { get; init; }

    [Description("The samples themselves: an array of them, or text in the format.")]
    public JsonNode? Inline { get; init; }

    [Description("Address of the samples; read by the evaluation, not by the operator.")]
    public string? Uri { get; init; }
}

public sealed record DatasetStatus : GenkitStatus
{
    [Description("Number of samples; -1 when they are behind a uri.")]
    public long? SampleCount { get; init; }
}
