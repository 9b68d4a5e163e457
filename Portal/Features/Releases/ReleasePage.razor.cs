using System.Data.Common;
using Microsoft.AspNetCore.Components;
using Portal.Auth;
using Portal.Components;
using Portal.Data;
using Portal.Features.Releases.Policies;
using Portal.Features.Releases.Reviewing;
using Portal.Features.Releases.Revisions;
using Portal.Features.Releases.States;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Runtime;
using Portal.Operator.Flows;

namespace Portal.Features.Releases;

/// <summary>One request: what, why, for whom; what the checks say, what differs, whom it reaches; and the decision.</summary>
public sealed partial class ReleasePage(
    ReleaseList releases, ReleaseDesk desk, ReleaseLedger ledger, ReleaseChecks checks, BlastRadius radius, RolloutTracker rollouts, RevisionStore revisions,
    EnvironmentDirectory environments, KubeClient client,
    InformerFactory informers, CurrentUser user)
{
    private ReleaseDetail? _release;
    private IReadOnlyList<ReleaseCheck>? _checks;
    private IReadOnlyList<AffectedFlow> _affected = [];
    private IReadOnlyList<Rollout> _rollouts = [];
    private IReadOnlyList<Change> _changes = [];
    private string? _looked;
    private string _comment = "";
    private Refusal? _refusal;
    private bool _loaded;
    private bool _busy;
    private bool _breaking;

    [Parameter]
    public long Id { get; set; }

    private Participant Me => ReleaseDesk.ParticipantOf(user, _release!.Targets);

    private ReleasePolicy Policy => ledger.PolicyOf(_release!.Release, _release.Items);

    private string? WhyNotApprove => ReleaseMachine.WhyNotApprove(_release!.State, Me, Policy);

    private bool HasApproved => _release!.State.Reviews.Any(review =>
        review.ActorId == user.Actor.Id && review.Verdict == ReviewVerdict.Approved && review.Hash == _release.State.Hash);

    private bool MayReview => Me is { MayApprove: true, IsPerson: true };

    private bool MayComment => _release!.Targets.All(target => user.May(Permission.Comment, target));

    private bool MayWithdraw => _release!.State.Authors.Contains(user.Actor.Id) || Me.MayBypass;

    private IEnumerable<Flow> RollingOut => informers.Get<Flow>().Store.List()
        .Where(flow => _affected.Any(affected => affected.Namespace == flow.Namespace && affected.Name == flow.Name));

    private bool RolloutFailed => _rollouts.Any(rollout => rollout.State == RolloutState.Failed);

    /// <summary>Whether it failed because another manager owns a field.</summary>
    private bool IsOwned => _release!.Release is { Status: ReleaseStatus.Failed, Problem: { } problem } && problem.Contains("” owns ", StringComparison.Ordinal);

    private static IReadOnlyList<Crumb> Crumbs => [new("Approvals", "/approvals")];

    protected override async Task OnParametersSetAsync()
    {
        await LoadAsync();
        _loaded = true;
    }

    protected override void OnInitialized()
    {
        KeepAgesCurrent();
        Watch(informers.Get<Flow>());
        if (RendererInfo.IsInteractive)
        {
            var news = KeepCurrent(LoadAsync);
            void OnRelease(long id)
            {
                if (id == Id)
                {
                    news.Request();
                }
            }

            releases.Changed += OnRelease;
            Keep(() => releases.Changed -= OnRelease);
        }
    }

    private async Task LoadAsync()
    {
        _release = await releases.FindAsync(Id, user, CancellationToken.None);
        if (_release is null)
        {
            return;
        }

        _rollouts = await rollouts.ListAsync(Id, CancellationToken.None);

        // The page shows at once; what takes the cluster's time comes after it.
        var version = $"{_release.Release.Hash}/{_release.Release.Status}/{string.Join(",", _release.State.Reviews.Select(review => $"{review.ActorId} {review.Verdict}"))}";
        if (version == _looked)
        {
            return;
        }

        _looked = version;
        _affected = await radius.OfAsync(_release.Items, CancellationToken.None);
        _changes = await ChangesAsync(_release);
        _checks = RendererInfo.IsInteractive ? await checks.RunAsync(_release, CancellationToken.None) : null;
    }

    private async Task<IReadOnlyList<Change>> ChangesAsync(ReleaseDetail release)
    {
        var changes = new List<Change>();
        foreach (var item in release.Items)
        {
            var after = item.Deletes ? null : await revisions.FindAsync(item.Kind, item.Namespace, item.Name, item.Revision, CancellationToken.None);

            // What is there already is only taken for published: what it was before is what was published last.
            var isAdopted = after is not null && item.LiveHash == item.Hash;
            changes.Add(isAdopted && await releases.LastPublishedAsync(item, CancellationToken.None) is { } published
                ? new Change(item, published.Content, after!.Content, "changed past the portal, to be adopted", "Published last")
                : new Change(item, await BeforeAsync(item), after?.Content ?? "", item.Deletes ? "deleted" : item.LiveHash is null ? $"new, r{item.Revision}" : $"r{item.Revision}", "Live when submitted"));
        }

        return changes;
    }

    /// <summary>What was in the cluster when it was submitted: known as a revision, or still there.</summary>
    private async Task<string?> BeforeAsync(ReleaseItem item)
    {
        if (item.LiveHash is null)
        {
            return null;
        }

        if (await revisions.FindByHashAsync(item.Kind, item.Namespace, item.Name, item.LiveHash, CancellationToken.None) is { } known)
        {
            return known.Content;
        }

        try
        {
            return await client.Resource(ReleaseKinds.Find(item.Kind)!).FindAsync(item.Namespace, item.Name, CancellationToken.None) is { } live
                ? ReleaseKinds.ContentOf(live) : null;
        }
        catch (Exception exception) when (IsTrouble(exception))
        {
            return null;
        }
    }

    private Task ApproveAsync() => DoAsync(new ReleaseCommand.Approve(_release!.Release.Hash, string.IsNullOrWhiteSpace(_comment) ? null : _comment));

    private Task RequestChangesAsync() => DoAsync(new ReleaseCommand.RequestChanges(_release!.Release.Hash, _comment));

    private Task RejectAsync() => DoAsync(new ReleaseCommand.Reject(_release!.Release.Hash, _comment));

    private Task SayAsync() => DoAsync(new ReleaseCommand.Say(_comment));

    private Task WithdrawAsync() => DoAsync(new ReleaseCommand.Withdraw(string.IsNullOrWhiteSpace(_comment) ? null : _comment));

    private Task RetryAsync() => DoAsync(new ReleaseCommand.Retry());

    /// <summary>The same content again, now taking over what others own: it needs new approvals, for that is another thing to agree to.</summary>
    private Task TakeOverAsync() => DoAsync(() => desk.ReviseAsync(
        Id,
        new ReleaseSubmission
        {
            Environment = environments.Find(_release!.Release.Environment)?.Name,
            Namespace = _release.Targets is [var only] ? only : null,
            Objects = [.. _changes.DistinctBy(change => (change.Item.Kind, change.Item.Name))
                .Select(change => new ReleaseObject(change.Item.Kind, change.Item.Name, change.After) { Force = !change.Item.Deletes, Deletes = change.Item.Deletes })],
            Message = _release.Release.Message,
        },
        user, CancellationToken.None));

    private Task BreakGlassAsync() => DoAsync(new ReleaseCommand.BreakGlass(_release!.Release.Hash, _comment));

    private Task DoAsync(ReleaseCommand command) => DoAsync(() => desk.ExecuteAsync(Id, command, user, CancellationToken.None));

    private async Task DoAsync(Func<Task<ReleaseResult>> command)
    {
        _busy = true;
        try
        {
            _refusal = (await command()).Refusal;
            if (_refusal is null)
            {
                (_comment, _breaking) = ("", false);
            }
        }
        catch (Exception exception) when (IsTrouble(exception))
        {
            _refusal = new Refusal(RefusalReason.Conflict, exception is AccessDeniedException ? exception.Message : $"It was not done, or is not known to be: {exception.Message}");
        }
        finally
        {
            _busy = false;
        }

        await LoadAsync();
    }

    private static bool IsTrouble(Exception exception) =>
        exception is AccessDeniedException or KubernetesException or HttpRequestException or IOException or TimeoutException or DbException;

    /// <param name="What">What happens to the object, in a word or two.</param>
    private sealed record Change(ReleaseItem Item, string? Before, string After, string What, string BeforeTitle);
}
