using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;
using Portal.Kubernetes.Serialization;
using Portal.Operator.Api;

namespace Portal.Operator.Reconciliation;

/// <summary>
/// Writes a verdict to an object's status, in one write, and only when it differs from what the object says. Conditions of other writers stay.
/// News are recorded as an Event: something stopped being Ready, or a problem came, changed or went. That a new object comes up is none.
/// </summary>
internal sealed class StatusWriter(KubeClient client, InformerFactory informers, EventRecorder events, WriteLimit limit, TimeProvider timeProvider)
{
    /// <summary>A server's refusal or a diagnostic may be long; conditions and events are for a glance.</summary>
    private const int MaxMessage = 1000;

    private static readonly WriteOptions s_options = new() { Manager = FieldManager.Operator };

    /// <exception cref="KubernetesException">The server refused; an object that is gone is not an error.</exception>
    public async Task WriteAsync<T, TStatus>(T target, Verdict<TStatus> verdict, CancellationToken cancellationToken)
        where T : KubeObject, IKubeKind<T>
        where TStatus : GenkitStatus
    {
        verdict = verdict with { Conditions = [.. verdict.Conditions.Select(Shortened)] };
        var before = target.FindCondition(ConditionTypes.Ready);
        var desired = Desired(target, verdict);
        var patch = MergeDiff.Between(target.Json["status"] as JsonObject ?? [], desired);
        if (patch.Count == 0)
        {
            return;
        }

        try
        {
            await limit.WaitAsync(cancellationToken).ConfigureAwait(false);
            var written = await client.Resource<T>()
                .MergePatchAsync(target.Namespace, target.Name, new JsonObject { ["status"] = patch }, "status", s_options, cancellationToken)
                .ConfigureAwait(false);
            informers.Get<T>().Observe(written);
        }
        catch (KubernetesException exception) when (exception.IsNotFound)
        {
            return;
        }

        var after = verdict.Conditions.First(condition => condition.Type == ConditionTypes.Ready);
        if (IsNews(before, after))
        {
            events.Record(target, IsGood(after) ? "Normal" : "Warning", after.Reason, after.Message);
        }

        // What is broken although the object may be Ready. When Ready names the same, one event is enough.
        if (verdict.Conditions.FirstOrDefault(condition => condition.Type == ConditionTypes.Degraded) is { IsTrue: true } degraded && degraded.Reason != after.Reason &&
            (target.FindCondition(ConditionTypes.Degraded) is not { IsTrue: true } known || known.Reason != degraded.Reason))
        {
            events.Record(target, "Warning", degraded.Reason, degraded.Message);
        }
    }

    /// <summary>Records something about an object that is no change of its state.</summary>
    public void Tell(KubeObject target, string type, string reason, string message) => events.Record(target, type, reason, message);

    private JsonObject Desired<TStatus>(KubeObject target, Verdict<TStatus> verdict) where TStatus : GenkitStatus
    {
        var now = timeProvider.GetUtcNow();
        IReadOnlyList<Condition> conditions = [.. target.Conditions.Where(condition =>
            !ConditionTypes.Owned.Contains(condition.Type) || verdict.Conditions.Any(item => item.Type == condition.Type))];
        foreach (var condition in verdict.Conditions)
        {
            conditions = Conditions.Set(conditions, condition with { ObservedGeneration = target.Generation }, now);
        }

        var status = verdict.Status with { Conditions = conditions, ObservedGeneration = target.Generation };
        return JsonNode.Parse(JsonSerializer.Serialize(status, status.GetType(), KubernetesJson.Options))!.AsObject();
    }

    private static Condition Shortened(Condition condition) => condition.Message.Length <= MaxMessage
        ? condition
        : condition with { Message = string.Concat(condition.Message.AsSpan(0, MaxMessage - 1), "…") };

    private static bool IsNews(Condition? before, Condition after) => before is null or { Status: not "True", Reason: ConditionReasons.Reconciling }
        ? !IsGood(after)
        : before.Status != after.Status || before.Reason != after.Reason;

    private static bool IsGood(Condition condition) => condition.IsTrue || condition.Reason == ConditionReasons.Reconciling;
}
