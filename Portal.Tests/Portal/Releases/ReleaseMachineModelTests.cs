using Portal.Data;
using Portal.Features.Releases.Policies;
using Portal.Features.Releases.States;

namespace Portal.Tests.Portal.Releases;

/// <summary>Any people in any order: nothing goes out without the agreement its policy asks for, on exactly that content.</summary>
public sealed class ReleaseMachineModelTests
{
    private static readonly DateTimeOffset s_start = new(2030, 1, 2, 0, 0, 0, TimeSpan.Zero);
    private static readonly string[] s_hashes = ["h0", "h1", "h2"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void RandomCommands_Always_PublishOnlyWhatWasAgreed(int seed)
    {
        var random = new Random(seed);
        var published = 0;
        for (var run = 0; run < 2_500; run++)
        {
            published += Play(random, $"seed {seed}, run {run}") ? 1 : 0;
        }

        // A machine that publishes nothing would keep every promise.
        Assert.InRange(published, 250, 2_499);
    }

    private static bool Play(Random random, string label)
    {
        var people = Enumerable.Range(0, 5).Select(index => PersonOf(random, index)).ToList();
        var policy = PolicyOf(random);
        var now = s_start;
        var author = people[random.Next(people.Count)];
        var begun = ReleaseMachine.Begin(s_hashes[0], random.Next(4) == 0 ? now.AddHours(random.Next(1, 10)) : null, author, policy, now);
        if (begun.Refusal is not null)
        {
            Assert.False(author.MaySubmit, label);
            return false;
        }

        var model = new Model(author, s_hashes[0]);
        Check(model, begun, policy, now, label, null);
        var state = begun.State;
        var published = false;
        for (var step = 0; step < 25 && !published; step++)
        {
            now = now.AddMinutes(random.Next(90));
            policy = random.Next(12) == 0 ? PolicyOf(random) : policy;
            var by = people[random.Next(people.Count)];
            var command = random.Next(10) < 8 ? CommandOf(random) : null;
            var decision = command is not null ? ReleaseMachine.Decide(state, command, by, policy, now)
                : state.Status == ReleaseStatus.Publishing ? ReleaseMachine.Finish(state, random.Next(3) == 0 ? "refused" : null)
                : ReleaseMachine.Tick(state, policy, now);
            if (decision.Refusal is not null)
            {
                Assert.Equal(state, decision.State);
                continue;
            }

            Assert.False(state.IsOver && decision.State.Status != state.Status, $"{label}: {state.Status} is the end, and became {decision.State.Status} by {command}");
            model.Saw(command, by, decision, policy);
            Check(model, decision, policy, now, label, command);
            state = decision.State;
            published = state.Status == ReleaseStatus.Published;
        }

        return published;
    }

    /// <summary>The rule in other words than the machine's: who said what about which content, and who may say it.</summary>
    private static void Check(Model model, ReleaseDecision decision, ReleasePolicy policy, DateTimeOffset now, string label, ReleaseCommand? command)
    {
        if (!decision.Steps.Any(step => step.Kind == ReleaseSteps.Publishing))
        {
            return;
        }

        var state = decision.State;
        Assert.Equal(model.Hash, state.Hash);
        if (model.Bypassed)
        {
            Assert.NotNull(state.Bypass);
            return;
        }

        Assert.Null(state.Bypass);
        var agreed = model.Verdicts.Where(verdict => verdict.Value.Hash == model.Hash && verdict.Value.Approved
            && verdict.Value.By is { IsPerson: true, MayApprove: true }
            && policy.RequiredGroups.All(verdict.Value.Groups.Contains)
            && (policy.AllowSelfApproval || !model.Authors.ContainsKey(verdict.Key))).Select(verdict => verdict.Key).Distinct().Count();
        var direct = policy.Approvals == 0 && model.Authors.Values.All(author => author.MayPublish);
        Assert.True(agreed >= Math.Max(policy.Approvals, direct ? 0 : 1), $"{label}: {agreed} agreed, {policy.Approvals} are asked for, after {command}");
        Assert.DoesNotContain(model.Verdicts.Values, verdict => verdict.Hash == model.Hash && !verdict.Approved);
        Assert.False(state.PublishAt > now, $"{label}: before its time");
        Assert.Null(policy.FreezeAt(now));
    }

    private static Participant PersonOf(Random random, int index) => new()
    {
        Id = $"p{index}",
        Name = $"P{index}",
        IsPerson = random.Next(6) != 0,
        MaySubmit = random.Next(3) != 0,
        MayApprove = random.Next(3) != 0,
        MayPublish = random.Next(3) == 0,
        MayBypass = random.Next(8) == 0,
        Groups = random.Next(2) == 0 ? new HashSet<string> { "leads" } : [],
    };

    private static ReleasePolicy PolicyOf(Random random) => new()
    {
        Approvals = random.Next(4),
        RequiredGroups = random.Next(4) == 0 ? ["leads"] : [],
        AllowSelfApproval = random.Next(5) == 0,
        ExpiresAfter = random.Next(3) == 0 ? TimeSpan.FromHours(random.Next(2, 30)) : null,
        Freezes = random.Next(5) == 0 ? [new FreezeWindow { From = s_start.AddHours(2), To = s_start.AddHours(9), Reason = "x" }] : [],
    };

    private static ReleaseCommand CommandOf(Random random)
    {
        var hash = s_hashes[random.Next(s_hashes.Length)];
        var comment = random.Next(8) == 0 ? "" : "because";
        return random.Next(24) switch
        {
            < 12 => new ReleaseCommand.Approve(hash, null),
            12 or 13 => new ReleaseCommand.RequestChanges(hash, comment),
            14 => new ReleaseCommand.Reject(hash, comment),
            15 => new ReleaseCommand.Withdraw(null),
            16 => new ReleaseCommand.BreakGlass(hash, comment),
            17 or 18 => new ReleaseCommand.Retry(),
            19 => new ReleaseCommand.Say(comment),
            _ => new ReleaseCommand.Revise(hash, null, null),
        };
    }

    private sealed class Model(Participant author, string hash)
    {
        public string Hash { get; private set; } = hash;
        public bool Bypassed { get; private set; }
        public Dictionary<string, Participant> Authors { get; } = new() { [author.Id] = author };
        public Dictionary<string, (Participant By, bool Approved, string Hash, IReadOnlyList<string> Groups)> Verdicts { get; } = [];

        public void Saw(ReleaseCommand? command, Participant by, ReleaseDecision decision, ReleasePolicy policy)
        {
            switch (command)
            {
                case ReleaseCommand.Approve approve when decision.Steps.Count > 0:
                    Verdicts[by.Id] = (by, true, approve.Hash, [.. policy.RequiredGroups.Where(by.Groups.Contains)]);
                    break;
                case ReleaseCommand.RequestChanges changes:
                    Verdicts[by.Id] = (by, false, changes.Hash, []);
                    break;
                case ReleaseCommand.Revise revise when decision.Steps.Count > 0:
                    (Hash, Bypassed) = (revise.Hash, false);
                    Authors[by.Id] = by;
                    break;
                case ReleaseCommand.BreakGlass:
                    Assert.True(by.MayBypass && by.IsPerson);
                    Bypassed = true;
                    break;
                case ReleaseCommand.Retry:
                    Bypassed &= by is { MayBypass: true, IsPerson: true };
                    break;
            }
        }
    }
}
