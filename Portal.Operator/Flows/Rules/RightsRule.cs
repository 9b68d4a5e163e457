using System.Text.RegularExpressions;
using Portal.Operator.Admission;
using Portal.Operator.Reconciliation;

namespace Portal.Operator.Flows.Rules;

/// <summary>Rights do not contradict each other, and accounts and registries are named.</summary>
internal sealed partial class RightsRule : IRunnerRule
{
    private const int MaxName = 253;

    public IEnumerable<AdmissionFinding> Check(RunnerSpec spec, string? @namespace, AdmissionScope scope) =>
        Rights(spec).Concat(Profiles(spec)).Concat(References(spec, @namespace, scope));

    private static IEnumerable<AdmissionFinding> Rights(RunnerSpec spec)
    {
        var (container, pod) = (spec.SecurityContext, spec.PodSecurityContext);
        if (container is { Privileged: true, AllowPrivilegeEscalation: not true })
        {
            yield return AdmissionFinding.Error("spec.securityContext.privileged", "cannot be true while allowPrivilegeEscalation is false, as it is unless given", "set both, or neither");
        }

        var root = container?.RunAsUser is { } own ? (own, "spec.securityContext.runAsUser") : (pod?.RunAsUser, "spec.podSecurityContext.runAsUser");
        if (root.Item1 == 0 && (container?.RunAsNonRoot ?? pod?.RunAsNonRoot ?? true))
        {
            yield return AdmissionFinding.Broken(root.Item2, "is root, which runAsNonRoot forbids", "use another user, or set runAsNonRoot: false");
        }

        foreach (var (value, field) in new[]
        {
            (container?.RunAsUser, "spec.securityContext.runAsUser"), (container?.RunAsGroup, "spec.securityContext.runAsGroup"),
            (pod?.RunAsUser, "spec.podSecurityContext.runAsUser"), (pod?.RunAsGroup, "spec.podSecurityContext.runAsGroup"), (pod?.FsGroup, "spec.podSecurityContext.fsGroup"),
        })
        {
            if (value is < 0 or > int.MaxValue)
            {
                yield return AdmissionFinding.Error(field, $"{value} is not the number of a user or group", $"use 0 to {int.MaxValue}");
            }
        }
    }

    private static IEnumerable<AdmissionFinding> Profiles(RunnerSpec spec)
    {
        foreach (var (profile, field) in new[]
        {
            (spec.SecurityContext?.SeccompProfile, "spec.securityContext.seccompProfile"), (spec.PodSecurityContext?.SeccompProfile, "spec.podSecurityContext.seccompProfile"),
        })
        {
            if (profile is not null && (profile.Type == "Localhost") != (profile.LocalhostProfile is { Length: > 0 }))
            {
                yield return AdmissionFinding.Error($"{field}.localhostProfile", "goes with type Localhost, and only with it", "set both, or neither");
            }
        }
    }

    private static IEnumerable<AdmissionFinding> References(RunnerSpec spec, string? @namespace, AdmissionScope scope)
    {
        if (spec.ServiceAccountName is { Length: > 0 } account && (account.Length > MaxName || !ObjectName().IsMatch(account)))
        {
            yield return AdmissionFinding.Error("spec.serviceAccountName", $"{Names.Quoted(account)} cannot name a service account", "use lower-case letters, digits, '-' and '.'");
        }

        for (var index = 0; index < (spec.ImagePullSecrets?.Count ?? 0); index++)
        {
            var name = spec.ImagePullSecrets![index].Name;
            if (scope.FindMissing("secret", name, $"spec.imagePullSecrets[{index}].name", objects => objects.FindSecret(@namespace, name)) is { } missing)
            {
                yield return missing;
            }
        }
    }

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex ObjectName();
}
