using Portal.Data;
using Portal.Features.Releases.Policies;
using Portal.Features.Releases.States;

namespace Portal.Tests.Portal.Releases;

public sealed class ReleaseMachineTests
{
    private static readonly DateTimeOffset s_now = new(2030, 1, 2, 12, 0, 0, TimeSpan.Zero);
    private static readonly Participant s_ada = new() { Id = "ada", Name = "Ada", IsPerson = true, MaySubmit = true };
    private static readonly Participant s_ben = new() { Id = "ben", Name = "Ben", IsPerson = true, MayApprove = true };
    private static readonly Participant s_cleo = s_ben with { Id = "cleo", Name = "Cleo" };
    private static readonly Participant s_root = new() { Id = "root", Name = "Root", IsPerson = true, MaySubmit = true, MayApprove = true, MayPublish = true, MayBypass = true };
    private static readonly ReleasePolicy s_one = new() { Approvals = 1 };

    [Fact]
    public void Begin_PolicyOfNobody_PublishesForThoseWhoMayAndAsksForTheOthers()
    {
        Assert.Equal(ReleaseStatus.Publishing, Begin(s_root, new ReleasePolicy()).Status);
        Assert.Equal(ReleaseStatus.Open, Begin(s_ada, new ReleasePolicy()).Status);
    }

    [Fact]
    public void RequestChanges_ByOne_HoldsItAlthoughAnotherApproves()
    {
        var state = Begin(s_ada, s_one);
        state = Do(state, new ReleaseCommand.RequestChanges("h1", "Too long"), s_ben, s_one);
        Assert.Equal(ReleaseStatus.ChangesRequested, state.Status);

        state = Do(state, new ReleaseCommand.Approve("h1", null), s_cleo, s_one);
        Assert.Equal(ReleaseStatus.ChangesRequested, state.Status);

        Assert.Equal(ReleaseStatus.Publishing, Do(state, new ReleaseCommand.Approve("h1", "Fine now"), s_ben, s_one).Status);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(" ")]
    public void Decide_WithoutTheCommentItTakes_IsInvalid(string? comment)
    {
        var state = Begin(s_ada, s_one);

        Assert.All(
            new ReleaseCommand[] { new ReleaseCommand.RequestChanges("h1", comment!), new ReleaseCommand.Reject("h1", comment!), new ReleaseCommand.BreakGlass("h1", comment!) },
            command => Assert.Equal(RefusalReason.Invalid, ReleaseMachine.Decide(state, command, s_root, s_one, s_now).Refusal?.Reason));
    }

    [Fact]
    public void RequiredEval_OnThisContent_HoldsWhatPeopleAgreedToAndCountsForNobody()
    {
        var policy = s_one with { RequiredEvals = ["quality"] };
        var state = Do(Begin(s_ada, policy), new ReleaseCommand.Approve("h1", null), s_ben, policy);
        Assert.Equal(ReleaseStatus.Open, state.Status);

        var failed = Do(state, new ReleaseCommand.Measured("h1", "quality", false, "1 of 2"), s_ada, policy);
        Assert.Equal(ReleaseStatus.ChangesRequested, failed.Status);
        Assert.Equal(ReleaseStatus.Publishing, Do(failed, new ReleaseCommand.Measured("h1", "quality", true, "2 of 2"), s_ada, policy).Status);
        Assert.Equal(ReleaseStatus.Open, Do(Begin(s_ada, policy), new ReleaseCommand.Measured("h1", "quality", true, "2 of 2"), s_ada, policy).Status);

        // Another content has to pass anew, and what the policy asks no more holds nothing.
        var revised = Do(failed, new ReleaseCommand.Revise("h2", null, null), s_ada, policy);
        Assert.Equal(["quality"], ReleaseMachine.Unproven(revised, policy));
        Assert.Equal(ReleaseStatus.Publishing, ReleaseMachine.Tick(failed, s_one, s_now).State.Status);
    }

    [Fact]
    public void OverrideEval_TakesAnApproverWhoDidNotWriteItAndAReason()
    {
        var policy = s_one with { RequiredEvals = ["quality"] };
        var state = Do(Begin(s_ada, policy), new ReleaseCommand.Approve("h1", null), s_ben, policy);
        RefusalReason? Refused(string reason, Participant by, string eval = "quality", string hash = "h1") =>
            ReleaseMachine.Decide(state, new ReleaseCommand.OverrideEval(hash, eval, reason), by, policy, s_now).Refusal?.Reason;

        Assert.Equal(RefusalReason.Forbidden, Refused("I know better", s_ada));
        Assert.Equal(RefusalReason.Invalid, Refused(" ", s_ben));
        Assert.Equal(RefusalReason.Invalid, Refused("Why", s_ben, "another"));
        Assert.Equal(RefusalReason.Conflict, Refused("Why", s_ben, hash: "h0"));
        Assert.Equal(ReleaseStatus.Publishing, Do(state, new ReleaseCommand.OverrideEval("h1", "quality", "The samples are of last year"), s_ben, policy).Status);
    }

