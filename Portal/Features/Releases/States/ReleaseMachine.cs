using Portal.Data;
using Portal.Features.Releases.Policies;

namespace Portal.Features.Releases.States;

/// <summary>
/// The rules of a request, in one place and without effects. A request becomes <see cref="ReleaseStatus.Publishing"/> only when the policy in
/// force at that moment is satisfied by reviews of its exact content, or when it is set aside openly by somebody who may do so.
/// </summary>
public static class ReleaseMachine
{
    /// <summary>A new request.</summary>
    public static ReleaseDecision Begin(string hash, DateTimeOffset? publishAt, Participant by, ReleasePolicy policy, DateTimeOffset now)
    {
        var state = new ReleaseState
        {
            Status = ReleaseStatus.Open,
            Hash = hash,
            RequesterId = by.Id,
            Authors = [by.Id],
            MayPublish = by.MayPublish,
            PublishAt = publishAt,
            ExpiresAt = now + policy.ExpiresAfter,
        };
        return by.MaySubmit
            ? Settle(state, policy, now, [new ReleaseStep(ReleaseSteps.Submitted)])
            : Refuse(state, RefusalReason.Forbidden, "Your role does not let you submit here.");
    }

    public static ReleaseDecision Decide(ReleaseState state, ReleaseCommand command, Participant by, ReleasePolicy policy, DateTimeOffset now)
    {
        if (command.Words?.Length > ReleaseCommand.LongestWords)
        {
            return NoComment(state, $"At most {ReleaseCommand.LongestWords} characters; this has {command.Words.Length}.");
        }

        if (command is ReleaseCommand.Say said)
        {
            return string.IsNullOrWhiteSpace(said.Comment) ? NoComment(state, "Write a comment.") : Stay(state, new ReleaseStep(ReleaseSteps.Commented, said.Comment));
        }

        if (state.IsWaiting && state.ExpiresAt <= now)
        {
            return Refuse(state, RefusalReason.Conflict, "This request has expired. Submit it again.");
        }

        return command switch
        {
            ReleaseCommand.Approve approve => Approve(state, approve, by, policy, now),
            ReleaseCommand.RequestChanges changes => RequestChanges(state, changes, by, policy, now),
            ReleaseCommand.Reject reject => Reject(state, reject, by),
            ReleaseCommand.Withdraw withdraw => Withdraw(state, withdraw, by),
            ReleaseCommand.Revise revise => Revise(state, revise, by, policy, now),
            ReleaseCommand.BreakGlass glass => BreakGlass(state, glass, by),
            ReleaseCommand.Measured measured => Measure(state, measured, by, policy, now),
            ReleaseCommand.OverrideEval @override => OverrideEval(state, @override, by, policy, now),
            ReleaseCommand.Retry => Retry(state, by, policy, now),
            _ => throw new ArgumentOutOfRangeException(nameof(command)),
        };
    }

    /// <summary>What time alone leads to: requests expire, and agreed ones go out when their time has come and no freeze holds them.</summary>
    public static ReleaseDecision Tick(ReleaseState state, ReleasePolicy policy, DateTimeOffset now) =>
        !state.IsWaiting ? Stay(state)
        : state.ExpiresAt <= now ? Stay(state with { Status = ReleaseStatus.Expired }, new ReleaseStep(ReleaseSteps.Expired))
        : Settle(state, policy, now, []);

    /// <summary>What the cluster answered.</summary>
    /// <param name="problem">Why it said no; null when all of it is there.</param>
    public static ReleaseDecision Finish(ReleaseState state, string? problem) =>
        state.Status != ReleaseStatus.Publishing ? Stay(state)
        : problem is null ? Stay(state with { Status = ReleaseStatus.Published, Problem = null }, new ReleaseStep(ReleaseSteps.Published))
        : Stay(state with { Status = ReleaseStatus.Failed, Problem = problem }, new ReleaseStep(ReleaseSteps.Failed, problem));

    /// <summary>How many people must agree to this request.</summary>
    public static int Required(ReleaseState state, ReleasePolicy policy) => Math.Max(policy.Approvals, state.MayPublish ? 0 : 1);

