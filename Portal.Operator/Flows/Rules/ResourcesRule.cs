using Portal.Operator.Admission;
using Portal.Operator.Api;

namespace Portal.Operator.Flows.Rules;

/// <summary>Image and resources are such that a pod can have them.</summary>
internal sealed class ResourcesRule : IRunnerRule
{
    private static readonly string[] s_standard = ["cpu", "memory", "ephemeral-storage"];

    public IEnumerable<AdmissionFinding> Check(RunnerSpec spec, string? @namespace, AdmissionScope scope)
    {
        if (!string.IsNullOrWhiteSpace(spec.Image) && spec.Image.Any(char.IsWhiteSpace))
        {
            yield return AdmissionFinding.Error("spec.image", "has white space in it", "write it like ghcr.io/example/runner:1.0");
        }

        if (spec.Resources is not { } resources)
        {
            yield break;
        }

        if (resources.Claims is { Count: > 0 })
        {
            yield return AdmissionFinding.Error("spec.resources.claims", "cannot be met: the pods of a flow have no resourceClaims", "remove it");
        }

        foreach (var (list, name) in new[] { (resources.Limits, "limits"), (resources.Requests, "requests") })
        {
            foreach (var (resource, quantity) in list ?? new Dictionary<string, Quantity>())
            {
                foreach (var finding in Check(resource, quantity, $"spec.resources.{name}.{resource}"))
                {
                    yield return finding;
                }
            }
        }

        foreach (var (resource, request) in resources.Requests ?? new Dictionary<string, Quantity>())
        {
            if (resources.Limits?.GetValueOrDefault(resource)?.Amount is { } limit && request.Amount is { } amount && amount > limit)
            {
                yield return AdmissionFinding.Error($"spec.resources.requests.{resource}", $"{request} is more than the limit of {resources.Limits[resource]}", "lower one or raise the other");
            }
        }
    }

    private static IEnumerable<AdmissionFinding> Check(string resource, Quantity quantity, string field)
    {
        if (!s_standard.Contains(resource) && !resource.StartsWith("hugepages-", StringComparison.Ordinal) && !resource.Contains('/', StringComparison.Ordinal))
        {
            yield return AdmissionFinding.Error(field, "is not a resource of containers", "use cpu, memory, ephemeral-storage, or the full name of a device such as nvidia.com/gpu");
        }

        if (quantity.Amount < 0)
        {
            yield return AdmissionFinding.Error(field, "is less than nothing", "use 0 or more");
        }
    }
}
