using System.Net.Http.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Portal.Data;
using Portal.Features.Usage;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;
using Portal.Tests.Shared;

namespace Portal.Tests.Portal;

/// <summary>The real portal on free ports. Its data directory outlives restarts and goes with this object.</summary>
internal sealed class RunningPortal : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("portal-tests-");
    private PortalApplication? _portal;

    private readonly string[] _more;

    private RunningPortal(string[] more) => _more = more;

    public string DataDirectory => _data.FullName;
    public IServiceProvider Services => _portal!.Services;
    public KubeClient Client => Services.GetRequiredService<KubeClient>();
    public InformerFactory Informers => Services.GetRequiredService<InformerFactory>();
    public HttpClient Http { get; private set; } = null!;

    /// <param name="more">More arguments of the command line.</param>
    public static async Task<RunningPortal> StartAsync(params string[] more)
    {
        var portal = new RunningPortal(more);
        await portal.RestartAsync();
        return portal;
    }

    public static string[] Arguments(string dataDirectory) =>
        ["--urls", "http://127.0.0.1:0", "--Portal:ApiServer:Port", "0", "--Portal:DataDirectory", dataDirectory, "--Portal:Cluster:Mode", "embedded", .. TestPostgres.ArgumentsFor(dataDirectory)];

    /// <summary>Arguments that let everyone who may publish in the demo namespace do so without review.</summary>
    public static string[] WithoutReview { get; } =
        ["--Portal:Releases:Environments:0:Name", "demo", "--Portal:Releases:Environments:0:Namespaces:0", "demo"];

    public async Task RestartAsync()
    {
        await StopAsync();
        _portal = await PortalApplication.StartAsync(
            [.. Arguments(DataDirectory), .. _more], builder => builder.Logging.SetMinimumLevel(LogLevel.Warning), CancellationToken.None);
        Http = new HttpClient(new SocketsHttpHandler { UseProxy = false, Expect100ContinueTimeout = Patience }) { BaseAddress = _portal.Address, Timeout = Patience };
    }

    public async Task StopAsync()
    {
        Http?.Dispose();
        if (_portal is not null)
        {
            await _portal.DisposeAsync();
        }
    }

    /// <summary>Waits until an object of the kind, or its absence, satisfies the condition.</summary>
    public async Task<KubeObject?> WaitForAsync(ResourceDefinition kind, string @namespace, string name, Func<KubeObject?, bool> condition)
    {
        var informer = Informers.Get(kind);
        await informer.WaitForSyncAsync(CancellationToken.None).WaitAsync(Patience);
        var found = new TaskCompletionSource<KubeObject?>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var subscription = informer.Subscribe(change =>
        {
            if ((change.Object.Namespace, change.Object.Name) == (@namespace, name) && condition(change.After))
            {
                found.TrySetResult(change.After);
            }
        });
        if (condition(informer.Store.Find(@namespace, name)))
        {
            found.TrySetResult(informer.Store.Find(@namespace, name));
        }

        return await found.Task.WaitAsync(Patience);
    }

    public Task<KubeObject?> WaitForReadyFlowAsync(string @namespace, string name) =>
        WaitForAsync(global::Portal.Operator.Flows.Flow.Definition, @namespace, name, flow => flow?.FindCondition("Ready") is { IsTrue: true } ready
            && (ready.ObservedGeneration ?? flow.Generation) == flow.Generation);

    /// <summary>Waits until the usage of a call is counted.</summary>
    public async Task<UsageRow> UntilToldAsync(string callId)
    {
        var log = Services.GetRequiredService<UsageLog>();
        using var changed = new SemaphoreSlim(0);
        void OnChanged() => changed.Release();
        log.Changed += OnChanged;
        try
        {
            while (true)
            {
                if (await Services.GetRequiredService<PortalDatabase>().ReadAsync(context => context.Usage.FirstOrDefaultAsync(row => row.CallId == callId)) is { } row)
                {
                    return row;
                }

                Assert.True(await changed.WaitAsync(Patience), "The call never arrived.");
            }
        }
        finally
        {
            log.Changed -= OnChanged;
        }
    }

    public Task<HttpResponseMessage> CallAsync(string path, object input) => Http.PostAsJsonAsync(path, input);

    /// <summary>Processes of runners that work below the data directory.</summary>
    public IReadOnlyList<int> Runners() =>
        [.. Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(name => int.TryParse(name, out _)).Select(name => int.Parse(name!)).Where(IsOurRunner)];

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        TestPostgres.DropFor(DataDirectory);
        _data.Delete(recursive: true);
    }

    private bool IsOurRunner(int pid)
    {
        try
        {
            var command = File.ReadAllText($"/proc/{pid}/cmdline");
            return command.Contains("Portal.Runner", StringComparison.Ordinal) && command.Contains(DataDirectory, StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }
}
