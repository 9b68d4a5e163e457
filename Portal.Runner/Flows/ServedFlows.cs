using Portal.Runner.Hosting;
using Portal.Runner.Providers;

namespace Portal.Runner.Flows;

/// <summary>
/// The catalog that calls are answered from now. Changed files are read anew once they have been quiet for one look; the new catalog replaces
/// the old at once, and calls that run keep theirs. A broken change is not taken: the flow goes on as it was, and <see cref="Fault"/>
/// or its state says why.
/// </summary>
internal sealed partial class ServedFlows : IDisposable
{
    private readonly RunnerOptions _options;
    private readonly ProviderCatalog _providers;
    private readonly ILogger<ServedFlows> _logger;
    private readonly TimeProvider _timeProvider;
    private readonly Lock _lock = new();
    private ITimer? _timer;
    private volatile FlowCatalog _current;
    private string _loaded;
    private string? _changing;

    /// <exception cref="StartupException">The files are wrong in a way that no flow survives.</exception>
    public ServedFlows(RunnerOptions options, ProviderCatalog providers, TimeProvider timeProvider, ILogger<ServedFlows> logger)
    {
        (_options, _providers, _timeProvider, _logger) = (options, providers, timeProvider, logger);
        _loaded = FileFingerprint.Of(options.Root);
        _current = FlowCatalog.Load(options.Root, options.FlowName, options.FlowSetName, providers);
        LogProblems();
    }

    public FlowCatalog Current => _current;

    /// <summary>Why the last change was not taken at all; null when it was.</summary>
    public string? Fault { get; private set; }

    /// <summary>Looks for changes from now on, as often as the options say.</summary>
    public void Watch()
    {
        if (_options.ReloadInterval > TimeSpan.Zero)
        {
            _timer = _timeProvider.CreateTimer(_ => Look(), null, _options.ReloadInterval, _options.ReloadInterval);
        }
    }

    /// <summary>Looks for changes once, and takes those that the look before had already seen.</summary>
    public void Look()
    {
        if (!_lock.TryEnter())
        {
            return; // the look before is still at it
        }

        try
        {
            var seen = FileFingerprint.Of(_options.Root);
            var isQuiet = seen == _changing;
            _changing = seen == _loaded || isQuiet ? null : seen;
            if (isQuiet)
            {
                _loaded = seen;
                Take();
            }
        }
        finally
        {
            _lock.Exit();
        }
    }

    public void Dispose() => _timer?.Dispose();

    private void Take()
    {
        try
        {
            _current = FlowCatalog.Load(_options.Root, _options.FlowName, _options.FlowSetName, _providers).KeepingWorking(_current);
            Fault = null;
            Log.Reloaded(_logger, _current.Flows.Count);
            LogProblems();
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // Whatever files hold, it must not end a process that serves.
            Fault = exception.Message;
            Log.ChangeNotTaken(_logger, exception.Message);
        }
    }

    private void LogProblems()
    {
        foreach (var flow in _current.Flows.Where(static flow => flow.Problem is not null))
        {
            Log.FlowBroken(_logger, flow.Path, flow.Name, flow.Problem!);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(10, LogLevel.Information, "The files changed and were read anew: {Count} routes")]
        public static partial void Reloaded(ILogger logger, int count);

        [LoggerMessage(11, LogLevel.Error, "The files changed and are wrong; everything goes on as it was: {Problem}")]
        public static partial void ChangeNotTaken(ILogger logger, string problem);

        [LoggerMessage(12, LogLevel.Error, "{Route} is {State}: {Problem}")]
        public static partial void FlowBroken(ILogger logger, string route, string state, string problem);
    }
}
