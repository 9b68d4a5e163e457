using Microsoft.Extensions.Logging.Abstractions;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;
using Portal.Tests.Shared;

namespace Portal.Tests.Kubernetes.Runtime;

public sealed class LeaderElectorTests : IAsyncLifetime
{
    private const string Lease = "/apis/coordination.k8s.io/v1/namespaces/ns/leases";
    private static readonly DateTimeOffset s_start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan s_step = TimeSpan.FromSeconds(2);

    private readonly FakeObjects _server = new();
    private readonly List<Candidate> _candidates = [];
    private TimeSpan _passed;

    private JsonObject Spec => (JsonObject)Assert.Single(_server.All(Lease))["spec"]!;

    [Fact]
    public async Task RunAsync_NoLease_CreatesItAndLeads()
    {
        await Start("a").LeadsAsync();
        Assert.Equal("a", Spec["holderIdentity"]!.ToString());
        Assert.Equal("15", Spec["leaseDurationSeconds"]!.ToJsonString());
        Assert.Equal("2030-01-01T00:00:00.000000Z", Spec["renewTime"]!.ToString());
        Assert.Equal("0", Spec["leaseTransitions"]!.ToJsonString());
    }

    [Fact]
    public async Task RunAsync_TwoCandidates_OnlyOneLeadsWhileItRenews()
    {
        await Start("a").LeadsAsync();
        var second = Start("b");
        await PassAsync(TimeSpan.FromMinutes(1));
        Assert.False(second.IsLeading);
        Assert.True(_candidates[0].IsLeading);
        Assert.Equal("2030-01-01T00:01:00.000000Z", Spec["renewTime"]!.ToString());
        Assert.Equal("2030-01-01T00:00:00.000000Z", Spec["acquireTime"]!.ToString());
    }

    [Fact]
    public async Task RunAsync_LeaderStops_ReleasesAndTheOtherTakesOverAtOnce()
    {
        var first = Start("a");
        await first.LeadsAsync();
        var second = Start("b");
        await PassAsync(TimeSpan.FromSeconds(4));
        await first.StopAsync();
        Assert.Null(Spec["holderIdentity"]);
        await PassAsync(s_step);
        await second.LeadsAsync();
        Assert.Equal(("b", "1"), (Spec["holderIdentity"]!.ToString(), Spec["leaseTransitions"]!.ToJsonString()));
    }

    [Fact]
    public async Task RunAsync_LeaderCutOff_StopsLeadingBeforeAnotherStarts()
    {
        var first = Start("a");
        await first.LeadsAsync();
        var second = Start("b");
        await PassAsync(TimeSpan.FromSeconds(4));
        first.Server.Reachable = _ => false;
        var cutOff = _passed;
        while (first.IsLeading && _passed - cutOff < TimeSpan.FromMinutes(1))
        {
            Assert.False(second.IsLeading);
            await PassAsync(TimeSpan.FromSeconds(1));
        }

        Assert.InRange(_passed - cutOff, TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(11));
        Assert.False(second.IsLeading);
        await PassAsync(TimeSpan.FromSeconds(10));
        await second.LeadsAsync();
    }

    [Theory]
    [InlineData(-3600)]
    [InlineData(3600)]
    public async Task RunAsync_ClocksHoursApart_DoNotMatter(int skewSeconds)
    {
        await Start("a").LeadsAsync();
        var other = Start("b", TimeSpan.FromSeconds(skewSeconds));
        await PassAsync(TimeSpan.FromSeconds(60));
        Assert.False(other.IsLeading);
        _candidates[0].Server.Reachable = _ => false;
        await PassAsync(TimeSpan.FromSeconds(20));
        await other.LeadsAsync();
    }

    [Fact]
    public async Task RunAsync_LeaseTakenByAnother_StopsLeading()
    {
        var first = Start("a");
        await first.LeadsAsync();
        var lease = _server.All(Lease)[0];
        lease["spec"]!["holderIdentity"] = "thief";
        await _server.Client.Resource(BuiltIn.Lease).ReplaceAsync(new KubeObject(lease), null, default);
        await PassAsync(s_step);
        await first.FollowsAsync();
        Assert.Equal(("thief", false), (first.Elector.Leader, first.Elector.IsLeader));
        Assert.Equal("thief", Spec["holderIdentity"]!.ToString());
    }

    [Fact]
    public async Task RunAsync_WorkThrows_ReleasesAndThrows()
    {
        var elector = NewElector("a", new ManualTimeProvider(), _server.Client);
        await Assert.ThrowsAsync<InvalidOperationException>(() => elector.RunAsync(_ => throw new InvalidOperationException(), default));
        Assert.Null(Spec["holderIdentity"]);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var candidate in _candidates)
        {
            await candidate.StopAsync();
        }
    }

    private static LeaderElector NewElector(string identity, TimeProvider time, KubeClient client) => new(
        client,
        new LeaderElectorOptions { Namespace = "ns", Name = "operator", Identity = identity },
        time,
        NullLogger.Instance);

    private Candidate Start(string identity, TimeSpan skew = default)
    {
        var candidate = new Candidate(identity, new ManualTimeProvider(s_start + _passed + skew), new Link(_server));
        _candidates.Add(candidate);
        return candidate;
    }

    /// <summary>Lets time pass, a second at a step; goes on when everybody waits again for the next attempt.</summary>
    private async Task PassAsync(TimeSpan by)
    {
        for (var end = _passed + by; _passed < end; _passed += TimeSpan.FromSeconds(1))
        {
            foreach (var candidate in _candidates.Where(candidate => !candidate.Stopped))
            {
                candidate.Time.Advance(TimeSpan.FromSeconds(1));
                await candidate.Time.TimerWithinAsync(s_step);
            }
        }
    }

    private sealed class Candidate
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _running;

        public Candidate(string identity, ManualTimeProvider time, Link server)
        {
            (Time, Server) = (time, server);
            Elector = NewElector(identity, time, new KubeClient(new KubeConnection(new Uri("https://cluster.test"), server, "default", identity)));
            _running = Elector.RunAsync(LeadAsync, _stop.Token);
        }

        public LeaderElector Elector { get; }
        public ManualTimeProvider Time { get; }
        public Link Server { get; }
        public bool IsLeading { get; private set; }
        public bool Stopped => _running.IsCompleted;
        private TaskCompletionSource Started { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task LeadsAsync() => Started.Task.WaitAsync(ManualTimeProvider.Patience);

        public Task FollowsAsync() => Ended.Task.WaitAsync(ManualTimeProvider.Patience);

        public async Task StopAsync()
        {
            Server.Reachable = _ => true;
            await _stop.CancelAsync();
            await _running.WaitAsync(ManualTimeProvider.Patience);
        }

        private async Task LeadAsync(CancellationToken cancellationToken)
        {
            IsLeading = true;
            Started.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            IsLeading = false;
            Ended.TrySetResult();
        }
    }

    /// <summary>One candidate's way to the shared server.</summary>
    private sealed class Link(FakeObjects server) : HttpMessageHandler
    {
        private readonly HttpMessageInvoker _inner = new(server, disposeHandler: false);

        public Func<HttpRequestMessage, bool> Reachable { get; set; } = _ => true;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Reachable(request) ? _inner.SendAsync(request, cancellationToken) : throw new HttpRequestException("Connection refused");
    }
}
