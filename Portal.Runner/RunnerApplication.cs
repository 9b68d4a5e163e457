using Portal.Runner.Evaluation;
using Portal.Runner.Hosting;
using Portal.Runner.Providers;
using Portal.Runner.Telemetry;

namespace Portal.Runner;

/// <summary>
/// The flow runner as a process. Prints <c>Listening on URL</c> when it is ready. Exit code 0 after a graceful stop,
/// 1 with one line on standard error when it cannot start. With <c>EVAL_FLOW_URL</c> in the environment it runs an evaluation instead, and ends.
/// </summary>
public static class RunnerApplication
{
    public static async Task<int> RunAsync(string[] args)
    {
        if (EvaluationApplication.IsWanted(Environment.GetEnvironmentVariable))
        {
            return await EvaluationApplication.RunAsync(args, LogToConsole);
        }

        try
        {
            var options = RunnerOptions.Parse(args, Environment.GetEnvironmentVariable);
            using var stop = new CancellationTokenSource();
            if (options.ExitWithStdin)
            {
                StandardInput.WhenClosed(stop.Cancel);
            }

            if (OtlpExport.FindProblem(Environment.GetEnvironmentVariable) is { } problem)
            {
                throw new StartupException(problem);
            }

            using var export = OtlpExport.Start(options.FlowName ?? options.FlowSetName ?? "genkit-runner", Environment.GetEnvironmentVariable);
            using var client = ProviderCatalog.CreateHttpClient();
            await using var server = await RunnerServer.StartAsync(
                options, ProviderCatalog.Create(client, TimeProvider.System), TimeProvider.System, LogToConsole, stop.Token);
            Console.WriteLine($"Listening on {server.Address.GetLeftPart(UriPartial.Authority)}");
            await server.WaitForStopAsync(stop.Token);
            return 0;
        }
        catch (StartupException exception)
        {
            await Console.Error.WriteLineAsync($"genkit runner: {exception.Message.ReplaceLineEndings(" ")}");
            return 1;
        }
        catch (OperationCanceledException)
        {
            return 0; // standard input closed before the start was done
        }
    }

    private static void LogToConsole(ILoggingBuilder logging) => logging
        .AddFilter("Microsoft", LogLevel.Warning)
        .AddJsonConsole(static console =>
        {
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
        });
}
