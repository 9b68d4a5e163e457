using System.ComponentModel;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;

namespace Portal.Embedded.Workloads;

/// <summary>What every pod on this machine shares.</summary>
internal sealed record PodEnvironment
{
    public required KubeClient Client { get; init; }
    public required IConfigSource Config { get; init; }
    public required RunnerCommand Runner { get; init; }
    public required RunnerProbe Probe { get; init; }

    /// <summary>Where runners tell of their calls; null when nobody is told.</summary>
    public LocalUsage? Usage { get; init; }
    public required PodLogStore Logs { get; init; }
    public required EventRecorder Events { get; init; }
    public required TimeProvider TimeProvider { get; init; }
    public required ILogger Logger { get; init; }

    /// <summary>Directory of all pods' files.</summary>
    public required string Flows { get; init; }

    /// <summary>Where pods with a service account find the API server; null when it does not listen.</summary>
    public ApiServerAccess? ApiServer { get; init; }
}

/// <summary>
/// Keeps one pod's process running until stopped: configure → start → probe → ready → (exit → back-off → configure …), and tells the pod's status.
/// </summary>
internal sealed partial class PodWorker : IDisposable
{
    private static readonly TimeSpan s_readyPoll = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_livePoll = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_configRetry = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_firstBackOff = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_longestBackOff = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_stable = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_startLimit = TimeSpan.FromMinutes(1);

    // Time for the endpoints to be taken out of service before the process is asked to stop.
    private static readonly TimeSpan s_drain = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_longestGrace = TimeSpan.FromSeconds(10);
    private const int FailuresUntilRestart = 3;

    private readonly KubeObject _pod;
    private readonly PodSpec _spec;
    private readonly Container _container;
    private readonly PodEnvironment _shared;
    private readonly PodDirectory _directory;
    private readonly PodLog _log;
    private readonly PodFiles _files;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _wake = new(0, 1);
    private Task _running = Task.CompletedTask;
    private ContainerState _state = ContainerState.Waiting("ContainerCreating", null);
    private JsonObject? _status;
    private bool _unsent;
    private bool _quickly;

    public PodWorker(KubeObject pod, PodEnvironment shared)
    {
        _pod = pod;
        _shared = shared;
        _spec = PodSpec.Of(pod);
        _container = _spec.Runner;
        _directory = PodDirectory.Of(shared.Flows, pod.Namespace!, pod.Name);
        _log = new PodLog(_directory.LogFile, shared.TimeProvider);
        _files = new PodFiles(pod, _spec, _directory, _log, shared);
    }

    public string Name => _pod.Name;
    public string Uid => _pod.Uid;

    /// <summary>Port the process listens on; null while there is none.</summary>
    public int? Port { get; private set; }

    public void Start()
    {
        _shared.Logs.Add(_pod.Namespace!, _pod.Name, _container.Name, _log);
        _running = Task.Run(RunAsync);
    }

    /// <summary>A ConfigMap or Secret of the namespace has changed: files follow, and a wait for it ends.</summary>
    public void Tell(KubeObject source)
    {
        _files.Tell(source);
        if (_state.WaitingReason is not null && _wake.CurrentCount == 0)
        {
            try
            {
                _wake.Release();
            }
            catch (SemaphoreFullException)
            {
                // Woken twice at once: once is enough.
            }
        }
    }

    /// <summary>Stops the process, after its running calls, and removes all the pod left on this machine.</summary>
    /// <param name="quickly">Whether to skip the wait for endpoints: nobody is routed here any more.</param>
    public async Task StopAsync(bool quickly)
    {
        _quickly = quickly;
        await _stop.CancelAsync();
        await _running;
        _shared.Logs.Remove(_pod.Namespace!, _pod.Name);
        _directory.Remove();
    }

    public void Dispose()
    {
        _stop.Dispose();
        _wake.Dispose();
        _log.Dispose();
    }

