using System.Runtime.InteropServices;
using System.Text;
using Portal.Runner.Evaluation.Cluster;
using Portal.Runner.Evaluation.Datasets;
using Portal.Runner.Evaluation.Metrics;
using Portal.Runner.Evaluation.Results;
using Portal.Runner.Evaluation.Sinks;
using Portal.Runner.Hosting;
using Portal.Runner.Providers;
using Portal.Runner.Tools;

namespace Portal.Runner.Evaluation;

/// <summary>An Eval job as a process: reads the dataset, runs the flow, scores, writes the result, and ends with an <see cref="EvaluationExit"/>.</summary>
internal static partial class EvaluationApplication
{
    // A pod has 30 seconds between SIGTERM and SIGKILL.
    private static readonly TimeSpan s_writeLimit = TimeSpan.FromSeconds(20);

    /// <summary>Whether the process was started for an evaluation.</summary>
    public static bool IsWanted(Func<string, string?> environment) => environment(EvaluationOptions.FlowUrlVariable) is not null;

    /// <summary>Runs until done, or until a signal or the parent ends it.</summary>
    public static async Task<int> RunAsync(string[] args, Action<ILoggingBuilder> logging)
    {
        using var stop = new CancellationTokenSource();
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        try
        {
            var host = RunnerOptions.Parse(args, Environment.GetEnvironmentVariable);
            if (host.ExitWithStdin)
            {
                StandardInput.WhenClosed(stop.Cancel);
            }

            using var client = ProviderCatalog.CreateHttpClient();
            return (int)await RunAsync(
                Environment.GetEnvironmentVariable, host.Root, ProviderCatalog.Create(client, TimeProvider.System), TimeProvider.System, logging, Console.Out, Console.Error, stop.Token);
        }
        catch (StartupException exception)
        {
            await FailAsync(Console.Error, exception.Message);
            return (int)EvaluationExit.BadConfiguration;
        }

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }
    }

    /// <summary>The same with all that surrounds a process given. Throws nothing: what goes wrong is an exit code and a line on <paramref name="error"/>.</summary>
    public static async Task<EvaluationExit> RunAsync(
        Func<string, string?> variables, string root, ProviderCatalog providers, TimeProvider timeProvider, Action<ILoggingBuilder> logging,
        TextWriter output, TextWriter error, CancellationToken stop)
    {
        using var client = ProviderCatalog.CreateHttpClient();
        using var datasets = DatasetSource.CreateHttpClient();
        using var flowClient = ToolNetwork.FromEnvironment(variables).CreateFlowClient();
        var last = TerminationLog.Of(variables);
        ClusterApi? opened = null;
        Func<ClusterApi> cluster = () => opened ??= ClusterApi.Open(ServiceAccount.Find(variables), timeProvider);
        try
        {
            var environment = new EvaluationEnvironment(variables);
            var options = EvaluationOptions.Read(environment, root);
            var parts = new EvaluationParts(environment, root, providers, client, cluster, timeProvider);
            var (metrics, judge) = parts.ReadMetrics(options.Timeout);
            var sink = parts.ReadSink(options.RunId);
            if (environment.Errors.Count > 0)
            {
                throw new EvaluationException(EvaluationExit.BadConfiguration, string.Join("; ", environment.Errors));
            }

            var rows = await ReadDatasetAsync(options, datasets, cluster, stop);
            var flow = new FlowClient(flowClient, options.FlowAddress, options.Timeout, options.Retries, timeProvider);
            using var loggers = LoggerFactory.Create(logging);
            await using var account = EvaluationAccount.Open(variables, options, loggers, timeProvider);
            if (judge is not null)
            {
                judge.Account = account;
            }

            var (document, exit) = await RunAsync(options, rows, flow, metrics, judge, account, loggers, timeProvider, stop);
            await WriteAsync(document, sink, output);
            await last.WriteAsync(document.WriteTotals());
            return exit switch
            {
                EvaluationExit.FlowUnreachable => throw new EvaluationException(exit, $"not one row reached the flow: {document.Rows[0].Reply.Error}"),
                EvaluationExit.Interrupted => throw new EvaluationException(exit, $"stopped after {document.Rows.Count} of {document.Total} rows"),
                _ => exit,
            };
        }
        catch (EvaluationException exception)
        {
            await FailAsync(error, exception.Message);
            await last.WriteAsync(exception.Message);
            return exception.Exit;
        }
        catch (OperationCanceledException)
        {
            await FailAsync(error, "stopped before the first row");
            return EvaluationExit.Interrupted;
        }
        finally
        {
            opened?.Dispose();
        }
    }

    private static async Task<IReadOnlyList<DatasetRow>> ReadDatasetAsync(EvaluationOptions options, HttpClient client, Func<ClusterApi> cluster, CancellationToken stop)
    {
        var bytes = await options.Dataset.ReadAsync(client, cluster, stop);
        try
        {
            return DatasetParser.Parse(bytes, options.Dataset.Format, options.RowSchema);
        }
        catch (FormatException exception)
        {
            throw options.Dataset.Unreadable(exception.Message, exception);
        }
    }

    private static async Task<(ResultDocument Document, EvaluationExit Exit)> RunAsync(
        EvaluationOptions options, IReadOnlyList<DatasetRow> rows, FlowClient flow, IReadOnlyList<NamedMetric> metrics, Judge? judge,
        EvaluationAccount? account, ILoggerFactory loggers, TimeProvider timeProvider, CancellationToken stop)
    {
        var logger = loggers.CreateLogger("Portal.Runner.Evaluation");
        if (SchemaKeywords.FindUnchecked(options.RowSchema) is { } keyword)
        {
            Log.SchemaInPart(logger, keyword);
        }

        var run = new EvaluationRun(flow, metrics, account, options.Concurrency, options.ProgressEvery, timeProvider, logger);
        var started = timeProvider.GetUtcNow();
        Log.Starting(logger, options.RunId, rows.Count, options.FlowAddress.AbsolutePath);
        var results = (await run.RunAsync(rows, stop)).OfType<RowResult>().ToList();
        var exit = results.Count < rows.Count && !run.GaveUp ? EvaluationExit.Interrupted : run.Reached ? EvaluationExit.Done : EvaluationExit.FlowUnreachable;
        var document = new ResultDocument(options, metrics, judge)
        {
            StartedAt = started,
            FinishedAt = timeProvider.GetUtcNow(),
            Status = exit switch { EvaluationExit.Interrupted => "interrupted", EvaluationExit.FlowUnreachable => "unreachable", _ => "completed" },
            Total = rows.Count,
            Rows = results,
        };
        return (document, exit);
    }

    /// <summary>Not stopped by a signal: what was measured is not thrown away. Without a sink, or when it fails, standard output gets the whole.</summary>
    private static async Task WriteAsync(ResultDocument document, IResultSink? sink, TextWriter output)
    {
        if (sink is null)
        {
            await output.WriteLineAsync(Encoding.UTF8.GetString(document.Write(null)));
            return;
        }

        using var limit = new CancellationTokenSource(s_writeLimit);
        try
        {
            await sink.WriteAsync(document.Write(sink.MaxBytes), limit.Token);
        }
        catch (Exception exception) when (exception is FormatException or HttpRequestException or IOException or OperationCanceledException or EvaluationException)
        {
            await output.WriteLineAsync(Encoding.UTF8.GetString(document.Write(null)));
            var reason = exception is OperationCanceledException ? $"it takes longer than {s_writeLimit.TotalSeconds:0} s" : exception.Message;
            throw new EvaluationException(EvaluationExit.SinkFailed, $"the result cannot be written to {sink.Place}: {reason}", exception);
        }
    }

    private static Task FailAsync(TextWriter error, string message) => error.WriteLineAsync($"genkit eval: {message.ReplaceLineEndings(" ")}");

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Evaluation {RunId} of {Rows} rows against {Path}")]
        public static partial void Starting(ILogger logger, string runId, int rows, string path);

        [LoggerMessage(2, LogLevel.Warning, "The dataset's schema was checked in part: {Problem}")]
        public static partial void SchemaInPart(ILogger logger, string problem);
    }
}