    /// <summary>The approvals that count now.</summary>
    public static IReadOnlyList<Review> Counted(ReleaseState state, ReleasePolicy policy) =>
        [.. state.Reviews.Where(review => review.Verdict == ReviewVerdict.Approved && review.Hash == state.Hash && review.Eval() is null
            && (policy.AllowSelfApproval || !state.Authors.Contains(review.ActorId))
            && policy.RequiredGroups.All(review.Groups.Contains))];

    /// <summary>The required Evals that have neither passed on this content nor were set aside for it.</summary>
    public static IReadOnlyList<string> Unproven(ReleaseState state, ReleasePolicy policy) => [.. policy.RequiredEvals.Where(eval =>
        !state.Reviews.Any(review => review.ActorId == Review.ActorOf(eval) && review.Verdict == ReviewVerdict.Approved && review.Hash == state.Hash))];

    /// <summary>Why a person's approval would not count; null when it would.</summary>
    public static string? WhyNotApprove(ReleaseState state, Participant by, ReleasePolicy policy) => by switch
    {
        { IsPerson: false } => "A token can ask for a release, but only a person can agree to one.",
        { MayApprove: false } => "Your role does not let you approve here.",
        _ when !policy.AllowSelfApproval && state.Authors.Contains(by.Id) => "You wrote this yourself: somebody else must approve it.",
        _ when policy.RequiredGroups.FirstOrDefault(group => !by.Groups.Contains(group)) is { } group =>
            $"Only members of the group “{group}” can approve here.",
        _ => null,
    };

    private static ReleaseDecision Approve(ReleaseState state, ReleaseCommand.Approve approve, Participant by, ReleasePolicy policy, DateTimeOffset now)
    {
        if (WhyNotApprove(state, by, policy) is { } reason)
        {
            return Refuse(state, RefusalReason.Forbidden, reason);
        }

        if (state.Hash == approve.Hash && state.Reviews.Any(review => review.ActorId == by.Id && review.Verdict == ReviewVerdict.Approved && review.Hash == approve.Hash)
            && state.Status is not (ReleaseStatus.Rejected or ReleaseStatus.Withdrawn or ReleaseStatus.Expired))
        {
            // Clicked twice.
            return Stay(state);
        }

        if (WhyNotDecide(state, approve.Hash) is { } conflict)
        {
            return conflict;
        }

        var groups = policy.RequiredGroups.Where(by.Groups.Contains).ToList();
        var next = WithReview(state, new Review(by.Id, by.Name, ReviewVerdict.Approved, state.Hash, groups));
        return Settle(next, policy, now, [new ReleaseStep(ReleaseSteps.Approved, approve.Comment)]);
    }

    private static ReleaseDecision RequestChanges(ReleaseState state, ReleaseCommand.RequestChanges changes, Participant by, ReleasePolicy policy, DateTimeOffset now)
    {
        if (!by.MayApprove || !by.IsPerson)
        {
            return Refuse(state, RefusalReason.Forbidden, "Your role does not let you review here. You can comment.");
        }

        if (string.IsNullOrWhiteSpace(changes.Comment))
        {
            return NoComment(state, "Say what should change.");
        }

        if (WhyNotDecide(state, changes.Hash) is { } conflict)
        {
            return conflict;
        }

        var next = WithReview(state, new Review(by.Id, by.Name, ReviewVerdict.ChangesRequested, state.Hash, []));
        return Settle(next, policy, now, [new ReleaseStep(ReleaseSteps.ChangesRequested, changes.Comment)]);
    }

    private static ReleaseDecision Measure(ReleaseState state, ReleaseCommand.Measured measured, Participant by, ReleasePolicy policy, DateTimeOffset now)
    {
        if (!by.MaySubmit && !by.MayApprove && !by.MayBypass)
        {
            return Refuse(state, RefusalReason.Forbidden, "Your role does not let you run the Evals of a request.");
        }

        if ((WhyNotDecide(state, measured.Hash) ?? WhyNotRequired(state, measured.Eval, policy)) is { } refused)
        {
            return refused;
        }

        var verdict = measured.Passed ? ReviewVerdict.Approved : ReviewVerdict.ChangesRequested;
        var next = WithReview(state, new Review(Review.ActorOf(measured.Eval), measured.Eval, verdict, state.Hash, []));
        return Settle(next, policy, now, [new ReleaseStep(measured.Passed ? ReleaseSteps.EvalPassed : ReleaseSteps.EvalFailed, $"{measured.Eval}: {measured.Result}")]);
    }

