using System.Globalization;
using Portal.Operator.Admission;
using Portal.Operator.Api;
using Portal.Runner.Contract;

namespace Portal.Operator.Flows.Rules;

/// <summary>Variables are such that a pod can have them: the API server would refuse the Deployment otherwise.</summary>
internal sealed class EnvironmentRule : IRunnerRule
{
    public IEnumerable<AdmissionFinding> Check(RunnerSpec spec, string? @namespace, AdmissionScope scope)
    {
        for (var index = 0; index < (spec.Env?.Count ?? 0); index++)
        {
            var (variable, path) = (spec.Env![index], $"spec.env[{index}]");
            foreach (var finding in Check(variable, path).Concat(Port(variable, path, spec)).Concat(Sources(variable, path, @namespace, scope)))
            {
                yield return finding;
            }
        }
    }

    private static IEnumerable<AdmissionFinding> Check(EnvVar variable, string path)
    {
        if (variable.Name.Length == 0 || variable.Name.Any(character => character is '=' or < ' ' or > '~'))
        {
            yield return AdmissionFinding.Error($"{path}.name", "is not the name of a variable", "use printable characters other than '=', at least one");
        }

        if (variable.ValueFrom is not { } source)
        {
            yield break;
        }

        object?[] members = [source.ConfigMapKeyRef, source.FieldRef, source.FileKeyRef, source.ResourceFieldRef, source.SecretKeyRef];
        if (members.Count(member => member is not null) != 1)
        {
            yield return AdmissionFinding.Error($"{path}.valueFrom", "must have exactly one member", "such as secretKeyRef: {name: ..., key: ...}");
        }

        if (!string.IsNullOrEmpty(variable.Value))
        {
            yield return AdmissionFinding.Error($"{path}.valueFrom", "cannot stand beside value", "remove one of them");
        }

        foreach (var (selector, name) in new[] { (source.SecretKeyRef, "secretKeyRef"), (source.ConfigMapKeyRef, "configMapKeyRef") })
        {
            if (selector is { Name.Length: 0 })
            {
                yield return AdmissionFinding.Error($"{path}.valueFrom.{name}.name", "is empty", "name the object that has the key");
            }
        }
    }

    private static IEnumerable<AdmissionFinding> Port(EnvVar variable, string path, RunnerSpec spec)
    {
        var port = (spec.Port ?? RunnerSpec.DefaultPort).ToString(CultureInfo.InvariantCulture);
        if (variable.Name == RuntimeLayout.PortVariable && variable.Value is { Length: > 0 } value && value != port)
        {
            yield return AdmissionFinding.Warning($"{path}.value", $"makes the runner listen on {value}, while the Service sends to {port}", "set spec.port and remove the variable");
        }
    }

    private static IEnumerable<AdmissionFinding> Sources(EnvVar variable, string path, string? @namespace, AdmissionScope scope)
    {
        if (variable.ValueFrom?.SecretKeyRef is { Optional: not true, Name.Length: > 0 } secret
            && scope.FindMissing("secret", secret.Name, $"{path}.valueFrom.secretKeyRef.name", objects => objects.FindSecret(@namespace, secret.Name)) is { } noSecret)
        {
            yield return noSecret;
        }

        if (variable.ValueFrom?.ConfigMapKeyRef is { Optional: not true, Name.Length: > 0 } map
            && scope.FindMissing("configmap", map.Name, $"{path}.valueFrom.configMapKeyRef.name", objects => objects.FindConfigMap(@namespace, map.Name)) is { } noMap)
        {
            yield return noMap;
        }
    }
}
