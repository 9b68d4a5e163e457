using Microsoft.EntityFrameworkCore;
using Portal.Auth;
using Portal.Data;
using Portal.Features.Audit;
using Portal.Features.Releases.Policies;
using Portal.Features.Releases.Revisions;
using Portal.Features.Releases.States;

namespace Portal.Features.Releases;

/// <summary>
/// The only way to publish: everything that should reach the cluster comes as a submission, and <see cref="ReleaseMachine"/> decides what happens to
/// it. Pages, the REST API and service tokens all end here.
/// </summary>
public sealed class ReleaseDesk(
    PortalDatabase database, RevisionStore revisions, ReleaseLedger ledger, EnvironmentDirectory environments, SubmissionReader reader, Publisher publisher, LostReleases lost, AuditLog audit,
    TimeProvider clock)
{
    /// <summary>How long somebody waits for the cluster's answer before they are told that it is on its way.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    /// <summary>Asks for a release, and publishes at once where the policy asks for nobody else.</summary>
    public async Task<ReleaseResult> SubmitAsync(ReleaseSubmission submission, CurrentUser user, CancellationToken cancellationToken)
    {
        var read = await reader.ReadAsync(submission, user, cancellationToken);
        if (read.Refusal is not null)
        {
            if (read.Refusal.Reason == RefusalReason.Conflict)
            {
                await audit.RecordAsync(
                    new AuditEntry(user.Actor, "release.submitted", submission.Objects[0].Kind, submission.Namespace, submission.Objects[0].Name, AuditResult.Refused,
                        Reason: read.Refusal.Message, Address: user.Address),
                    cancellationToken);
            }

            return read.ToResult();
        }

        var by = ParticipantOf(user, read);
        long? id = null;
        var decision = await database.WriteAsync(
            async context =>
            {
                var items = await ItemsAsync(context, read, submission, user.Actor, cancellationToken);
                var policy = PolicyOf(read);
                var now = clock.GetUtcNow();
                var begun = ReleaseMachine.Begin(ReleaseLedger.HashOf(items, submission.PublishAt), submission.PublishAt, by, policy, now);
                if (begun.Refusal is not null)
                {
                    return begun;
                }

                // Added to its history below; what a bypass leads to is decided on the same content.
                var release = ReleaseLedger.RowOf(begun.State with { Status = ReleaseStatus.Open }, read.Environment.Name, read.Message, user.Actor, now.UtcDateTime);
                release.Id = await lost.NextAsync(context);
                context.Releases.Add(release);
                await context.SaveChangesAsync(cancellationToken);
                items.ForEach(item => item.ReleaseId = release.Id);
                context.ReleaseItems.AddRange(items);
                await ledger.RecordAsync(context, release, items, begun, user.Actor, user.Address);
                id = release.Id;
                return submission.BreakGlass is { } reason && begun.State.IsWaiting
                    ? await BreakGlassAsync(context, release, items, reason, by, user)
                    : begun;
            },
            cancellationToken);
        return await CompleteAsync(id, decision, "release.submitted", user, read.Targets[0], cancellationToken);
    }

    /// <summary>Carries out a command of a person or a program on a request.</summary>
    public async Task<ReleaseResult> ExecuteAsync(long id, ReleaseCommand command, CurrentUser user, CancellationToken cancellationToken)
    {
        string? @namespace = null;
        var decision = await database.WriteAsync<ReleaseDecision?>(
            async context =>
            {
                if (await context.Releases.FindAsync([id], cancellationToken) is not { } release)
                {
                    return null;
                }

                var items = await ReleaseLedger.ItemsOfAsync(context, id, cancellationToken);
                var targets = TargetsOf(items);
                if (!targets.All(target => user.May(Permission.ReadNamespace, target)))
                {
                    return null;
                }

                @namespace = targets[0];
                if (command is ReleaseCommand.Say)
                {
                    targets.ForEach(target => user.Demand(Permission.Comment, target));
                }

                var decided = ReleaseMachine.Decide(
                    ReleaseLedger.StateOf(release), command, ParticipantOf(user, targets), ledger.PolicyOf(release, items), clock.GetUtcNow());
                await ledger.RecordAsync(context, release, items, decided, user.Actor, user.Address);
                return decided;
            },
            cancellationToken);
        return decision is null
            ? ReleaseResult.Refused(RefusalReason.NotFound, $"There is no release {id}.")
            : await CompleteAsync(id, decision, $"release.{WordOf(command)}", user, @namespace, cancellationToken);
    }

    /// <summary>Replaces the content of a request that is not published yet: approvals of the old content do not count for the new one.</summary>
    public async Task<ReleaseResult> ReviseAsync(long id, ReleaseSubmission submission, CurrentUser user, CancellationToken cancellationToken)
    {
        var read = await reader.ReadAsync(submission, user, cancellationToken);
        if (read.Refusal is not null)
        {
            return read.ToResult();
        }

        var by = ParticipantOf(user, read);
        var decision = await database.WriteAsync<ReleaseDecision?>(
            async context =>
            {
                if (await context.Releases.FindAsync([id], cancellationToken) is not { } release)
                {
                    return null;
                }

                var old = await ReleaseLedger.ItemsOfAsync(context, id, cancellationToken);
                if (!TargetsOf(old).All(target => SubmissionReader.MayAsk(user, target, read.Objects)))
                {
                    return null;
                }

                var items = await ItemsAsync(context, read, submission, user.Actor, cancellationToken);
                items.ForEach(item => item.ReleaseId = id);
                var command = new ReleaseCommand.Revise(ReleaseLedger.HashOf(items, submission.PublishAt), submission.PublishAt, submission.Message);
                var decided = ReleaseMachine.Decide(ReleaseLedger.StateOf(release), command, by, PolicyOf(read), clock.GetUtcNow());
                if (decided.Refusal is null && decided.Steps.Count > 0)
                {
                    context.ReleaseItems.RemoveRange(old);
                    await context.SaveChangesAsync(cancellationToken);
                    context.ChangeTracker.Entries<ReleaseItem>().ToList().ForEach(entry => entry.State = EntityState.Detached);
                    context.ReleaseItems.AddRange(items);
                    release.Environment = read.Environment.Name;
                }

                await ledger.RecordAsync(context, release, items, decided, user.Actor, user.Address);
                return decided;
            },
            cancellationToken);
        return decision is null
            ? ReleaseResult.Refused(RefusalReason.NotFound, $"There is no release {id}.")
            : await CompleteAsync(id, decision, "release.revised", user, read.Targets[0], cancellationToken);
    }

    /// <summary>What time alone leads to: expiry, planned releases, the end of a freeze. Returns how many requests changed.</summary>
    public async Task<int> TickAsync(CancellationToken cancellationToken) => await database.WriteAsync(
        async context =>
        {
            var changed = 0;
            var waiting = await context.Releases
                .Where(release => release.Status == ReleaseStatus.Open || release.Status == ReleaseStatus.ChangesRequested || release.Status == ReleaseStatus.Approved)
                .ToListAsync(cancellationToken);
            foreach (var release in waiting)
            {
                var items = await ReleaseLedger.ItemsOfAsync(context, release.Id, cancellationToken);
                var before = release.Version;
                var decision = ReleaseMachine.Tick(ReleaseLedger.StateOf(release), ledger.PolicyOf(release, items), clock.GetUtcNow());
                await ledger.RecordAsync(context, release, items, decision, Actor.System, null);
                changed += release.Version > before ? 1 : 0;
            }

            return changed;
        },
        cancellationToken);

    /// <summary>What the rules ask about somebody, for these namespaces.</summary>
    public static Participant ParticipantOf(CurrentUser user, IReadOnlyCollection<string> targets)
    {
        bool May(Permission permission) => targets.Count > 0 && targets.All(target => user.May(permission, target));
        return new Participant
        {
            // What a service token asks for, its maker has asked for.
            Id = user.ResponsibleId,
            Name = user.Actor.Name,
            IsPerson = user.Actor.Kind == ActorKind.User && user.IsSignedIn,
            MaySubmit = May(Permission.SubmitRelease),
            MayApprove = May(Permission.ApproveRelease),
            MayPublish = May(Permission.PublishDirectly),
            MayBypass = May(Permission.BreakGlass),
            Groups = user.Principal.FindAll(PortalClaims.Group).Select(claim => claim.Value).ToHashSet(StringComparer.Ordinal),
        };
    }

    private static Participant ParticipantOf(CurrentUser user, ReadSubmission read) => ParticipantOf(user, read.Targets) with
    {
        MaySubmit = read.Targets.All(target => SubmissionReader.MayAsk(user, target, read.Objects)),
        MayPublish = read.Targets.All(target => SubmissionReader.MayPublish(user, target, read.Objects)),
    };

    private ReleasePolicy PolicyOf(ReadSubmission read) => environments.Narrow(
        ReleasePolicy.Strictest([environments.PolicyOf(read.Targets), read.Environment.Policy]),
        read.Targets.SelectMany(target => read.Objects.Select(item => (item.Kind, target, item.Name, item.Deletes))));

    private async Task<ReleaseDecision> BreakGlassAsync(
        PortalDbContext context, Release release, IReadOnlyList<ReleaseItem> items, string reason, Participant by, CurrentUser user)
    {
        var decision = ReleaseMachine.Decide(
            ReleaseLedger.StateOf(release), new ReleaseCommand.BreakGlass(release.Hash, reason), by, ledger.PolicyOf(release, items), clock.GetUtcNow());
        await ledger.RecordAsync(context, release, items, decision, user.Actor, user.Address);
        return decision;
    }

    private async Task<List<ReleaseItem>> ItemsAsync(
        PortalDbContext context, ReadSubmission read, ReleaseSubmission submission, Actor author, CancellationToken cancellationToken)
    {
        var items = new List<ReleaseItem>();
        foreach (var target in read.Targets)
        {
            foreach (var item in read.Objects)
            {
                var (number, hash) = item.Deletes
                    ? (await RevisionStore.NewestAsync(context, item.Kind, target, item.Name, cancellationToken) ?? 0, "")
                    : await ReviseAsync(context, target, item, read.Message, read.LiveRevisions.GetValueOrDefault((item.Kind, target, item.Name)), author, cancellationToken);
                items.Add(new ReleaseItem
                {
                    ReleaseId = 0,
                    Position = items.Count,
                    Kind = item.Kind,
                    Namespace = target,
                    Name = item.Name,
                    Revision = number,
                    Hash = hash,
                    LiveHash = read.LiveHashes[(item.Kind, target, item.Name)],
                    Force = item.Force,
                    Deletes = item.Deletes,
                });
            }
        }

        return items;
    }

    private async Task<(int Number, string Hash)> ReviseAsync(
        PortalDbContext context, string target, ReleaseObject item, string message, int? after, Actor author, CancellationToken cancellationToken)
    {
        var words = item.RollbackOf is { } old ? $"Roll back to r{old}: {message}" : message;
        var revision = await revisions.AddAsync(
            context, new NewRevision(item.Kind, target, item.Name, item.Content, author, words) { RollbackOf = item.RollbackOf, After = after }, cancellationToken);
        return (revision.Number, revision.Hash);
    }

    private async Task<ReleaseResult> CompleteAsync(
        long? id, ReleaseDecision decision, string action, CurrentUser user, string? @namespace, CancellationToken cancellationToken)
    {
        if (decision.Refusal is { Reason: RefusalReason.Forbidden } forbidden)
        {
            await audit.RecordAsync(
                new AuditEntry(user.Actor, action, "Release", @namespace, id?.ToString(System.Globalization.CultureInfo.InvariantCulture), AuditResult.Refused,
                    Reason: forbidden.Message, CorrelationId: id is { } number ? ReleaseLedger.CorrelationOf(number) : null, Address: user.Address),
                cancellationToken);
        }

        var published = decision.State.Status == ReleaseStatus.Publishing && decision.Refusal is null && id is { } promised ? await PublishAsync(promised) : [];
        var release = id is null ? null : await database.ReadAsync(context => context.Releases.FirstOrDefaultAsync(item => item.Id == id, cancellationToken));
        return new ReleaseResult { Release = release, Refusal = decision.Refusal, Published = published };
    }

    // It is promised: the person leaving must not cut it off, and a cluster that does not answer must not keep them waiting.
    private async Task<IReadOnlyList<PublishResult>> PublishAsync(long release)
    {
        try
        {
            return await publisher.PublishAsync(release).WaitAsync(s_patience, clock);
        }
        catch (TimeoutException)
        {
            return [new PublishResult(PublishOutcome.Pending, "The cluster has not answered yet. It goes on by itself; this release shows what becomes of it.")];
        }
    }

    private static List<string> TargetsOf(IEnumerable<ReleaseItem> items) => [.. items.Select(item => item.Namespace).Distinct()];

    private static string WordOf(ReleaseCommand command) => command switch
    {
        ReleaseCommand.Approve => ReleaseSteps.Approved,
        ReleaseCommand.RequestChanges => ReleaseSteps.ChangesRequested,
        ReleaseCommand.Reject => ReleaseSteps.Rejected,
        ReleaseCommand.Withdraw => ReleaseSteps.Withdrawn,
        ReleaseCommand.BreakGlass => ReleaseSteps.Bypassed,
        ReleaseCommand.Measured measured => measured.Passed ? ReleaseSteps.EvalPassed : ReleaseSteps.EvalFailed,
        ReleaseCommand.OverrideEval => ReleaseSteps.EvalOverridden,
        ReleaseCommand.Retry => ReleaseSteps.Retried,
        _ => ReleaseSteps.Commented,
    };
}