    [Fact]
    public void Decide_WithTooManyWords_IsInvalid()
    {
        var state = Begin(s_ada, s_one);

        var decision = ReleaseMachine.Decide(state, new ReleaseCommand.Approve(state.Hash, new string('x', 2001)), s_ben, new ReleasePolicy { Approvals = 1 }, s_now);

        Assert.Equal((RefusalReason.Invalid, "At most 2000 characters; this has 2001."), (decision.Refusal!.Reason, decision.Refusal.Message));
    }

    [Fact]
    public void Approve_OutsideTheRequiredGroup_IsForbidden()
    {
        var policy = s_one with { RequiredGroups = ["leads"] };
        var state = Begin(s_ada, policy);

        var refused = ReleaseMachine.Decide(state, new ReleaseCommand.Approve("h1", null), s_ben, policy, s_now);

        Assert.Equal("Only members of the group “leads” can approve here.", refused.Refusal?.Message);
        Assert.Equal(ReleaseStatus.Publishing, Do(state, new ReleaseCommand.Approve("h1", null), s_ben with { Groups = new HashSet<string> { "leads" } }, policy).Status);
    }

    [Fact]
    public void Approve_BySomebodyWhoRevisedIt_DoesNotCountAnyMore()
    {
        var two = new ReleasePolicy { Approvals = 2 };
        var both = s_ben with { MaySubmit = true };
        var state = Do(Begin(s_ada, two), new ReleaseCommand.Approve("h1", null), both, two);
        state = Do(state, new ReleaseCommand.Revise("h2", null, null), both, two);
        state = Do(state, new ReleaseCommand.Revise("h1", null, null), s_ada, two);

        Assert.Empty(ReleaseMachine.Counted(state, two));
        Assert.Equal(RefusalReason.Forbidden, ReleaseMachine.Decide(state, new ReleaseCommand.Approve("h1", null), both, two, s_now).Refusal?.Reason);
    }

    [Fact]
    public void Tick_Freeze_HoldsAnAgreedReleaseUntilItsEnd()
    {
        var policy = s_one with { Freezes = [new FreezeWindow { From = s_now.AddHours(-1), To = s_now.AddHours(1), Reason = "Launch" }] };
        var state = Do(Begin(s_ada, policy), new ReleaseCommand.Approve("h1", null), s_ben, policy);

        Assert.Equal(ReleaseStatus.Approved, ReleaseMachine.Tick(state, policy, s_now.AddMinutes(59)).State.Status);
        Assert.Equal(ReleaseStatus.Publishing, ReleaseMachine.Tick(state, policy, s_now.AddHours(1)).State.Status);
        Assert.Equal(ReleaseStatus.Publishing, Do(state, new ReleaseCommand.BreakGlass("h1", "Now"), s_root, policy).Status);
    }

    [Fact]
    public void Tick_AfterTheTimeToWait_Expires()
    {
        var policy = s_one with { ExpiresAfter = TimeSpan.FromHours(8) };
        var state = Begin(s_ada, policy);

        Assert.Equal(ReleaseStatus.Open, ReleaseMachine.Tick(state, policy, s_now.AddHours(7)).State.Status);
        Assert.Equal(ReleaseStatus.Expired, ReleaseMachine.Tick(state, policy, s_now.AddHours(8)).State.Status);
        Assert.Equal(RefusalReason.Conflict, ReleaseMachine.Decide(state, new ReleaseCommand.Approve("h1", null), s_ben, policy, s_now.AddHours(8)).Refusal?.Reason);
    }

    [Theory]
    [InlineData("2030-01-04T17:59:00Z", false)]
    [InlineData("2030-01-04T18:00:00Z", true)]
    [InlineData("2030-01-05T05:59:00Z", true)]
    [InlineData("2030-01-05T06:00:00Z", false)]
    [InlineData("2030-01-03T18:00:00Z", false)]
    public void FreezeWindow_EveryFridayNight_IsThatNightOnly(string time, bool expected)
    {
        var window = new FreezeWindow { Days = [DayOfWeek.Friday], Start = new TimeOnly(19, 0), End = new TimeOnly(7, 0), TimeZone = "Europe/Berlin" };

        Assert.Equal(expected, window.Contains(DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void Strictest_OfSeveral_KeepsThemAll()
    {
        var policy = ReleasePolicy.Strictest([
            new ReleasePolicy { Approvals = 1, RequiredGroups = ["a"], AllowSelfApproval = true },
            new ReleasePolicy { Approvals = 2, RequiredGroups = ["b"], ExpiresAfter = TimeSpan.FromHours(1) },
        ]);

        Assert.Equal((2, "a,b", false, TimeSpan.FromHours(1)), (policy.Approvals, string.Join(',', policy.RequiredGroups), policy.AllowSelfApproval, policy.ExpiresAfter));
    }

    private static ReleaseState Begin(Participant by, ReleasePolicy policy) => ReleaseMachine.Begin("h1", null, by, policy, s_now).State;

    private static ReleaseState Do(ReleaseState state, ReleaseCommand command, Participant by, ReleasePolicy policy)
    {
        var decision = ReleaseMachine.Decide(state, command, by, policy, s_now);
        Assert.Null(decision.Refusal);
        return decision.State;
    }
}
