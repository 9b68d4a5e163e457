using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Portal.Kubernetes.Objects;
using Portal.Operator.Api;
using Portal.Operator.Manifests;

namespace Portal.Operator.Evals;

/// <summary>Measures a Flow with a Dataset, once or on a schedule.</summary>
[CustomResource("eval", "gev")]
[Description("Eval measures a Flow with the samples of a Dataset, once and after every change, or on a schedule.")]
[PrintColumn("Flow", "string", ".spec.flowRef.name")]
[PrintColumn("Dataset", "string", ".spec.datasetRef.name")]
[PrintColumn("Schedule", "string", ".spec.schedule")]
[PrintColumn("Active", "string", ".status.activeJob")]
[PrintColumn("LastRun", "date", ".status.lastRunTime")]
[PrintColumn("Ready", "string", PrintColumnAttribute.ReadyPath)]
public sealed class Eval(JsonObject json) : KubeObject<EvalSpec, EvalStatus>(json), IKubeKind<Eval>
{
    public static ResourceDefinition Definition { get; } = GenkitApi.Namespaced("Eval", "evals");

    public static Eval FromJson(JsonObject json) => new(json);
}

public sealed record EvalSpec
{
    [Description("Samples evaluated at a time.")]
    [Range(1, int.MaxValue)]
    [DefaultValue(1)]
    public int? Concurrency { get; init; }

    [Description("Dataset with the samples.")]
    [Required]
    public LocalReference DatasetRef { get; init; } = new();

    [Description("Flow to measure, or one flow of a FlowSet.")]
    [Required]
    public EvalFlowReference FlowRef { get; init; } = new();

    [Description("What is measured, such as exact_match, similarity, faithfulness, correctness or latency.")]
    [Required]
    [MinLength(1)]
    public IReadOnlyList<string> Metrics { get; init; } = [];

    [Description("Where the result goes. Set exactly one member.")]
    [Required]
    public EvalSink OutputSink { get; init; } = new();

    [Description("Image of the runner that evaluates.")]
    [Required]
    [MinLength(1)]
    public string RunnerImage { get; init; } = "";

    [Description("When to run, as five cron fields; empty runs once, and again after a change.")]
    public string? Schedule { get; init; }
}

/// <summary>Names what is measured, in the Eval's own namespace.</summary>
[AtomicMap]
public sealed record EvalFlowReference
{
    public const string FlowSetKind = "FlowSet";

    [Description("Name of a flow of the FlowSet. With kind FlowSet only.")]
    public string? Flow { get; init; }

    [Description("Flow, which is meant when absent, or FlowSet.")]
    [AllowedValues("Flow", FlowSetKind)]
    public string? Kind { get; init; }

    [Description("Name of an object in the same namespace.")]
    [DefaultValue("")]
    public string Name { get; init; } = "";
}

public sealed record EvalSink
{
    [Description("A key of a ConfigMap in the same namespace; its value is read back into the status.")]
    public ConfigMapSink? ConfigMap { get; init; }

    [Description("A bucket of an S3-compatible store.")]
    public S3Sink? S3 { get; init; }
}

public sealed record ConfigMapSink
{
    [Description("Key the result is written under.")]
    [Required]
    public string Key { get; init; } = "";

    [Description("Name of the ConfigMap; made when there is none.")]
    [Required]
    public string Name { get; init; } = "";
}

public sealed record S3Sink
{
    [Description("Name of the bucket.")]
    [Required]
    public string Bucket { get; init; } = "";

    [Description("Secret with the store's credentials, given to the runner as variables.")]
    [Required]
    public LocalReference CredentialsRef { get; init; } = new();

    [Description("What the names of the objects begin with.")]
    public string? Prefix { get; init; }
}

public sealed record EvalStatus : GenkitStatus
{
    [Description("Name of the Job that runs now.")]
    public string? ActiveJob { get; init; }

    [Description("The result document of the last run, as the runner wrote it.")]
    public JsonNode? LastRunResult { get; init; }

    [Description("When the last run ended well.")]
    [DataType(DataType.DateTime)]
    public string? LastRunTime { get; init; }
}
