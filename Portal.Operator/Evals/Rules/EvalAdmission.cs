using System.Text.RegularExpressions;
using Portal.Operator.Admission;
using Portal.Operator.Reconciliation;

namespace Portal.Operator.Evals.Rules;

/// <summary>The rules of Evals.</summary>
internal static partial class EvalAdmission
{
    public static KindAdmission<Eval> Create() => new(new EvalSpecRule(), new EvalReferencesRule(), new SinkRule()) { ImageField = "runnerImage" };

    /// <summary>What the reconciler would report of the spec alone.</summary>
    private sealed class EvalSpecRule : IAdmissionRule<Eval>
    {
        public IEnumerable<AdmissionFinding> Check(Eval target, AdmissionScope scope)
        {
            foreach (var problem in EvalRules.Find(target))
            {
                yield return AdmissionFinding.Of(problem);
            }

            var metrics = target.Spec.Metrics;
            for (var index = 0; index < metrics.Count; index++)
            {
                if (metrics.Take(index).Contains(metrics[index]))
                {
                    yield return AdmissionFinding.Warning($"spec.metrics[{index}]", $"{Names.Quoted(metrics[index])} is there twice", "remove one of them");
                }
            }
        }
    }

    /// <summary>Flow and Dataset exist. What is missing may still come.</summary>
    private sealed class EvalReferencesRule : IAdmissionRule<Eval>
    {
        public IEnumerable<AdmissionFinding> Check(Eval target, AdmissionScope scope)
        {
            var (reference, dataset) = (target.Spec.FlowRef, target.Spec.DatasetRef.Name);
            if (EvalRules.CheckReference(reference) is { } wrong)
            {
                yield return AdmissionFinding.Of(wrong);
            }
            else if (FindFlow(reference, target.Namespace, scope) is { } noFlow)
            {
                yield return noFlow;
            }

            if (scope.FindMissing("dataset", dataset, "spec.datasetRef.name", objects => objects.FindDataset(target.Namespace, dataset)) is { } noDataset)
            {
                yield return noDataset;
            }

            if (scope.Read(objects => objects.FindDataset(target.Namespace, dataset) is { } found ? EvalRules.FindOverwrite(target, found) : null) is { } overwrites)
            {
                yield return AdmissionFinding.Of(overwrites);
            }
        }

        private static AdmissionFinding? FindFlow(EvalFlowReference reference, string? @namespace, AdmissionScope scope)
        {
            const string Field = "spec.flowRef.name";
            if (reference.Flow is not { Length: > 0 } member)
            {
                return scope.FindMissing("flow", reference.Name, Field, objects => objects.FindFlow(@namespace, reference.Name));
            }

            return scope.FindMissing("flowset", reference.Name, Field, objects => objects.FindFlowSet(@namespace, reference.Name))
                ?? (scope.Read(objects => objects.FindFlowSet(@namespace, reference.Name)?.Spec.Flows) is { } flows && flows.All(flow => flow.Name != member)
                    ? AdmissionFinding.Warning("spec.flowRef.flow", $"flow {Names.Quoted(member)} not found in flowset {Names.Quoted(reference.Name)}", "it is waited for")
                    : null);
        }
    }

    /// <summary>The result can be written where it is to go.</summary>
    private sealed class SinkRule : IAdmissionRule<Eval>
    {
        public IEnumerable<AdmissionFinding> Check(Eval target, AdmissionScope scope)
        {
            if (target.Spec.OutputSink.ConfigMap is { } map)
            {
                if (map.Name.Length > 253 || !ObjectName().IsMatch(map.Name))
                {
                    yield return AdmissionFinding.Error(
                        "spec.outputSink.configMap.name", $"{Names.Quoted(map.Name)} cannot name a ConfigMap", "use lower-case letters, digits, '-' and '.', at most 253");
                }

                if (!DataKey().IsMatch(map.Key))
                {
                    yield return AdmissionFinding.Error(
                        "spec.outputSink.configMap.key", $"{Names.Quoted(map.Key)} cannot be a key of a ConfigMap", "use letters, digits, '-', '_' and '.'");
                }
            }

            if (target.Spec.OutputSink.S3 is not { } store)
            {
                yield break;
            }

            if (string.IsNullOrWhiteSpace(store.Bucket))
            {
                yield return AdmissionFinding.Error("spec.outputSink.s3.bucket", "is empty", "name the bucket");
            }

            var secret = store.CredentialsRef.Name;
            if (scope.FindMissing("secret", secret, "spec.outputSink.s3.credentialsRef.name", objects => objects.FindSecret(target.Namespace, secret)) is { } missing)
            {
                yield return missing;
            }
        }
    }

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex ObjectName();

    [GeneratedRegex(@"^[-._a-zA-Z0-9]{1,253}\z", RegexOptions.CultureInvariant)]
    private static partial Regex DataKey();
}
