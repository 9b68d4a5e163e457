using System.Text.RegularExpressions;
using Portal.Operator.Admission;
using Portal.Operator.Api;
using Portal.Operator.Reconciliation;

namespace Portal.Operator.Flows.Rules;

/// <summary>Nodes are chosen in words a scheduler knows.</summary>
internal sealed partial class PlacementRule : IRunnerRule
{
    private const int MaxValue = 63;

    public IEnumerable<AdmissionFinding> Check(RunnerSpec spec, string? @namespace, AdmissionScope scope) =>
        Labels(spec).Concat(Tolerations(spec)).Concat(Spread(spec)).Concat(Requirements(spec));

    private static IEnumerable<AdmissionFinding> Labels(RunnerSpec spec)
    {
        foreach (var (key, value) in spec.NodeSelector ?? new Dictionary<string, string>())
        {
            if (!LabelKey().IsMatch(key))
            {
                yield return AdmissionFinding.Error("spec.nodeSelector", $"{Names.Quoted(key)} cannot be the name of a label", "write it like topology.kubernetes.io/zone");
            }

            if (value.Length > MaxValue || !LabelValue().IsMatch(value))
            {
                yield return AdmissionFinding.Error($"spec.nodeSelector[{key}]", $"{Names.Quoted(value)} cannot be the value of a label", "use at most 63 letters, digits, '-', '_' and '.'");
            }
        }
    }

    private static IEnumerable<AdmissionFinding> Tolerations(RunnerSpec spec)
    {
        for (var index = 0; index < (spec.Tolerations?.Count ?? 0); index++)
        {
            var (toleration, path) = (spec.Tolerations![index], $"spec.tolerations[{index}]");
            var exists = toleration.Operator == "Exists";
            if (exists && !string.IsNullOrEmpty(toleration.Value))
            {
                yield return AdmissionFinding.Error($"{path}.value", "must be empty with operator Exists", "remove it, or use operator Equal");
            }

            if (string.IsNullOrEmpty(toleration.Key) && !exists)
            {
                yield return AdmissionFinding.Error($"{path}.operator", "must be Exists when key is empty", "name the taint, or tolerate all of them with operator Exists");
            }

            if (toleration.TolerationSeconds is not null && toleration.Effect != "NoExecute")
            {
                yield return AdmissionFinding.Error($"{path}.effect", "must be NoExecute with tolerationSeconds", "set it, or remove tolerationSeconds");
            }
        }
    }

    private static IEnumerable<AdmissionFinding> Spread(RunnerSpec spec)
    {
        var seen = new HashSet<(string, string)>();
        for (var index = 0; index < (spec.TopologySpreadConstraints?.Count ?? 0); index++)
        {
            var (constraint, path) = (spec.TopologySpreadConstraints![index], $"spec.topologySpreadConstraints[{index}]");
            if (constraint.MinDomains is not null && constraint.WhenUnsatisfiable != "DoNotSchedule")
            {
                yield return AdmissionFinding.Error($"{path}.minDomains", "needs whenUnsatisfiable: DoNotSchedule", "set it, or remove minDomains");
            }

            if (!seen.Add((constraint.TopologyKey, constraint.WhenUnsatisfiable)))
            {
                yield return AdmissionFinding.Error(path, "is there twice: one of the same topologyKey and whenUnsatisfiable comes before it", "remove one of them");
            }
        }
    }

    private static IEnumerable<AdmissionFinding> Requirements(RunnerSpec spec)
    {
        const string Path = "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms";
        var required = spec.Affinity?.NodeAffinity?.RequiredDuringSchedulingIgnoredDuringExecution;
        if (required is { NodeSelectorTerms.Count: 0 })
        {
            yield return AdmissionFinding.Error(Path, "is empty", "say at least one term, or remove it");
        }

        var terms = required?.NodeSelectorTerms ?? [];
        for (var term = 0; term < terms.Count; term++)
        {
            var expressions = terms[term].MatchExpressions ?? [];
            for (var index = 0; index < expressions.Count; index++)
            {
                if (Check(expressions[index], $"{Path}[{term}].matchExpressions[{index}]") is { } wrong)
                {
                    yield return wrong;
                }
            }
        }
    }

    private static AdmissionFinding? Check(SelectorRequirement requirement, string path) => (requirement.Operator, requirement.Values?.Count ?? 0) switch
    {
        ("In" or "NotIn", 0) => AdmissionFinding.Error($"{path}.values", $"is empty, which operator {requirement.Operator} cannot use", "list what to compare with"),
        ("Exists" or "DoesNotExist", > 0) => AdmissionFinding.Error($"{path}.values", $"cannot be used with operator {requirement.Operator}", "remove it"),
        ("Gt" or "Lt", not 1) => AdmissionFinding.Error($"{path}.values", $"must have one number for operator {requirement.Operator}"),
        ("In" or "NotIn" or "Exists" or "DoesNotExist" or "Gt" or "Lt", _) => null,
        _ => AdmissionFinding.Error($"{path}.operator", $"{Names.Quoted(requirement.Operator)} is not known", "use In, NotIn, Exists, DoesNotExist, Gt or Lt"),
    };

    [GeneratedRegex(@"^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[a-zA-Z0-9]([-_.a-zA-Z0-9]{0,61}[a-zA-Z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex LabelKey();

    [GeneratedRegex(@"^([a-zA-Z0-9]([-_.a-zA-Z0-9]*[a-zA-Z0-9])?)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex LabelValue();
}