    private static ReleaseDecision OverrideEval(ReleaseState state, ReleaseCommand.OverrideEval @override, Participant by, ReleasePolicy policy, DateTimeOffset now)
    {
        if (WhyNotApprove(state, by, policy) is { } reason)
        {
            return Refuse(state, RefusalReason.Forbidden, reason);
        }

        if (string.IsNullOrWhiteSpace(@override.Reason))
        {
            return NoComment(state, "Say why it may go on without the Eval.");
        }

        if ((WhyNotDecide(state, @override.Hash) ?? WhyNotRequired(state, @override.Eval, policy)) is { } refused)
        {
            return refused;
        }

        var next = WithReview(state, new Review(Review.ActorOf(@override.Eval), by.Name, ReviewVerdict.Approved, state.Hash, []));
        return Settle(next, policy, now, [new ReleaseStep(ReleaseSteps.EvalOverridden, $"{@override.Eval}: {@override.Reason}")]);
    }

    private static ReleaseDecision? WhyNotRequired(ReleaseState state, string eval, ReleasePolicy policy) =>
        policy.RequiredEvals.Contains(eval) ? null : Refuse(state, RefusalReason.Invalid, $"The policy does not ask for the Eval \"{eval}\" here.");

    private static ReleaseDecision Reject(ReleaseState state, ReleaseCommand.Reject reject, Participant by)
    {
        if (!by.MayApprove || !by.IsPerson)
        {
            return Refuse(state, RefusalReason.Forbidden, "Your role does not let you reject here. You can comment.");
        }

        return string.IsNullOrWhiteSpace(reject.Comment) ? NoComment(state, "Say why it is rejected.")
            : WhyNotDecide(state, reject.Hash) ?? Stay(state with { Status = ReleaseStatus.Rejected }, new ReleaseStep(ReleaseSteps.Rejected, reject.Comment));
    }

    private static ReleaseDecision Withdraw(ReleaseState state, ReleaseCommand.Withdraw withdraw, Participant by) =>
        !state.Authors.Contains(by.Id) && !by.MayBypass ? Refuse(state, RefusalReason.Forbidden, "Only its authors can withdraw a request.")
        : !state.IsWaiting && state.Status != ReleaseStatus.Failed ? NotWaiting(state)
        : Stay(state with { Status = ReleaseStatus.Withdrawn }, new ReleaseStep(ReleaseSteps.Withdrawn, withdraw.Comment));

    private static ReleaseDecision Revise(ReleaseState state, ReleaseCommand.Revise revise, Participant by, ReleasePolicy policy, DateTimeOffset now)
    {
        if (!by.MaySubmit)
        {
            return Refuse(state, RefusalReason.Forbidden, "Your role does not let you submit here.");
        }

        if (!state.IsWaiting && state.Status != ReleaseStatus.Failed)
        {
            return NotWaiting(state);
        }

        if (state.Hash == revise.Hash)
        {
            return Stay(state);
        }

        var next = state with
        {
            Status = ReleaseStatus.Open,
            Hash = revise.Hash,
            PublishAt = revise.PublishAt,
            Authors = state.Authors.Contains(by.Id) ? state.Authors : [.. state.Authors, by.Id],
            MayPublish = state.MayPublish && by.MayPublish,
            ExpiresAt = now + policy.ExpiresAfter,
            Bypass = null,
            Problem = null,
        };
        return Settle(next, policy, now, [new ReleaseStep(ReleaseSteps.Revised, revise.Comment)]);
    }

