using Microsoft.Extensions.Logging.Abstractions;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Runtime;
using Portal.Tests.Shared;

namespace Portal.Tests.Kubernetes.Runtime;

/// <summary>A process that wants to lead, with a clock and a way to the server that the test disturbs.</summary>
internal sealed class LeaderCandidate
{
    /// <summary>The pause between two attempts of an elector.</summary>
    public static readonly TimeSpan Step = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stop = new();
    private readonly WallClock _clock;
    private readonly Task _running;
    private volatile bool _leads;
    private TimeSpan _missed;

    public LeaderCandidate(string identity, ManualTimeProvider time, CandidateLink server)
    {
        (Name, Time, Server) = (identity, time, server);
        _clock = new WallClock(time);
        Elector = NewElector(identity, _clock, new KubeClient(new KubeConnection(new Uri("https://cluster.test"), server, "default", identity)));
        _running = Elector.RunAsync(LeadAsync, _stop.Token);
    }

    public string Name { get; }
    public LeaderElector Elector { get; }
    public ManualTimeProvider Time { get; }
    public CandidateLink Server { get; }
    public bool IsLeading => _leads;

    /// <summary>While true nothing of this process runs; the time that passes hits it when it wakes.</summary>
    public bool Paused { get; set; }

    public bool IsDisturbed { get; set; }

    /// <summary>How fast its clock runs.</summary>
    public double Rate { get; set; } = 1;
    public bool Stopped => _running.IsCompleted;
    private TaskCompletionSource Started { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public static LeaderElector NewElector(string identity, TimeProvider time, KubeClient client) => new(
        client,
        new LeaderElectorOptions { Namespace = "ns", Name = "operator", Identity = identity },
        time,
        NullLogger.Instance);

    public Task LeadsAsync() => Started.Task.WaitAsync(ManualTimeProvider.Patience);

    public Task FollowsAsync() => Ended.Task.WaitAsync(ManualTimeProvider.Patience);

    public async Task PassAsync(TimeSpan by)
    {
        _missed += by * Rate;
        if (!Paused)
        {
            Wake();
            await Time.TimerWithinAsync(Step);
            await SettledAsync();
        }
    }

    /// <summary>The work begins and ends on other threads: waits until it does what the elector says.</summary>
    private async Task SettledAsync()
    {
        using var patience = new CancellationTokenSource(ManualTimeProvider.Patience);
        while (Elector.IsLeader != IsLeading && _clock.Ahead == TimeSpan.Zero)
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    /// <summary>The pause ends: all the time it took comes at once.</summary>
    public void Wake()
    {
        Paused = false;
        var due = _missed;
        _missed = TimeSpan.Zero;
        Time.Jump(due);
    }

    /// <summary>The machine sleeps: only the clock on the wall goes on.</summary>
    public void Suspend(TimeSpan by) => _clock.Ahead += by;

    /// <summary>Everything works again.</summary>
    public void Heal()
    {
        (Server.Reachable, Server.LosesAnswers, Server.Fault) = (_ => true, false, _ => null);
        Paused = false;
    }

    public async Task StopAsync()
    {
        Heal();
        await _stop.CancelAsync();
        await _running.WaitAsync(ManualTimeProvider.Patience);
    }

    private async Task LeadAsync(CancellationToken cancellationToken)
    {
        _leads = true;
        Started.TrySetResult();
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _leads = false;
        Ended.TrySetResult();
    }
}

/// <summary>One candidate's way to the shared server.</summary>
internal sealed class CandidateLink(FakeObjects server) : HttpMessageHandler
{
    private readonly HttpMessageInvoker _inner = new(server, disposeHandler: false);

    public Func<HttpRequestMessage, bool> Reachable { get; set; } = _ => true;

    /// <summary>An answer that comes instead of the server's.</summary>
    public Func<HttpRequestMessage, HttpResponseMessage?> Fault { get; set; } = _ => null;

    /// <summary>Writes arrive, but nobody hears of it.</summary>
    public bool LosesAnswers { get; set; }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (!Reachable(request))
        {
            throw new HttpRequestException("Connection refused");
        }

        var answer = Fault(request) ?? await _inner.SendAsync(request, cancellationToken);
        return LosesAnswers && request.Method != HttpMethod.Get ? throw new HttpRequestException("Connection reset") : answer;
    }
}

/// <summary>A machine's clocks: timers and the steady one are moved by the test, the one on the wall may be further.</summary>
internal sealed class WallClock(ManualTimeProvider steady) : TimeProvider
{
    public TimeSpan Ahead { get; set; }

    public override long TimestampFrequency => steady.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => steady.GetUtcNow() + Ahead;

    public override long GetTimestamp() => steady.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        steady.CreateTimer(callback, state, dueTime, period);
}
