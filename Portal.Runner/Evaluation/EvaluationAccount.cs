using Portal.Runner.Budgets;
using Portal.Runner.Content;
using Portal.Runner.Contract;
using Portal.Runner.Hosting;
using Portal.Runner.Usage;

namespace Portal.Runner.Evaluation;

/// <summary>
/// An evaluation's account with the portal: tells it what judging used, and waits while a budget is used up. A run that waits goes on where it was, so that
/// nothing is asked or paid twice. Where no portal is told of calls, nothing waits.
/// </summary>
internal sealed partial class EvaluationAccount : IAsyncDisposable
{
    // The portal is asked beside the start; a run must not be over before it has answered.
    private static readonly TimeSpan s_firstWord = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_poll = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_drain = TimeSpan.FromSeconds(8);

    private readonly string? _namespace;
    private readonly string? _eval;
    private readonly string? _flow;
    private readonly BudgetGate _gate;
    private readonly HttpMessageInvoker _client;
    private readonly UsageReporter _reporter;
    private readonly BudgetWatch _watch;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private string? _told;

    private EvaluationAccount(UsageOptions options, string? @namespace, string? eval, string? flow, ILoggerFactory loggers, TimeProvider timeProvider)
    {
        (_namespace, _eval, _flow, _timeProvider, _logger) = (@namespace, eval, flow, timeProvider, loggers.CreateLogger<EvaluationAccount>());
        _gate = new BudgetGate(timeProvider);
        _client = UsageDelivery.CreateClient();
        _reporter = new UsageReporter(options, _client, timeProvider, loggers.CreateLogger<UsageReporter>());
        _watch = new BudgetWatch(_gate, new ContentKeeper(timeProvider), options, @namespace, _client, timeProvider, loggers.CreateLogger<BudgetWatch>());
    }

    /// <summary>Null where no portal is told of calls.</summary>
    /// <exception cref="EvaluationException">The variables are wrong, or the spool cannot be used.</exception>
    public static EvaluationAccount? Open(Func<string, string?> variables, EvaluationOptions run, ILoggerFactory loggers, TimeProvider timeProvider)
    {
        List<string> errors = [];
        var options = UsageOptions.Read(variables, errors);
        if (errors.Count > 0)
        {
            throw new EvaluationException(EvaluationExit.BadConfiguration, string.Join("; ", errors));
        }

        try
        {
            var place = variables(RuntimeLayout.NamespaceVariable) is { Length: > 0 } name ? name : null;
            // Budgets know a flow of a FlowSet by both names.
            var flow = run is { FlowSetName: { } set, FlowName: { } member } ? $"{set}/{member}" : run.FlowName;
            return options is null ? null : new EvaluationAccount(options, place, run.EvalName, flow, loggers, timeProvider);
        }
        catch (StartupException exception)
        {
            throw new EvaluationException(EvaluationExit.BadConfiguration, exception.Message, exception);
        }
    }

    /// <summary>Counts a question to the judge, however it ended.</summary>
    public void Report(UsageRecord judged) => _reporter.Report(judged with { Source = UsageRecord.OfEval, Namespace = _namespace, Flow = null, Prompt = _eval });

    /// <summary>Waits while a budget stops calls of the flow that is measured.</summary>
    public Task WaitForFlowAsync(CancellationToken cancellationToken) => WaitAsync(new BudgetedCall(_namespace, _flow), cancellationToken);

    /// <summary>Waits while a budget stops the judge.</summary>
    public Task WaitForJudgeAsync(CancellationToken cancellationToken) => WaitAsync(new BudgetedCall(_namespace, Flow: null), cancellationToken);

    /// <summary>Gives what was used to the portal; what it does not take in time stays in the spool.</summary>
    public async ValueTask DisposeAsync()
    {
        await _watch.DisposeAsync();
        await _reporter.DrainAsync(s_drain);
        await _reporter.DisposeAsync();
        _client.Dispose();
    }

    private async Task WaitAsync(BudgetedCall call, CancellationToken cancellationToken)
    {
        if (!_watch.AskedOnce.IsCompleted)
        {
            await _watch.AskedOnce.WaitAsync(s_firstWord, _timeProvider, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
        }

        var waited = false;
        while (_gate.Find(call) is { } stop)
        {
            waited = true;
            if (Interlocked.Exchange(ref _told, stop.Id) != stop.Id)
            {
                Log.Waits(_logger, stop.Explain());
            }

            await Task.Delay(s_poll, _timeProvider, cancellationToken);
        }

        if (waited && Interlocked.Exchange(ref _told, null) is not null)
        {
            Log.GoesOn(_logger);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(50, LogLevel.Warning, "The evaluation waits: {Reason}")]
        public static partial void Waits(ILogger logger, string reason);

        [LoggerMessage(51, LogLevel.Information, "The evaluation goes on")]
        public static partial void GoesOn(ILogger logger);
    }
}
