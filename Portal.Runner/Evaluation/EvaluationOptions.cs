using Portal.Runner.Contract;
using Portal.Runner.Evaluation.Datasets;

namespace Portal.Runner.Evaluation;

/// <summary>What an Eval job was asked to do by its <c>EVAL_*</c> variables, but for metrics and sink, which are made of parts.</summary>
internal sealed record EvaluationOptions
{
    /// <summary>Its presence makes the runner evaluate rather than serve.</summary>
    public const string FlowUrlVariable = "EVAL_FLOW_URL";
    private const string FormatVariable = "EVAL_DATASET_FORMAT";

    /// <summary>Where the operator mounts a dataset, below the root.</summary>
    public const string DatasetDirectory = "dataset";

    public required string RunId { get; init; }

    /// <summary>The flow's route.</summary>
    public required Uri FlowAddress { get; init; }
    public string? FlowName { get; init; }

    /// <summary>The FlowSet of the flow; null when it is none's.</summary>
    public string? FlowSetName { get; init; }
    public string? EvalName { get; init; }
    public string? DatasetName { get; init; }
    public required DatasetSource Dataset { get; init; }
    public JsonNode? RowSchema { get; init; }
    public int Concurrency { get; init; } = 1;
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(120);
    public int Retries { get; init; } = 2;

    /// <summary>Rows between two lines of the log; 0 picks about twenty lines a run.</summary>
    public int ProgressEvery { get; init; }

    public static EvaluationOptions Read(EvaluationEnvironment environment, string root)
    {
        var name = environment.Text("EVAL_FLOW_NAME") ?? environment.Text(RuntimeLayout.FlowNameVariable);
        environment.Required(FlowUrlVariable, "where the flow answers");
        return new EvaluationOptions
        {
            RunId = environment.Text("EVAL_RUN_ID") ?? Guid.CreateVersion7().ToString(),
            EvalName = environment.Text("EVAL_NAME"),
            FlowAddress = environment.Address(FlowUrlVariable) is { } url ? RouteOf(url, ref name, environment) : new Uri("http://none.invalid"),
            FlowName = name,
            FlowSetName = environment.Text(RuntimeLayout.FlowSetNameVariable),
            DatasetName = environment.Text("EVAL_DATASET_NAME"),
            Dataset = ReadSource(environment, root),
            RowSchema = environment.Json("EVAL_DATASET_SCHEMA"),
            Concurrency = environment.Number("EVAL_CONCURRENCY", 1, 1, 256),
            Timeout = TimeSpan.FromSeconds(environment.Number("EVAL_TIMEOUT_SECONDS", 120, 1, 3600)),
            Retries = environment.Number("EVAL_RETRIES", 2, 0, 10),
            ProgressEvery = environment.Number("EVAL_PROGRESS_EVERY", 0, 0, DatasetParser.MaxRows),
        };
    }

    /// <summary>An address without a path gets the flow's name; a Service has the name of its flow.</summary>
    private static Uri RouteOf(Uri url, ref string? name, EvaluationEnvironment environment)
    {
        if (url.AbsolutePath != "/")
        {
            name ??= url.AbsolutePath.Split('/')[^1];
            return url;
        }

        var labels = url.Host.Split('.');
        name ??= labels.Length > 1 && labels.Contains("svc") ? labels[0] : null;
        if (name is null)
        {
            environment.Errors.Add($"{FlowUrlVariable} has no path, and nothing says the flow's name: add the path, or set EVAL_FLOW_NAME");
            return url;
        }

        return new Uri(url, Uri.EscapeDataString(name));
    }

    private static DatasetSource ReadSource(EvaluationEnvironment environment, string root)
    {
        var mount = Path.Combine(root, DatasetDirectory);
        var (inline, file, configMap) = (environment.Text("EVAL_DATASET_INLINE"), environment.Text("EVAL_DATASET_FILE"), environment.Text("EVAL_DATASET_CONFIGMAP"));
        if (inline is null && file is null && Directory.Exists(mount))
        {
            file = mount; // what is mounted is also named: EVAL_DATASET_CONFIGMAP, EVAL_DATASET_URI
        }

        var uri = inline is null && file is null ? environment.Address("EVAL_DATASET_URI") : null;
        if (inline is null && file is null && configMap is null && environment.Text("EVAL_DATASET_URI") is null)
        {
            environment.Errors.Add($"there is no dataset: set EVAL_DATASET_FILE, EVAL_DATASET_URI, EVAL_DATASET_CONFIGMAP or EVAL_DATASET_INLINE, or mount one at {mount}");
        }

        return new DatasetSource
        {
            Inline = inline,
            Path = inline is null ? file : null,
            Uri = uri,
            ConfigMap = configMap,
            Key = environment.Text("EVAL_DATASET_KEY"),
            Format = FormatOf(environment, file ?? uri?.AbsolutePath),
            MaxBytes = environment.Number("EVAL_DATASET_MAX_BYTES", 20 * 1024 * 1024, 1, 1024 * 1024 * 1024),
        };
    }

    private static string FormatOf(EvaluationEnvironment environment, string? path)
    {
        var format = (environment.Text(FormatVariable) ?? Path.GetExtension(path ?? "").TrimStart('.')).ToLowerInvariant();
        if (DatasetParser.Formats.Contains(format))
        {
            return format;
        }

        if (environment.Text(FormatVariable) is { } written)
        {
            environment.Errors.Add($"{FormatVariable}: \"{written}\" is none of {string.Join(", ", DatasetParser.Formats)}");
        }

        return "json";
    }
}
