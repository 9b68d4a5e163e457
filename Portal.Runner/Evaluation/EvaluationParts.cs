using Portal.Runner.Aws;
using Portal.Runner.Contract;
using Portal.Runner.Engine;
using Portal.Runner.Evaluation.Cluster;
using Portal.Runner.Evaluation.Metrics;
using Portal.Runner.Evaluation.Sinks;
using Portal.Runner.Flows;
using Portal.Runner.Hosting;
using Portal.Runner.Providers;

namespace Portal.Runner.Evaluation;

/// <summary>Makes metrics, judge and sink from the variables.</summary>
internal sealed class EvaluationParts(
    EvaluationEnvironment environment, string root, ProviderCatalog providers, HttpClient client, Func<ClusterApi> cluster, TimeProvider timeProvider)
{
    private const string JudgeModel = "EVAL_JUDGE_MODEL";
    private const string JudgeConfig = "EVAL_JUDGE_CONFIG";
    private const string SinkKind = "EVAL_SINK_KIND";

    /// <summary>The metrics, and the judge when one of them needs it; otherwise it does not matter whether there is one.</summary>
    public (IReadOnlyList<NamedMetric> Metrics, Judge? Judge) ReadMetrics(TimeSpan judgeTimeout)
    {
        var judge = new Lazy<Judge>(() => ReadJudge(judgeTimeout));
        const string Variable = "EVAL_METRICS";
        var prices = environment.Json("EVAL_PRICES") is { } written ? environment.Try("EVAL_PRICES", () => new Prices(written)) : null;
        var parts = new MetricParts(prices, environment.Schema("EVAL_OUTPUT_SCHEMA"), judge, EvaluationEnvironment.ReadJson);
        var list = environment.Required(Variable, $"name one or more of {string.Join(", ", MetricCatalog.Names)}");
        var names = environment.Try(Variable, () => MetricCatalog.Split(list)) ?? [];
        if (list.Length > 0 && names.Count == 0)
        {
            environment.Errors.Add($"{Variable} names no metric; known: {string.Join(", ", MetricCatalog.Names)}");
        }

        var metrics = names.Distinct(StringComparer.Ordinal).Select(name => environment.Try(Variable, () => MetricCatalog.Create(name, parts))).OfType<NamedMetric>().ToList();
        return (metrics, judge.IsValueCreated ? judge.Value : null);
    }

    /// <summary>Null: the result goes to standard output.</summary>
    public IResultSink? ReadSink(string runId) => environment.Text(SinkKind)?.ToLowerInvariant() switch
    {
        null => null,
        "configmap" => ReadConfigMap(),
        "s3" => ReadS3(runId),
        "file" => new FileSink(environment.Required("EVAL_SINK_PATH", "the file to write")),
        var other => Unknown(other),
    };

    /// <summary>A model by name with credentials of the environment, or a config.json of the runtime contract.</summary>
    /// <exception cref="FormatException">There is none, or it cannot be asked.</exception>
    private Judge ReadJudge(TimeSpan timeout)
    {
        var (model, file) = (environment.Text(JudgeModel), environment.Text(JudgeConfig));
        if (model is null && file is null)
        {
            throw new FormatException($"set {JudgeModel} to provider/model, or {JudgeConfig} to a config.json");
        }

        try
        {
            var config = file is null ? new RuntimeConfig() : ContractFile.Read(file, RuntimeJson.Default.RuntimeConfig);
            return CreateJudge(model is null ? config : config with { DefaultModel = ModelOf(model, config) }, timeout);
        }
        catch (Exception exception) when (exception is StartupException or GenkitException or FormatException)
        {
            throw new FormatException($"{(file is null ? JudgeModel : JudgeConfig)}: {exception.Message}", exception);
        }
    }

    private static RuntimeModel ModelOf(string name, RuntimeConfig config) =>
        name.Split('/', 2) is [{ Length: > 0 } provider, { Length: > 0 } model]
            ? new RuntimeModel { Provider = provider, Model = model, Config = config.DefaultModel?.Config }
            : throw new FormatException($"\"{name}\" is not a full model name; write it as provider/model, such as \"openai/gpt-5\"");

    private Judge CreateJudge(RuntimeConfig config, TimeSpan timeout)
    {
        var chosen = config.DefaultModel ?? throw new FormatException($"has no defaultModel; add one, or set {JudgeModel}");
        if (!providers.TryGet(chosen.Provider, out var provider))
        {
            throw new FormatException($"unknown provider \"{chosen.Provider}\"; supported: {string.Join(", ", providers.Names)}");
        }

        config = config with { Plugin = config.Plugin ?? new RuntimePlugin { Type = chosen.Provider } };
        ICredentials credentials = FlowFolder.Rebase(root, config.CredentialsDir) is { } directory
            ? new DirectoryCredentials(directory, providers.SettingVariables)
            : new EnvironmentCredentials();
        ModelChoice.FindCredential(provider, config, credentials);
        ModelChoice.FindBaseUrl(provider, config.Plugin, credentials);
        return new Judge(new FlowEngine(providers, timeProvider), config, credentials, timeout);
    }

    /// <summary>Whether there is an API server to write to is known before the first row costs money.</summary>
    private ConfigMapSink ReadConfigMap()
    {
        environment.Try(SinkKind, cluster);
        return new ConfigMapSink(cluster, environment.Required("EVAL_SINK_NAME", "the ConfigMap"), environment.Required("EVAL_SINK_KEY", "the key in the ConfigMap"));
    }

    private S3Sink ReadS3(string runId)
    {
        var bucket = environment.Required("EVAL_SINK_BUCKET", "the bucket");
        var endpoint = environment.Address("EVAL_SINK_ENDPOINT") ?? environment.Address("AWS_ENDPOINT_URL_S3") ?? environment.Address("AWS_ENDPOINT_URL");
        var region = environment.Text("EVAL_SINK_REGION") ?? environment.Text("AWS_REGION") ?? environment.Text("AWS_DEFAULT_REGION") ?? "us-east-1";
        var style = environment.Text("EVAL_SINK_PATH_STYLE")?.ToLowerInvariant();
        if (style is not (null or "true" or "false"))
        {
            environment.Errors.Add("EVAL_SINK_PATH_STYLE must be true or false");
        }

        var keys = new AwsKeys
        {
            AccessKey = environment.Required(AwsKeys.AccessKeyName, "the sink's credentials Secret holds it"),
            SecretKey = environment.Required(AwsKeys.SecretKeyName, "the sink's credentials Secret holds it"),
            SessionToken = environment.Text(AwsKeys.SessionTokenName),
        };

        var pathStyle = style is "true" || (style is null && S3Place.IsPathStyle(bucket, endpoint));
        var prefix = environment.Text("EVAL_SINK_PREFIX")?.Trim('/') is { Length: > 0 } text ? $"{text}/" : "";
        var name = environment.Text("EVAL_NAME") ?? environment.Text("EVAL_DATASET_NAME") ?? "eval";
        return new S3Sink(client, new S3Place(bucket, region, endpoint, pathStyle), $"{prefix}{name}/{runId}.json", keys, timeProvider);
    }

    private IResultSink? Unknown(string kind)
    {
        environment.Errors.Add($"{SinkKind}: \"{kind}\" is none of configmap, s3, file");
        return null;
    }
}
