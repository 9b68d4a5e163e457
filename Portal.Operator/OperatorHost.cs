using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Portal.Kubernetes;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Discovery;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;
using Portal.Operator.Evals;
using Portal.Operator.Flows;
using Portal.Operator.Manifests;
using Portal.Operator.Reconciliation;

namespace Portal.Operator;

/// <summary>
/// Starts the operator in order: kinds, informers, controllers; stops in reverse. The start does not wait for the cluster, so that a portal
/// comes up without one: it retries until the server answers. <see cref="WaitUntilRunningAsync"/> tells when the kinds can be used.
/// </summary>
public sealed partial class OperatorHost(
    KubeClient client,
    InformerFactory informerFactory,
    EventRecorder events,
    OperatorOptions options,
    TimeProvider timeProvider,
    ILoggerFactory loggerFactory,
    IEvalBudgets? budgets = null) : IHostedService, IAsyncDisposable
{
    private const string LeaseName = "genkit-operator";
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(2);

    private readonly ILogger _logger = loggerFactory.CreateLogger<OperatorHost>();
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _running = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _run = Task.CompletedTask;
    private bool _servesRoutes;
    private LeaderElector? _elector;
    private int _disposed;

    /// <summary>Completes when the kinds are served and the controllers work; with leader election, when this process leads.
    /// Cancelled when the host stops before that.</summary>
    public Task WaitUntilRunningAsync(CancellationToken cancellationToken) => _running.Task.WaitAsync(cancellationToken);

    /// <summary>Completes when the kinds are served and their objects loaded, whether this process leads or not.</summary>
    public Task WaitUntilSyncedAsync(CancellationToken cancellationToken) => _synced.Task.WaitAsync(cancellationToken);

    /// <summary>Whether the kinds are served and their objects loaded: it works, or would as soon as it leads.</summary>
    public bool IsSynced => _synced.Task.IsCompletedSuccessfully;

    /// <summary>The controllers of this process; none where another process is the operator, or before the kinds are served.</summary>
    public IReadOnlyList<Controller> Controllers { get; private set; } = [];

    /// <summary>Whether this process competes for leadership.</summary>
    public bool Elects => options is { LeaderElection: true, RunControllers: true };

    /// <summary>Whether this process does the work now.</summary>
    public bool Leads => Elects ? _elector?.IsLeader == true : options.RunControllers && _running.Task.IsCompletedSuccessfully;

    /// <summary>Who leads, as last seen; null when that is not known.</summary>
    public string? Leader => _elector?.Leader;

    /// <summary>Namespace and beginning of the names of the Leases of operators.</summary>
    public (string Namespace, string Prefix) Leases => (options.LeaderElectionNamespace ?? client.Connection.DefaultNamespace, LeaseName);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _run = Task.Run(() => RunAsync(_stopping.Token), CancellationToken.None);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _run.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Stops when that has not been done. The container may call this more than once.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            await StopAsync(CancellationToken.None).ConfigureAwait(false);
            _stopping.Dispose();
        }
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await PrepareKindsAsync(cancellationToken).ConfigureAwait(false);
            await WorkAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The way to end.
        }
        catch (Exception exception)
        {
            Log.Stopped(_logger, exception);
            _running.TrySetException(exception);
            throw;
        }
        finally
        {
            _running.TrySetCanceled(CancellationToken.None);
            _synced.TrySetCanceled(CancellationToken.None);
        }
    }

    private async Task PrepareKindsAsync(CancellationToken cancellationToken)
    {
        var installer = new CrdInstaller(client, timeProvider, _logger);
        while (true)
        {
            try
            {
                _servesRoutes = (await ApiDiscovery.GetResourcesAsync(client, BuiltIn.HttpRoute.Group, BuiltIn.HttpRoute.Version, cancellationToken).ConfigureAwait(false))
                    .Contains(BuiltIn.HttpRoute);
                if (options.InstallDefinitions && options.RunControllers)
                {
                    await installer.InstallAsync(cancellationToken).ConfigureAwait(false);
                }

                await installer.WaitAsync(cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (Exception exception)
            {
                // A request that failed because of the stop is the stop, whatever it threw.
                cancellationToken.ThrowIfCancellationRequested();
                Log.NoKinds(_logger, client.Connection.Description, exception.Message, s_retry);
                await Task.Delay(s_retry, timeProvider, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task WorkAsync(CancellationToken cancellationToken)
    {
        using var http = FlowContent.CreateHttp();
        var informers = new GenkitInformers(informerFactory, _servesRoutes);
        var controllers = options.RunControllers ? OperatorControllers.Create(client, informers, http, events, options, timeProvider, loggerFactory, budgets) : [];

        Controllers = controllers;

        // Informers outlive the controllers that read their stores.
        using var informersStop = new CancellationTokenSource();
        var feeding = options.RunInformers ? informerFactory.RunAsync(informersStop.Token) : Task.CompletedTask;
        try
        {
            // Before the lease: who takes it over has everything at hand.
            await informers.WaitForSyncAsync(cancellationToken).ConfigureAwait(false);
            _synced.TrySetResult();
            if (options is { LeaderElection: true, RunControllers: true })
            {
                _elector = Elector();
                await _elector.RunAsync(lead => ControlAsync(controllers, lead), cancellationToken).ConfigureAwait(false);
            }
            else
            {
                using var leading = options.RunControllers ? KubeMetrics.LeadAlone(LeaseName) : null;
                await ControlAsync(controllers, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            await informersStop.CancelAsync().ConfigureAwait(false);
            await feeding.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ControlAsync(IReadOnlyList<Controller> controllers, CancellationToken cancellationToken)
    {
        var working = controllers.Select(controller => controller.RunAsync(cancellationToken)).ToArray();
        Log.Running(_logger, client.Connection.Description, controllers.Count);
        _running.TrySetResult();
        await Task.WhenAll(working).ConfigureAwait(false);
        if (controllers.Count == 0)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, timeProvider, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private LeaderElector Elector() => new(
        client,
        new LeaderElectorOptions
        {
            Namespace = options.LeaderElectionNamespace ?? client.Connection.DefaultNamespace,
            Name = options.Share is null ? LeaseName : $"{LeaseName}-{options.Share}",
            Identity = $"{Environment.MachineName}_{Guid.NewGuid():N}",

            // In the proportions of client-go's defaults, 15, 10 and 2 s.
            LeaseDuration = options.LeaseDuration,
            RenewDeadline = options.LeaseDuration * 2 / 3,
            RetryPeriod = options.LeaseDuration * 2 / 15,
        },
        timeProvider,
        loggerFactory.CreateLogger<LeaderElector>());

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Operator works on {Cluster} with {Controllers} controllers")]
        public static partial void Running(ILogger logger, string cluster, int controllers);

        [LoggerMessage(LogLevel.Warning, "The kinds of genkit.dev are not available on {Cluster}: {Error} Trying again in {Delay}")]
        public static partial void NoKinds(ILogger logger, string cluster, string error, TimeSpan delay);

        [LoggerMessage(LogLevel.Critical, "The operator stopped")]
        public static partial void Stopped(ILogger logger, Exception exception);
    }
}