    private async Task RunAsync()
    {
        var failures = 0;
        while (!_stop.IsCancellationRequested)
        {
            var started = _shared.TimeProvider.GetTimestamp();
            try
            {
                await RunOnceAsync(_stop.Token);
                if (_spec.RunsToItsEnd)
                {
                    await FinishAsync();
                    return;
                }

                failures = _shared.TimeProvider.GetElapsedTime(started) > s_stable ? 1 : failures + 1;
                var delay = BackOff(failures);
                await SetAsync(Waiting("CrashLoopBackOff", $"back-off {delay.TotalSeconds:0.#}s restarting failed container={_container.Name} pod={_pod.Name}"));
                _shared.Events.Record(_pod, "Warning", "BackOff", $"Back-off restarting failed container {_container.Name}: {_state.Last?.Message}");
                await WaitAsync(delay, _stop.Token);
                _state = _state with { RestartCount = _state.RestartCount + 1 };
            }
            catch (ContainerConfigException exception)
            {
                await FailAsync("CreateContainerConfigError", exception.Message, s_configRetry);
            }
            catch (Exception exception) when (exception is Win32Exception or IOException or UnauthorizedAccessException)
            {
                Log.CannotRun(_shared.Logger, _pod.Name, exception);
                await FailAsync("RunContainerError", exception.Message, s_configRetry);
            }
            catch (KubernetesException exception)
            {
                await FailAsync("CreateContainerConfigError", exception.Message, s_configRetry);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                Log.CannotRun(_shared.Logger, _pod.Name, exception);
                await FailAsync("RunContainerError", "The portal met an unexpected error; its log tells more.", s_configRetry);
            }
        }
    }

    // Returns when the process has ended by itself.
    private async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        var environment = await ContainerEnvironment.ResolveAsync(_pod, _container, _shared.Config, cancellationToken);
        await _files.WriteAsync(environment.Secrets, cancellationToken);
        var root = Path.Combine(_directory.FileSystem, "genkit");
        DataDirectory.CreatePrivate(root);
        if (environment.Ignored.Count > 0)
        {
            _log.Append($"genkit-local: left out variables that steer a local process: {string.Join(", ", environment.Ignored)}");
        }

