using Microsoft.Extensions.Logging.Abstractions;
using Portal.Embedded.Workloads;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;
using Portal.Tests.Kubernetes;

namespace Portal.Tests.Portal.Workloads;

public sealed class PodWorkerTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("portal-tests-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task StopAsync_WhileAFailureIsBeingTold_Stops()
    {
        using var server = new FakeServer();
        using var events = new EventRecorder(server.Client, "test", TimeProvider.System);
        var logs = new PodLogStore();
        using var worker = new PodWorker(Pod(), new PodEnvironment
        {
            Client = server.Client,
            Config = new FakeConfigSource(),
            Runner = RunnerCommand.Find(),
            Probe = new RunnerProbe(new HttpMessageInvoker(server, disposeHandler: false)),
            Logs = logs,
            Events = events,
            TimeProvider = TimeProvider.System,
            Logger = NullLogger.Instance,
            Flows = _root,
        });
        worker.Start();
        var telling = await server.NextAsync();
        Assert.Contains("configmap \\\"missing\\\" not found", telling.Body, StringComparison.Ordinal);

        await worker.StopAsync(quickly: true);

        Assert.Null(logs.Find("n", "p"));
    }

    private static KubeObject Pod() => new(new JsonObject
    {
        ["metadata"] = new JsonObject { ["name"] = "p", ["namespace"] = "n", ["uid"] = "u" },
        ["spec"] = new JsonObject
        {
            ["containers"] = new JsonArray(new JsonObject
            {
                ["name"] = "flow",
                ["envFrom"] = new JsonArray(new JsonObject { ["configMapRef"] = new JsonObject { ["name"] = "missing" } }),
            }),
        },
    });
}
