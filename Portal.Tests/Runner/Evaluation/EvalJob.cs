using Microsoft.Extensions.Logging;
using Portal.Runner.Evaluation;
using Portal.Runner.Providers;

namespace Portal.Tests.Runner.Evaluation;

/// <summary>An Eval job in this process: variables in, exit code, standard output and error out.</summary>
internal sealed class EvalJob
{
    private readonly Dictionary<string, string> _variables = new(StringComparer.Ordinal);
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    /// <summary>The models a judge may be.</summary>
    public ProviderCatalog Providers { get; init; } = new([]);
    public string Root { get; init; } = "/no/such/root";
    public string Output => _output.ToString();
    public string Error => _error.ToString();

    /// <summary>The result on standard output.</summary>
    public JsonObject Result => JsonNode.Parse(Output)!.AsObject();

    /// <summary>A job against a flow, without a sink.</summary>
    public static EvalJob Of(Uri flow, string metrics, string rows) =>
        new EvalJob().Set("EVAL_FLOW_URL", flow.ToString()).Set("EVAL_METRICS", metrics).Set("EVAL_DATASET_INLINE", rows).Set("EVAL_RETRIES", "0");

    public EvalJob Set(string variable, string value)
    {
        _variables[variable] = value;
        return this;
    }

    public EvalJob Unset(string variable)
    {
        _variables.Remove(variable);
        return this;
    }

    public Task<EvaluationExit> RunAsync(CancellationToken stop = default) => RunAsync(TimeProvider.System, stop);

    public Task<EvaluationExit> RunAsync(TimeProvider timeProvider, CancellationToken stop = default) => EvaluationApplication.RunAsync(
        name => _variables.GetValueOrDefault(name), Root, Providers, timeProvider, static logging => logging.ClearProviders(), _output, _error, stop);
}
