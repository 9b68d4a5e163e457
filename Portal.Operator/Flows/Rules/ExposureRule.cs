using System.Text.RegularExpressions;
using Portal.Operator.Admission;
using Portal.Operator.Api;
using Portal.Operator.Reconciliation;

namespace Portal.Operator.Flows.Rules;

/// <summary>Budgets, autoscalers and routes are such that a cluster takes them and can act on them.</summary>
internal sealed partial class ExposureRule : IRunnerRule
{
    public IEnumerable<AdmissionFinding> Check(RunnerSpec spec, string? @namespace, AdmissionScope scope) =>
        Budget(spec.PodDisruptionBudget).Concat(Autoscaling(spec)).Concat(Hosts(spec));

    private static IEnumerable<AdmissionFinding> Budget(DisruptionBudgetSpec? budget)
    {
        foreach (var (count, name) in new[] { (budget?.MinAvailable, "minAvailable"), (budget?.MaxUnavailable, "maxUnavailable") })
        {
            if (count is not null && !Count().IsMatch(count.ToString()))
            {
                yield return AdmissionFinding.Error($"spec.podDisruptionBudget.{name}", $"{Names.Quoted(count.ToString())} is no number of pods", "write it like 1 or 50%");
            }
        }
    }

    /// <summary>Use is measured in percent of what is requested.</summary>
    private static IEnumerable<AdmissionFinding> Autoscaling(RunnerSpec spec)
    {
        if (spec.Autoscaling is not { } autoscaling)
        {
            yield break;
        }

        var byMemory = autoscaling.TargetMemoryUtilizationPercentage is not null;
        foreach (var (aimed, resource) in new[] { (autoscaling.TargetCPUUtilizationPercentage is not null || !byMemory, "cpu"), (byMemory, "memory") })
        {
            if (aimed && !Requests(spec.Resources, resource))
            {
                yield return AdmissionFinding.Warning("spec.autoscaling", $"cannot measure {resource}: spec.resources requests none", $"set spec.resources.requests.{resource}");
            }
        }
    }

    private static bool Requests(ResourceRequirements? resources, string resource) =>
        resources?.Requests?.ContainsKey(resource) == true || resources?.Limits?.ContainsKey(resource) == true;

    private static IEnumerable<AdmissionFinding> Hosts(RunnerSpec spec)
    {
        if (spec.Ingress?.Host is { Length: > 0 } host && !Host().IsMatch(host))
        {
            yield return AdmissionFinding.Error("spec.ingress.host", $"{Names.Quoted(host)} is no host name", "write it like flows.example.com, without protocol, port or path");
        }

        var names = spec.HttpRoute?.Hostnames ?? [];
        for (var index = 0; index < names.Count; index++)
        {
            if (!Host().IsMatch(names[index]))
            {
                yield return AdmissionFinding.Error($"spec.httpRoute.hostnames[{index}]", $"{Names.Quoted(names[index])} is no host name", "write it like flows.example.com");
            }
        }
    }

    [GeneratedRegex(@"^([0-9]+|[0-9]{1,2}%|100%)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Count();

    [GeneratedRegex(@"^(?=.{1,253}\z)(\*\.)?[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Host();
}
