using System.Net;
using Portal.Kubernetes.Objects;
using Portal.Tests.Shared;

namespace Portal.Tests.Kubernetes.Runtime;

public sealed class LeaderElectorTests : IAsyncLifetime
{
    private const string Lease = "/apis/coordination.k8s.io/v1/namespaces/ns/leases";
    private static readonly DateTimeOffset s_start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly FakeObjects _server = new();
    private readonly List<LeaderCandidate> _candidates = [];
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
        await PassAsync(LeaderCandidate.Step);
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
        await PassAsync(LeaderCandidate.Step);
        await first.FollowsAsync();
        Assert.Equal(("thief", false), (first.Elector.Leader, first.Elector.IsLeader));
        Assert.Equal("thief", Spec["holderIdentity"]!.ToString());
    }

    [Fact]
    public async Task RunAsync_ProcessPausedPastItsLease_DoesNotLeadWhenItWakes()
    {
        var first = Start("a");
        await first.LeadsAsync();
        var second = Start("b");
        await PassAsync(TimeSpan.FromSeconds(4));
        first.Paused = true;
        await PassAsync(TimeSpan.FromSeconds(20));
        await second.LeadsAsync();
        first.Wake();
        Assert.False(first.Elector.IsLeader);
        await first.FollowsAsync();
        await PassAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(("b", true, false), (Spec["holderIdentity"]!.ToString(), second.IsLeading, first.IsLeading));
    }

    [Fact]
    public async Task IsLeader_MachineWasSuspended_IsFalseThoughTheSteadyClockStood()
    {
        var first = Start("a");
        await first.LeadsAsync();
        Assert.True(first.Elector.IsLeader);
        first.Suspend(TimeSpan.FromSeconds(11));
        Assert.False(first.Elector.IsLeader);
        await PassAsync(LeaderCandidate.Step);
        await first.FollowsAsync();
    }

    [Fact]
    public async Task RunAsync_LeaseDeleted_OthersWaitAndTheLeaderMakesItAgain()
    {
        var first = Start("a");
        await first.LeadsAsync();
        var second = Start("b");
        await PassAsync(TimeSpan.FromSeconds(4));
        first.Paused = true;
        _server.Clear();
        await PassAsync(TimeSpan.FromSeconds(9));
        Assert.Empty(_server.All(Lease));
        first.Wake();
        await PassAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(("a", true, false), (Spec["holderIdentity"]!.ToString(), first.IsLeading, second.IsLeading));
    }

    [Theory]
    [InlineData(HttpStatusCode.InternalServerError)]
    [InlineData(HttpStatusCode.Forbidden)]
    [InlineData(HttpStatusCode.Conflict)]
    [InlineData(HttpStatusCode.Unauthorized)]
    public async Task RunAsync_ServerRefusesRenewals_StopsLeadingBeforeAnotherStarts(HttpStatusCode code)
    {
        var first = Start("a");
        await first.LeadsAsync();
        var second = Start("b");
        await PassAsync(TimeSpan.FromSeconds(4));
        first.Server.Fault = request => request.Method == HttpMethod.Put ? new HttpResponseMessage(code) { Content = new StringContent("no") } : null;
        for (var passed = 0; passed < 11; passed++)
        {
            Assert.False(second.IsLeading);
            await PassAsync(TimeSpan.FromSeconds(1));
        }

        await first.FollowsAsync();
        await PassAsync(TimeSpan.FromSeconds(8));
        await second.LeadsAsync();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task RunAsync_RandomFaults_NeverTwoLeadersAndOneInTheEnd(int seed)
    {
        var random = new Random(seed);
        foreach (var (name, rate) in new[] { ("a", 0.95), ("b", 1.0), ("c", 1.05) })
        {
            Start(name, TimeSpan.FromMinutes(random.Next(-60, 60))).Rate = rate;
        }

        var changes = 0;
        LeaderCandidate? leader = null;
        for (var second = 0; second < 600; second++)
        {
            if (random.Next(6) == 0)
            {
                var candidate = _candidates[random.Next(3)];
                Disturb(candidate, candidate.IsDisturbed ? 4 : random.Next(4), random);
            }

            await PassAsync(TimeSpan.FromSeconds(1));
            var leading = _candidates.Where(candidate => !candidate.Paused && candidate.IsLeading).ToList();
            Assert.True(leading.Count <= 1, $"seed {seed}, second {second}: {string.Join(" and ", leading.Select(candidate => candidate.Name))} lead");
            changes += leading.Count == 1 && leading[0] != leader ? 1 : 0;
            leader = leading.FirstOrDefault() ?? leader;
        }

        _candidates.ForEach(candidate => candidate.Heal());
        await PassAsync(TimeSpan.FromSeconds(60));
        Assert.Single(_candidates, candidate => candidate.IsLeading && candidate.Elector.IsLeader);
        Assert.True(changes > 1, $"seed {seed} changed the leader {changes} times only");
    }

    [Fact]
    public async Task RunAsync_WorkThrows_ReleasesAndThrows()
    {
        var elector = LeaderCandidate.NewElector("a", new ManualTimeProvider(), _server.Client);
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

    private static void Disturb(LeaderCandidate candidate, int how, Random random)
    {
        candidate.IsDisturbed = how < 4;
        switch (how)
        {
            case 0:
                candidate.Server.Reachable = _ => false;
                break;
            case 1:
                // The server acts, but its answers are lost.
                candidate.Server.LosesAnswers = true;
                break;
            case 2:
                candidate.Server.Fault = _ => random.Next(2) == 0 ? new HttpResponseMessage(HttpStatusCode.ServiceUnavailable) { Content = new StringContent("") } : null;
                break;
            case 3:
                candidate.Paused = true;
                break;
            default:
                candidate.Heal();
                break;
        }
    }

    private LeaderCandidate Start(string identity, TimeSpan skew = default)
    {
        var candidate = new LeaderCandidate(identity, new ManualTimeProvider(s_start + _passed + skew), new CandidateLink(_server));
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
                await candidate.PassAsync(TimeSpan.FromSeconds(1));
            }
        }
    }
}
