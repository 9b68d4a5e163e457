using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;
using Portal.Operator.Api;
using Portal.Operator.Datasets;
using Portal.Operator.Flows;
using Portal.Operator.Reconciliation;

namespace Portal.Operator.Evals;

/// <summary>
/// Turns an Eval into a Job, or a CronJob when it has a schedule, and reads the result back. A Job runs anew when the Eval or the samples change,
/// and when the Flow does, once the new revision serves.
/// </summary>
/// <param name="informers">What there is.</param>
/// <param name="client">Deletes and patches.</param>
/// <param name="children">Applies.</param>
/// <param name="writer">Writes the status.</param>
/// <param name="variables">Variables of every runner.</param>
/// <param name="budgets">Null where no budget stops evaluations.</param>
/// <param name="timeProvider">Time.</param>
internal sealed class EvalReconciler(
    GenkitInformers informers, KubeClient client, FlowChildren children, StatusWriter writer, IReadOnlyList<EnvVar> variables, IEvalBudgets? budgets, TimeProvider timeProvider) : IReconciler
{
    private static readonly WriteOptions s_adoption = new() { Manager = FieldManager.Operator };
    private static readonly TimeSpan s_least = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_most = TimeSpan.FromHours(1);
    private readonly EvalLeftovers _leftovers = new(informers, client, children);

    public async Task<ReconcileResult> ReconcileAsync(ResourceRef key, CancellationToken cancellationToken)
    {
        if (informers.Evals.Store.Find(key.Namespace, key.Name) is not { DeletionTimestamp: null } eval)
        {
            return ReconcileResult.Done;
        }

        var (plan, problem) = EvalPlan.Of(eval, informers);
        var rendered = plan is null ? null : EvalRenderer.Render(plan, TextOf(plan.Dataset), variables);
        problem ??= await children.FindConflictAsync(EvalRenderer.OwnerOf(eval), [.. rendered!.Support, rendered.Workload], cancellationToken).ConfigureAwait(false);
        if (problem is not null)
        {
            await _leftovers.SuspendAsync(eval, cancellationToken).ConfigureAwait(false);
            await WriteAsync(eval, null, problem, cancellationToken).ConfigureAwait(false);
            return ReconcileResult.Done;
        }

        if (WouldSpend(plan!, rendered!) && budgets?.Find(eval.Namespace!, plan!.Target.CountedName) is { } stop)
        {
            // A run that is under way waits by itself, and goes on where it was.
            await _leftovers.SuspendAsync(eval, cancellationToken).ConfigureAwait(false);
            await WriteAsync(eval, null, new Problem(ConditionReasons.BudgetExhausted, $"{stop.Message} The evaluation waits until then, or until it is raised."), cancellationToken).ConfigureAwait(false);
            var left = stop.Until - timeProvider.GetUtcNow();
            return ReconcileResult.After(left < s_least ? s_least : left > s_most ? s_most : left);
        }

        var (_, refused) = await children.ApplyAllAsync(rendered!.Support, cancellationToken).ConfigureAwait(false);
        var started = false;
        if (refused is null)
        {
            await _leftovers.RemoveAsync(plan!, rendered, cancellationToken).ConfigureAwait(false);
            (started, refused) = await RunAsync(plan!, rendered, cancellationToken).ConfigureAwait(false);
        }

        await WriteAsync(eval, started ? EvalRenderer.JobName(eval) : null, refused, cancellationToken).ConfigureAwait(false);
        return refused is null ? ReconcileResult.Done : ReconcileResult.After(FlowApplier.RefusalDelay);
    }

    /// <returns>Whether a Job of ours was made just now, which the store may not show yet; or what was refused.</returns>
    private async Task<(bool Started, Problem? Refused)> RunAsync(EvalPlan plan, RenderedEval rendered, CancellationToken cancellationToken)
    {
        if (!plan.IsScheduled)
        {
            var existing = informers.Jobs.Store.Find(plan.Eval.Namespace, rendered.Workload.Desired.Name);
            if (existing?.DeletionTimestamp is not null)
            {
                return (false, null);
            }

            if (existing is not null && !existing.Annotations.ContainsKey(GenkitApi.ContentHashAnnotation))
            {
                await AdoptAsync(existing, rendered, cancellationToken).ConfigureAwait(false);
                return (false, null);
            }

            if (existing is not null && IsCurrent(existing, plan, rendered))
            {
                // Noted when it is known, so that the next change of the Flow is seen as one. Nothing else of a Job can be changed.
                if (Measured(existing).Length == 0 && plan.Target.Revision.Length > 0)
                {
                    await AdoptAsync(existing, rendered, cancellationToken).ConfigureAwait(false);
                }

                return (false, null);
            }

            if (existing is not null)
            {
                // A Job cannot be changed. Its end wakes us to make the next.
                await _leftovers.DeleteAsync(BuiltIn.Job, existing, cancellationToken).ConfigureAwait(false);
                return (false, null);
            }
        }

        await _leftovers.ResumeAsync(plan.Eval, cancellationToken).ConfigureAwait(false);
        var (_, refused) = await children.ApplyAllAsync([rendered.Workload], cancellationToken).ConfigureAwait(false);
        return (!plan.IsScheduled && refused is null, refused);
    }

    /// <summary>Whether something runs, or is about to: what has been measured once and has not changed costs nothing more.</summary>
    private bool WouldSpend(EvalPlan plan, RenderedEval rendered) => plan.IsScheduled ||
        informers.Jobs.Store.Find(plan.Eval.Namespace, rendered.Workload.Desired.Name) is not { DeletionTimestamp: null } job || !EvalRuns.HasEnded(job) ||
        (job.Annotations.ContainsKey(GenkitApi.ContentHashAnnotation) && !IsCurrent(job, plan, rendered));

    private static bool IsCurrent(KubeObject job, EvalPlan plan, RenderedEval rendered)
    {
        if (job.Annotations.GetValueOrDefault(GenkitApi.ContentHashAnnotation) != rendered.Hash)
        {
            return false;
        }

        // A Job that began before its Flow was there has measured the first revision, unless it gave up before that came.
        var measured = Measured(job);
        return measured == plan.Target.Revision || !plan.Target.Serves || (measured.Length == 0 && EvalRuns.Failed(job) is null);
    }

    private static string Measured(KubeObject job) => job.Annotations.GetValueOrDefault(EvalRenderer.FlowHashAnnotation, "");

    /// <summary>Notes what a Job measures. One that another operator made counts as the run of the Eval as it is: running it again would cost, and say the same.</summary>
    private async Task AdoptAsync(KubeObject job, RenderedEval rendered, CancellationToken cancellationToken)
    {
        var metadata = new JsonObject { ["annotations"] = rendered.Workload.Desired.Metadata["annotations"]!.DeepClone() };
        await client.Resource(BuiltIn.Job)
            .MergePatchAsync(job.Namespace, job.Name, new JsonObject { ["metadata"] = metadata }, subresource: null, s_adoption, cancellationToken).ConfigureAwait(false);
    }

    private string? TextOf(Dataset dataset) => dataset.Spec.Source.ConfigMapRef is { Name.Length: > 0 } map &&
        informers.FindConfigMap(dataset.Namespace, map.Name)?.Json["data"] is JsonObject data
        ? DatasetSamples.Keys(dataset.Spec.Format).Select(key => data[key]?.ToString()).FirstOrDefault(text => text is not null)
        : null;

    private Task WriteAsync(Eval eval, string? started, Problem? problem, CancellationToken cancellationToken)
    {
        var runs = EvalRuns.Of(informers.Jobs.Store.List(eval.Namespace).Where(job => EvalRuns.IsOf(job, eval)));
        var before = eval.Json["status"] as JsonObject;
        var status = new EvalStatus
        {
            ActiveJob = started ?? runs.Active,
            LastRunTime = runs.LastSuccess ?? before?["lastRunTime"]?.ToString(),
            LastRunResult = Result(eval) ?? before?["lastRunResult"]?.DeepClone(),
        };
        var ready = problem is not null ? ConditionOf.NotReady(problem)
            : runs.Failure is { } failure && started is null ? ConditionOf.False(ConditionTypes.Ready, ConditionReasons.RunFailed, failure)
            : ConditionOf.Ready("eval workload reconciled");
        return writer.WriteAsync(eval, new Verdict<EvalStatus>(status, [ready]), cancellationToken);
    }

    /// <summary>What the sink holds, when it is JSON.</summary>
    private JsonNode? Result(Eval eval)
    {
        try
        {
            return eval.Spec.OutputSink.ConfigMap is { } sink &&
                (informers.FindConfigMap(eval.Namespace, sink.Name)?.Json["data"] as JsonObject)?[sink.Key]?.ToString() is { Length: > 0 } text
                ? JsonNode.Parse(text)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
