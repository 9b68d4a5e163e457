using System.Diagnostics;
using System.Globalization;
using Portal.Runner.Providers;
using Portal.Tests.Runner.Flows;

namespace Portal.Tests.Runner.Evaluation;

/// <summary>An Eval job as the process that a kubelet starts.</summary>
public sealed class EvaluationProcessTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private readonly ContractFolder _folder = new ContractFolder().Write("dataset/data.csv", "name\nBo\nAn\n");

    private string ResultFile => Path.Combine(_folder.Root, "result.json");

    [Fact]
    public async Task Run_Variables_EvaluatesAndEndsWithCodeZero()
    {
        await using var flow = await RunningServer.StartAsync(FakeProvider.Saying("Hello"));
        using var process = Start(new Uri(flow.Server.Address, "/hello"));

        var error = await EndAsync(process);

        Assert.Equal((0, ""), (process.ExitCode, error));
        Assert.Equal("completed", (string?)ReadResult()["status"]);
    }

    [Fact]
    public async Task Run_Terminated_WritesWhatThereIsAndSaysSo()
    {
        var (calls, second) = (0, new TaskCompletionSource());
        await using var flow = await RunningServer.StartAsync(new FakeProvider((_, cancellationToken) =>
        {
            if (Interlocked.Increment(ref calls) == 1)
            {
                return FakeProvider.Saying("Hello").StreamAsync(null!, default);
            }

            second.TrySetResult();
            return Hang(cancellationToken);
        }));
        using var process = Start(new Uri(flow.Server.Address, "/hello"));
        await second.Task.WaitAsync(s_patience);

        using var kill = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]);

        var error = await EndAsync(process);
        Assert.Equal(143, process.ExitCode);
        Assert.Equal("genkit eval: stopped after 1 of 2 rows", error.Trim());
        Assert.Equal("interrupted", (string?)ReadResult()["status"]);
    }

    [Fact]
    public async Task Run_BadConfiguration_EndsWithOneLineAndCodeTwo()
    {
        using var process = Start(new Uri("http://127.0.0.1:1"));

        var error = await EndAsync(process);

        Assert.Equal(2, process.ExitCode);
        Assert.Contains("EVAL_FLOW_NAME", Assert.Single(error.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private JsonObject ReadResult() => JsonNode.Parse(File.ReadAllText(ResultFile))!.AsObject();

    private static async Task<string> EndAsync(Process process)
    {
        using var limit = new CancellationTokenSource(s_patience);
        var log = process.StandardOutput.ReadToEndAsync(limit.Token);
        var error = await process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        await log;
        return error;
    }

    private Process Start(Uri flow) => Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Portal.Runner.dll"), "--root", _folder.Root])
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        Environment =
        {
            ["EVAL_FLOW_URL"] = flow.ToString(),
            ["EVAL_DATASET_FORMAT"] = "csv",
            ["EVAL_METRICS"] = "latency",
            ["EVAL_SINK_KIND"] = "file",
            ["EVAL_SINK_PATH"] = ResultFile,
        },
    })!;

    private static async IAsyncEnumerable<ModelChunk> Hang([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        yield break;
    }
}
