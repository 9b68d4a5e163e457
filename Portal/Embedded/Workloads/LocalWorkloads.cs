using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;

namespace Portal.Embedded.Workloads;

/// <summary>
/// Runs Deployments of flows, Jobs and CronJobs as processes of this machine: their controllers, kubelet and EndpointSlice controller in one, over the same API as theirs.
/// Start it before the informers, so that they never see what an earlier run left; stopping it ends every process.
/// </summary>
internal sealed partial class LocalWorkloads : IHostedService, IAsyncDisposable
{
    private readonly KubeClient _client;
    private readonly PodEnvironment _shared;
    private readonly PodReconciler _podReconciler;
    private readonly Controller[] _controllers;
    private readonly List<IDisposable> _subscriptions = [];
    private readonly Informer<KubeObject>[] _configuration;
    private readonly EventRecorder _events;
    private readonly HttpMessageInvoker _probes = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false });
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;
    private int _disposed;

    public LocalWorkloads(
        KubeClient client, InformerFactory informers, DataDirectory data, PodLogStore logs, RunnerCommand runner, LocalUsage usage,
        ApiServerAccess? apiServer, TimeProvider timeProvider, ILoggerFactory loggerFactory)
    {
        _client = client;
        var logger = loggerFactory.CreateLogger<LocalWorkloads>();
        var names = new ServicesFile(Path.Combine(data.Flows, "services.json"));
        _events = new EventRecorder(client, LocalNode.Name, timeProvider);
        _shared = new PodEnvironment
        {
            Client = client,
            Config = new ClusterConfigSource(client),
            Runner = runner with { ServicesFile = names.Path },
            Probe = new RunnerProbe(_probes),
            Usage = usage,
            Logs = logs,
            Events = _events,
            TimeProvider = timeProvider,
            Logger = logger,
            Flows = data.Flows,
            ApiServer = apiServer,
        };
        var deployments = informers.Get(BuiltIn.Deployment);
        var pods = informers.Get(BuiltIn.Pod);
        var (jobs, cronJobs) = (informers.Get(BuiltIn.Job), informers.Get(BuiltIn.CronJob));
        var services = informers.Get(BuiltIn.Service);
        var slices = informers.Get(BuiltIn.EndpointSlice);
        _configuration = [informers.Get(BuiltIn.ConfigMap), informers.Get(BuiltIn.Secret)];
        _podReconciler = new PodReconciler(pods, _shared);
        var slicer = new EndpointSliceReconciler(client, services, pods, slices, _podReconciler.FindPort, names);
        _controllers =
        [
            new Controller("local-deployments", new DeploymentReconciler(client, deployments, _events, timeProvider), 2, timeProvider, logger)
                .For(deployments).Owns(pods, BuiltIn.Deployment.Group, BuiltIn.Deployment.Kind),
            new Controller("local-jobs", new JobReconciler(client, jobs, _events, timeProvider), 1, timeProvider, logger)
                .For(jobs).Owns(pods, BuiltIn.Job.Group, BuiltIn.Job.Kind),
            new Controller("local-cronjobs", new CronJobReconciler(client, cronJobs, jobs, _events, timeProvider), 1, timeProvider, logger)
                .For(cronJobs).Owns(jobs, BuiltIn.CronJob.Group, BuiltIn.CronJob.Kind),
            new Controller("local-pods", _podReconciler, 4, timeProvider, logger).For(pods),
            new Controller("local-endpoints", slicer, 2, timeProvider, logger)
                .For(services).Watches(pods, slicer.ServicesOf).Owns(slices, "", BuiltIn.Service.Kind),
        ];
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var ended = PodDirectory.Sweep(_shared.Flows);
        if (ended > 0)
        {
            Log.EndedLeftovers(_shared.Logger, ended);
        }

        await DeleteLeftoversAsync(cancellationToken);
        foreach (var informer in _configuration)
        {
            _subscriptions.Add(informer.Subscribe(change => _podReconciler.Tell(change.Object)));
        }

        _running = Task.WhenAll(_controllers.Select(controller => controller.RunAsync(_stop.Token)));
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _podReconciler.StopAllAsync();
    }

    /// <summary>Stops what a start that failed half-way has left without a stop.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await StopAsync(CancellationToken.None);
        foreach (var subscription in _subscriptions)
        {
            subscription.Dispose();
        }

        await _events.DisposeAsync();
        _probes.Dispose();
        _stop.Dispose();
    }

    // Pods and endpoints of an earlier run tell of processes that are gone.
    private async Task DeleteLeftoversAsync(CancellationToken cancellationToken)
    {
        await foreach (var pod in _client.Resource(BuiltIn.Pod).ListAllAsync(null, null, cancellationToken))
        {
            if (IsLeftover(pod) && PodSpec.Of(pod).NodeName == LocalNode.Name)
            {
                await _client.Resource(BuiltIn.Pod).DeleteAsync(pod.Namespace, pod.Name, new DeleteOptions { GracePeriodSeconds = 0 }, cancellationToken);
            }
        }

        var ours = new ListOptions { LabelSelector = $"{LocalNode.SliceManagerLabel}={LocalNode.Name}" };
        await foreach (var slice in _client.Resource(BuiltIn.EndpointSlice).ListAllAsync(null, ours, cancellationToken))
        {
            await _client.Resource(BuiltIn.EndpointSlice).DeleteAsync(slice.Namespace, slice.Name, null, cancellationToken);
        }
    }

    private static bool IsLeftover(KubeObject pod) => pod.ControllerOwner?.Kind == BuiltIn.Deployment.Kind ||
        (pod.ControllerOwner?.Kind == BuiltIn.Job.Kind && pod.Json["status"]?["phase"]?.ToString() is not ("Succeeded" or "Failed"));

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Ended {Count} runners that an earlier portal left")]
        public static partial void EndedLeftovers(ILogger logger, int count);
    }
}
