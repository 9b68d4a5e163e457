using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;
using Portal.Operator;
using Portal.Operator.Manifests;

namespace Portal.Tests.Operator;

/// <summary>The operator on a <see cref="TestCluster"/>, as the service account and with the role it is shipped with; every test takes a namespace of its own.
/// Nothing plays kubelet: tests write the status of Deployments.</summary>
public class OperatorFixture : IAsyncLifetime
{
    private readonly CancellationTokenSource _timeout = new(TimeSpan.FromMinutes(2));
    private readonly CancellationTokenSource _stopping = new();
    private readonly string _prefix = $"genkit-test-{Guid.NewGuid():N}"[..20];
    private readonly ConcurrentBag<string> _namespaces = [];
    private TestCluster? _cluster;
    private EventRecorder? _events;
    private OperatorHost? _host;
    private Task _informing = Task.CompletedTask;
    private int _count;

    public KubeClient Client { get; private set; } = null!;

    internal InformerFactory Informers { get; private set; } = null!;

    internal EventRecorder Events => _events!;

    /// <summary>Without controllers the kinds are installed and the informers run, so that a test can reconcile by hand.</summary>
    protected virtual bool RunsControllers => true;

    /// <summary>What the cluster has before the operator comes.</summary>
    protected virtual Task PrepareAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task InitializeAsync()
    {
        _cluster = await TestCluster.ConnectAsync(_timeout.Token);
        Client = new KubeClient(_cluster.Connection);
        var account = new KubeClient(await OperatorIdentity.AssumeAsync(_cluster.Connection, _timeout.Token));
        await PrepareAsync(_timeout.Token);
        var installer = new CrdInstaller(Client, TimeProvider.System, NullLogger.Instance);
        await installer.InstallAsync(_timeout.Token);
        await installer.WaitAsync(_timeout.Token);
        Informers = new InformerFactory(RunsControllers ? account : Client, @namespace: null, TimeProvider.System, NullLoggerFactory.Instance);
        _events = new EventRecorder(account, "genkit-operator", TimeProvider.System);
        if (!RunsControllers)
        {
            _informing = Informers.RunAsync(_stopping.Token);
            return;
        }

        _host = new OperatorHost(account, Informers, _events, new OperatorOptions { InstallDefinitions = false }, TimeProvider.System, NullLoggerFactory.Instance);
        await _host.StartAsync(_timeout.Token);
        await _host.WaitUntilRunningAsync(_timeout.Token);
    }

    public async Task DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }

        await _stopping.CancelAsync();
        await _informing;
        await _events!.DisposeAsync();
        await CleanAsync();
        await _cluster!.DisposeAsync();
        _stopping.Dispose();
        _timeout.Dispose();
    }

    internal async Task<TestNamespace> NewNamespaceAsync()
    {
        var name = $"{_prefix}-{Interlocked.Increment(ref _count)}";
        _namespaces.Add(name);
        var manifest = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Namespace",
            ["metadata"] = new JsonObject { ["name"] = name },
        };
        await Client.Resource(BuiltIn.Namespace).CreateAsync(new KubeObject(manifest), null, _timeout.Token);
        return new TestNamespace(Client, name, _timeout.Token);
    }

    /// <summary>The kinds stay: whoever runs the tests again finds them.</summary>
    private async Task CleanAsync()
    {
        if (_cluster!.IsShared)
        {
            await Task.WhenAll(_namespaces.Select(name => Client.Resource(BuiltIn.Namespace).DeleteAsync(null, name, null, CancellationToken.None)));
        }
    }
}

/// <summary>The kinds and the informers of an administrator, who sees what the portal's pages show, but no controllers.</summary>
public sealed class IdleOperatorFixture : OperatorFixture
{
    protected override bool RunsControllers => false;
}