        var given = _shared.Usage is { } usage ? await usage.AddToAsync(environment.Variables, _pod.Namespace!, cancellationToken) : environment.Variables;
        var account = await PodAccount.PrepareAsync(_pod, _spec, _directory.FileSystem, _shared, cancellationToken);
        var variables = new Dictionary<string, string>(given.Concat(account).DistinctBy(variable => variable.Key), StringComparer.Ordinal);
        var port = RunnerProbe.FreePort();
        var startedAt = _shared.TimeProvider.GetUtcNow();
        _log.BeginRun();
        using var process = RunnerProcess.Start(_shared.Runner.StartInfo(root, port, variables), _directory.PidFile, _log, _shared.TimeProvider);
        Port = _spec.RunsToItsEnd ? null : port;
        try
        {
            await SetAsync(_state with { WaitingReason = null, WaitingMessage = null, RunningSince = startedAt, Ready = false });
            await (_spec.RunsToItsEnd ? process.Exited.WaitAsync(cancellationToken) : WatchAsync(process, port, cancellationToken));
            var exitCode = await process.Exited;
            var last = new Termination(exitCode, _log.LastLine, startedAt, _shared.TimeProvider.GetUtcNow());
            _state = _state with { Last = last, Ready = false, RunningSince = null };
        }
        finally
        {
            await StopProcessAsync(process);
            Port = null;
            File.Delete(_directory.PidFile);
        }
    }

    /// <summary>Tells the end of a pod that runs once. Its files may hold secrets and go now; its log stays until the pod goes.</summary>
    private async Task FinishAsync()
    {
        await SetAsync(_state with { Finished = true });
        while (_unsent && !_stop.IsCancellationRequested)
        {
            await Task.Delay(s_livePoll, _shared.TimeProvider, _stop.Token);
            await SetAsync(_state);
        }

        try
        {
            Directory.Delete(_directory.FileSystem, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // They go with the pod.
            Log.NotRemoved(_shared.Logger, _pod.Name, exception);
        }
    }

    private async Task StopProcessAsync(RunnerProcess process)
    {
        if (!process.Exited.IsCompleted && !_quickly && _state.Ready)
        {
            await Task.Delay(s_drain, _shared.TimeProvider);
        }

        var grace = TimeSpan.FromSeconds(_spec.TerminationGracePeriodSeconds ?? 30);
        await process.StopAsync(grace < s_longestGrace ? grace : s_longestGrace);
    }

    // Probes until the process ends; ends it when it does not answer any more.
    private async Task WatchAsync(RunnerProcess process, int port, CancellationToken cancellationToken)
    {
        var failures = 0;
        var started = _shared.TimeProvider.GetTimestamp();
        while (!process.Exited.IsCompleted)
        {
            var ready = await _shared.Probe.SucceedsAsync(port, "/readyz", _shared.TimeProvider, cancellationToken);
            if ((_unsent || ready != _state.Ready) && !process.Exited.IsCompleted)
            {
                await SetAsync(_state with { Ready = ready });
            }

            var starting = !ready && _shared.TimeProvider.GetElapsedTime(started) < s_startLimit;
            failures = ready || starting || await _shared.Probe.SucceedsAsync(port, "/healthz", _shared.TimeProvider, cancellationToken) ? 0 : failures + 1;
            if (failures >= FailuresUntilRestart)
            {
                _log.Append("genkit-local: the process does not answer /healthz any more and is restarted");
                await process.StopAsync(TimeSpan.FromSeconds(1));
                return;
            }

            await Task.WhenAny(process.Exited, _files.Changed, Task.Delay(ready ? s_livePoll : s_readyPoll, _shared.TimeProvider, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
            if (_files.Changed.IsCompleted)
            {
                await _files.UpdateAsync(cancellationToken);
            }
        }
    }

    private static TimeSpan BackOff(int failures)
    {
        var delay = s_firstBackOff * Math.Pow(2, Math.Min(failures - 1, 10));
        return delay < s_longestBackOff ? delay : s_longestBackOff;
    }

    private ContainerState Waiting(string reason, string message) =>
        _state with { WaitingReason = reason, WaitingMessage = message, RunningSince = null, Ready = false };

    private async Task FailAsync(string reason, string message, TimeSpan delay)
    {
        try
        {
            if (_state.WaitingReason != reason || _state.WaitingMessage != message)
            {
                await SetAsync(Waiting(reason, message));
                _shared.Events.Record(_pod, "Warning", "Failed", $"{reason}: {message}");
            }

            await WaitAsync(delay, _stop.Token);
        }
        catch (OperationCanceledException)
        {
            // Stopping: the loop sees it.
        }
    }

    private async Task WaitAsync(TimeSpan delay, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(delay, _shared.TimeProvider);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await _wake.WaitAsync(linked.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The time is up.
        }
    }

    private async Task SetAsync(ContainerState state)
    {
        _state = state;
        var status = PodStatus.Compute(_pod, _container, state, _status, _shared.TimeProvider.GetUtcNow());
        _status = status;
        try
        {
            var patch = new JsonObject { ["status"] = status.DeepClone() };
            await _shared.Client.Resource(BuiltIn.Pod).MergePatchAsync(
                _pod.Namespace, _pod.Name, patch, "status", new WriteOptions { Manager = FieldManager.Local }, _stop.Token);
            _unsent = false;
        }
        catch (KubernetesException exception) when (exception.IsNotFound)
        {
            // Deleted meanwhile: the reconciler is about to stop this worker.
        }
        catch (Exception exception) when (exception is KubernetesException or HttpRequestException or IOException)
        {
            // A process that answers is not stopped because its status could not be told: the next probe tells it.
            _unsent = true;
            Log.CannotTell(_shared.Logger, _pod.Name, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Pod {Pod} cannot run")]
        public static partial void CannotRun(ILogger logger, string pod, Exception exception);

        [LoggerMessage(3, LogLevel.Warning, "The files of pod {Pod}, which has ended, could not be removed yet")]
        public static partial void NotRemoved(ILogger logger, string pod, Exception exception);

        [LoggerMessage(2, LogLevel.Warning, "The status of pod {Pod} could not be written")]
        public static partial void CannotTell(ILogger logger, string pod, Exception exception);
    }
}
