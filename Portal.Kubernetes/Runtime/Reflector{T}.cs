using Microsoft.Extensions.Logging;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;

namespace Portal.Kubernetes.Runtime;

/// <summary>
/// Mirrors the objects of one kind: lists, then watches from the list's version, for as long as it runs. Every list replaces all that was told
/// before; between two lists no change is left out and none is told twice; bookmarks are told too. Calls back from one task at a time.
/// </summary>
internal sealed partial class Reflector<T>(
    Resource<T> resource,
    string? @namespace,
    Action<IReadOnlyList<T>, string> replace,
    Action<WatchEvent<T>> apply,
    TimeProvider timeProvider,
    ILogger logger,
    Func<double> random)
    where T : KubeObject
{
    private const int PageSize = 500;

    /// <summary>How long the server is asked to keep a watch open.</summary>
    private static readonly TimeSpan s_watchTimeout = TimeSpan.FromMinutes(5);

    /// <summary>Servers send a bookmark about once a minute: after this long without a word the connection is taken for dead.</summary>
    private static readonly TimeSpan s_silence = TimeSpan.FromMinutes(2);

    /// <summary>A watch that stood this long, or brought anything, counts as success.</summary>
    private static readonly TimeSpan s_steady = TimeSpan.FromSeconds(5);

    /// <summary>No server may silence a mirror for longer.</summary>
    private static readonly TimeSpan s_longestWait = TimeSpan.FromMinutes(1);

    private readonly ExponentialBackoff _backoff = new(TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(30), random);

    /// <summary>Where the next watch starts; null: list first.</summary>
    private string? _version;

    /// <summary>Whether the latest step brought something.</summary>
    private bool _progress;

    /// <summary>How long the server asked to be left alone in the latest step.</summary>
    private TimeSpan _asked;

    private long _lastContact;

    private enum Outcome
    {
        Listed,
        Ended,
        Silent,
        Expired,
        Busy,
        Refused,
        Unreachable,
    }

    /// <summary>When the server last answered or sent something; null before the first time.</summary>
    public DateTimeOffset? LastContact => Interlocked.Read(ref _lastContact) is > 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    /// <summary>Why the mirror may be out of date; null while all is well.</summary>
    public string? LastError { get; private set; }

    /// <summary>Runs until cancelled, then returns.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        _version = null;
        while (!cancellationToken.IsCancellationRequested)
        {
            var watched = _version is not null;
            var outcome = await StepAsync(cancellationToken);
            if (cancellationToken.IsCancellationRequested)
            {
                return;
            }

            if (watched)
            {
                KubeMetrics.WatchRestarts.Add(1, new("resource", resource.Definition.Plural), new("reason", ReasonOf(outcome)));
            }

            if (Recover(outcome) is { } pause)
            {
                await Task.Delay(pause, timeProvider, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Decides what comes next: at once (null) or after a pause, from the same version or with a new list.</summary>
    private TimeSpan? Recover(Outcome outcome)
    {
        if (_progress)
        {
            _backoff.Reset();
        }

        switch (outcome)
        {
            case Outcome.Listed or Outcome.Silent:
            case Outcome.Ended when _progress:
                return null;
            case Outcome.Expired:
                _version = null;
                return _progress ? null : _backoff.Next();
            case Outcome.Refused:
                _version = null;
                return _backoff.Next();
            case Outcome.Busy:
                var pause = _backoff.Next();
                return _asked > pause ? _asked : pause;
            case Outcome.Ended or Outcome.Unreachable:
                return _backoff.Next();
            default:
                throw new InvalidOperationException($"Unknown outcome {outcome}.");
        }
    }

    private static string ReasonOf(Outcome outcome) => outcome switch
    {
        Outcome.Silent => "silent",
        Outcome.Expired => "expired",
        Outcome.Busy => "busy",
        Outcome.Refused => "refused",
        Outcome.Unreachable => "unreachable",
        _ => "ended",
    };

    private async Task<Outcome> StepAsync(CancellationToken cancellationToken)
    {
        _progress = false;
        _asked = TimeSpan.Zero;
        try
        {
            return _version is null ? await ListAsync(cancellationToken) : await WatchAsync(_version, cancellationToken);
        }
        catch (KubernetesException exception)
        {
            _asked = exception.RetryAfter is { } asked ? asked < s_longestWait ? asked : s_longestWait : TimeSpan.Zero;
            return Failed(exception, exception switch
            {
                { IsExpired: true } => Outcome.Expired,
                { StatusCode: System.Net.HttpStatusCode.TooManyRequests or >= System.Net.HttpStatusCode.InternalServerError } => Outcome.Busy,
                _ => Outcome.Refused,
            });
        }
        catch (KubeUnreachableException exception)
        {
            return Failed(exception, Outcome.Unreachable);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return Outcome.Ended;
        }
        catch (Exception exception)
        {
            // A mirror that dies would leave pages and controllers on old data for good: whatever it was, start over.
            return Failed(exception, Outcome.Refused);
        }
    }

    private async Task<Outcome> ListAsync(CancellationToken cancellationToken)
    {
        List<T> items = [];
        var options = new ListOptions { Limit = PageSize };
        KubeList<T> page;
        do
        {
            page = await resource.ListAsync(@namespace, options, cancellationToken);
            items.AddRange(page.Items);
            options = options with { Continue = page.Continue };
        }
        while (page.Continue is not null);

        replace(items, page.ResourceVersion);
        KubeMetrics.Lists.Add(1, new KeyValuePair<string, object?>("resource", resource.Definition.Plural));
        _version = page.ResourceVersion;
        Healthy();
        return Outcome.Listed;
    }

    private async Task<Outcome> WatchAsync(string version, CancellationToken cancellationToken)
    {
        // Spread, so that informers started together do not all reconnect together.
        var options = new WatchOptions { ResourceVersion = version, Timeout = s_watchTimeout * (1 + random()) };
        using var silence = new CancellationTokenSource(s_silence, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, silence.Token);
        var start = timeProvider.GetTimestamp();
        try
        {
            using var stream = await resource.OpenWatchAsync(@namespace, options, either.Token);
            Healthy();
            await foreach (var change in stream.ReadAsync(either.Token))
            {
                silence.CancelAfter(s_silence);
                Take(change);
            }

            return Outcome.Ended;
        }
        catch (OperationCanceledException) when (silence.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return Outcome.Silent;
        }
        finally
        {
            _progress |= timeProvider.GetElapsedTime(start) >= s_steady;
        }
    }

    private void Take(WatchEvent<T> change)
    {
        _progress = true;
        apply(change);
        if (change.Object.ResourceVersion is { Length: > 0 } version)
        {
            _version = version;
        }

        Healthy();
    }

    private void Healthy()
    {
        Interlocked.Exchange(ref _lastContact, timeProvider.GetUtcNow().UtcTicks);
        if (LastError is not null)
        {
            LastError = null;
            Log.Recovered(logger, resource.Definition.Plural);
        }
    }

    private Outcome Failed(Exception exception, Outcome outcome)
    {
        if (outcome == Outcome.Expired)
        {
            Log.Expired(logger, resource.Definition.Plural);
            return outcome;
        }

        // An outage is one line, however many attempts it takes.
        if (LastError != exception.Message)
        {
            LastError = exception.Message;
            Log.Failed(logger, resource.Definition.Plural, exception.Message);
        }

        return outcome;
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "The mirror of {Resource} is interrupted and goes on trying: {Error}")]
        public static partial void Failed(ILogger logger, string resource, string error);

        [LoggerMessage(LogLevel.Information, "The mirror of {Resource} works again")]
        public static partial void Recovered(ILogger logger, string resource);

        [LoggerMessage(LogLevel.Debug, "The history of {Resource} is gone; listing again")]
        public static partial void Expired(ILogger logger, string resource);
    }
}
