using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;
using Portal.Operator.Api;
using Portal.Operator.Reconciliation;

namespace Portal.Operator.Evals;

/// <summary>What wakes an Eval beside itself: its Flow or FlowSet, its Dataset, the samples' ConfigMap, its result, its Jobs, and the budgets.</summary>
internal static class EvalWatches
{
    /// <summary>How long a start waits for the first count of budgets: a database that is away must not stop evaluations for ever.</summary>
    public static readonly TimeSpan BudgetPatience = TimeSpan.FromSeconds(30);

    public static Controller WithWatchesOfEvals(this Controller controller, GenkitInformers informers, IEvalBudgets? budgets, TimeProvider timeProvider)
    {
        IEnumerable<ResourceRef> Referring(KubeObject changed) => informers.Referring(informers.Evals, changed);

        IEnumerable<ResourceRef> Existing(string? @namespace, string? name) =>
            name is not null && informers.Evals.Store.Find(@namespace, name) is not null ? [new(GenkitApi.Group, Eval.Definition.Kind, @namespace, name)] : [];

        if (budgets is not null)
        {
            controller.Watches(
                enqueue => new Subscription(budgets, () => enqueue(informers.Evals.Store.List().Select(eval => new ResourceRef(GenkitApi.Group, Eval.Definition.Kind, eval.Namespace, eval.Name)))),
                cancellationToken => WaitForBudgetsAsync(budgets, timeProvider, cancellationToken));
        }

        return controller
            .Watches(informers.Flows, Referring)
            .Watches(informers.FlowSets, Referring)
            .Watches(informers.Datasets, Referring)
            .Watches(informers.ConfigMaps, map => Referring(map).Concat(Existing(map.Namespace, Without(map.Name, EvalDataset.OwnedSuffix))))
            .Watches(informers.Jobs, job => Existing(job.Namespace, Without(job.Name, EvalRenderer.JobSuffix))
                .Concat(Existing(job.Namespace, job.Labels.GetValueOrDefault(GenkitApi.EvalLabel))))
            .Watches(informers.CronJobs, cronJob => Existing(cronJob.Namespace, cronJob.Name));
    }

    /// <summary>Until budgets were counted, or <see cref="BudgetPatience"/> is over.</summary>
    internal static async Task WaitForBudgetsAsync(IEvalBudgets budgets, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        await budgets.Counted.WaitAsync(BudgetPatience, timeProvider, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }

    private sealed class Subscription : IDisposable
    {
        private readonly IEvalBudgets _budgets;
        private readonly Action _handler;

        public Subscription(IEvalBudgets budgets, Action handler)
        {
            (_budgets, _handler) = (budgets, handler);
            budgets.Changed += handler;
        }

        public void Dispose() => _budgets.Changed -= _handler;
    }

    private static string? Without(string name, string suffix) => name.EndsWith(suffix, StringComparison.Ordinal) ? name[..^suffix.Length] : null;
}