    private static ReleaseDecision BreakGlass(ReleaseState state, ReleaseCommand.BreakGlass glass, Participant by)
    {
        if (!by.MayBypass || !by.IsPerson)
        {
            return Refuse(state, RefusalReason.Forbidden, "Your role does not let you publish without the approvals asked for.");
        }

        if (string.IsNullOrWhiteSpace(glass.Reason))
        {
            return NoComment(state, "Say why it cannot wait for approval.");
        }

        return WhyNotDecide(state, glass.Hash) ?? Stay(
            state with { Status = ReleaseStatus.Publishing, Bypass = glass.Reason },
            new ReleaseStep(ReleaseSteps.Bypassed, glass.Reason), new ReleaseStep(ReleaseSteps.Publishing));
    }

    private static ReleaseDecision Retry(ReleaseState state, Participant by, ReleasePolicy policy, DateTimeOffset now)
    {
        if (!by.MaySubmit && !by.MayApprove && !by.MayBypass)
        {
            return Refuse(state, RefusalReason.Forbidden, "Your role does not let you publish here.");
        }

        if (state.Status != ReleaseStatus.Failed)
        {
            return Refuse(state, RefusalReason.Conflict, "Only a release that failed can be tried again.");
        }

        var steps = new[] { new ReleaseStep(ReleaseSteps.Retried) };
        return state.Bypass is not null && by.MayBypass && by.IsPerson
            ? Stay(state with { Status = ReleaseStatus.Publishing, Problem = null }, [.. steps, new ReleaseStep(ReleaseSteps.Publishing)])
            : Settle(state with { Status = ReleaseStatus.Open, Problem = null, Bypass = null }, policy, now, steps);
    }

    /// <summary>The one way to <see cref="ReleaseStatus.Publishing"/> that is not break-glass.</summary>
    private static ReleaseDecision Settle(ReleaseState state, ReleasePolicy policy, DateTimeOffset now, IReadOnlyList<ReleaseStep> steps)
    {
        var blocked = state.Reviews.Any(review => review.Hash == state.Hash && review.Verdict == ReviewVerdict.ChangesRequested
            && (review.Eval() is not { } eval || policy.RequiredEvals.Contains(eval)));
        var agreed = Counted(state, policy).Count >= Required(state, policy) && Unproven(state, policy).Count == 0;
        var status = blocked ? ReleaseStatus.ChangesRequested : agreed ? ReleaseStatus.Approved : ReleaseStatus.Open;
        var goes = status == ReleaseStatus.Approved && !(state.PublishAt > now) && policy.FreezeAt(now) is null;
        return new ReleaseDecision
        {
            State = state with { Status = goes ? ReleaseStatus.Publishing : status },
            Steps = goes ? [.. steps, new ReleaseStep(ReleaseSteps.Publishing)] : steps,
        };
    }

    private static ReleaseState WithReview(ReleaseState state, Review review) =>
        state with { Reviews = [.. state.Reviews.Where(other => other.ActorId != review.ActorId), review] };

    private static ReleaseDecision? WhyNotDecide(ReleaseState state, string hash) =>
        !state.IsWaiting ? NotWaiting(state)
        : state.Hash != hash ? Refuse(state, RefusalReason.Conflict, "The content changed since you looked at it. Look at the difference again.")
        : null;

    private static ReleaseDecision NotWaiting(ReleaseState state) => Refuse(state, RefusalReason.Conflict, state.Status switch
    {
        ReleaseStatus.Publishing => "It is being published already.",
        ReleaseStatus.Published => "It is published already.",
        ReleaseStatus.Withdrawn => "It was withdrawn.",
        ReleaseStatus.Rejected => "It was rejected.",
        ReleaseStatus.Expired => "It has expired. Submit it again.",
        _ => "Publishing it failed. Try again, or submit another content.",
    });

    private static ReleaseDecision NoComment(ReleaseState state, string message) => Refuse(state, RefusalReason.Invalid, message);

    private static ReleaseDecision Refuse(ReleaseState state, RefusalReason reason, string message) => new() { State = state, Refusal = new Refusal(reason, message) };

    private static ReleaseDecision Stay(ReleaseState state, params IReadOnlyList<ReleaseStep> steps) => new() { State = state, Steps = steps };
}
