using Microsoft.Extensions.Logging;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;
using Portal.Operator.Api;
using Portal.Operator.Reconciliation;

namespace Portal.Operator.Evals;

/// <summary>What wakes an Eval: itself, its Flow or FlowSet, its Dataset, the samples' ConfigMap, its result, and its Jobs.</summary>
internal static class EvalController
{
    public static Controller Create(GenkitInformers informers, EvalReconciler reconciler, TimeProvider timeProvider, ILogger logger)
    {
        IEnumerable<ResourceRef> Where(KubeObject changed, Func<Eval, bool> matches) => informers.Evals.Store.List(changed.Namespace)
            .Where(eval => Matches(eval, matches))
            .Select(eval => new ResourceRef(GenkitApi.Group, Eval.Definition.Kind, eval.Namespace, eval.Name));

        bool Reads(Eval eval, KubeObject map) =>
            eval.Spec.OutputSink.ConfigMap?.Name == map.Name || map.Name == EvalDataset.OwnedName(eval) ||
            informers.FindDataset(eval.Namespace, eval.Spec.DatasetRef.Name)?.Spec.Source.ConfigMapRef?.Name == map.Name;

        return new Controller("eval", reconciler, workers: 1, timeProvider, logger)
            .For(informers.Evals)
            .Watches(informers.Flows, flow => Where(flow, eval => eval.Spec.FlowRef.Name == flow.Name))
            .Watches(informers.FlowSets, set => Where(set, eval => eval.Spec.FlowRef.Name == set.Name))
            .Watches(informers.Datasets, dataset => Where(dataset, eval => eval.Spec.DatasetRef.Name == dataset.Name))
            .Watches(informers.ConfigMaps, map => Where(map, eval => Reads(eval, map)))
            .Watches(informers.Jobs, job => Where(job, eval => job.Name == EvalRenderer.JobName(eval) || job.Labels.GetValueOrDefault(GenkitApi.EvalLabel) == eval.Name))
            .Watches(informers.CronJobs, cronJob => Where(cronJob, eval => eval.Name == cronJob.Name));
    }

    /// <summary>An Eval that cannot be read refers to nothing.</summary>
    private static bool Matches(Eval eval, Func<Eval, bool> matches)
    {
        try
        {
            return matches(eval);
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
