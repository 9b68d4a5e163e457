using System.Text.RegularExpressions;
using Portal.Operator.Admission;
using Portal.Operator.Reconciliation;
using Portal.Runner.Contract;

namespace Portal.Operator.PluginConfigs.Rules;

/// <summary>The provider is one the runner knows, with the settings it needs, and its credentials can be found.</summary>
internal sealed partial class PluginConfigRule : IAdmissionRule<PluginConfig>
{
    /// <summary>Providers without an address of their own, and the setting that gives it.</summary>
    private static readonly Dictionary<string, string> s_addresses = new(StringComparer.OrdinalIgnoreCase)
    {
        ["azureaifoundry"] = "endpoint",
        ["ollama"] = "serverAddress",
    };

    /// <summary>The rules of PluginConfigs.</summary>
    public static KindAdmission<PluginConfig> Create() => new(new PluginConfigRule());

    public IEnumerable<AdmissionFinding> Check(PluginConfig target, AdmissionScope scope) => Type(target).Concat(Keys(target)).Concat(Credentials(target, scope));

    private static IEnumerable<AdmissionFinding> Type(PluginConfig target)
    {
        var (type, settings) = (target.Spec.Type, target.Spec.ExtraConfig);
        if (ProviderCredentials.Of(type) is null)
        {
            yield return AdmissionFinding.Warning(
                "spec.type", $"{Names.Quoted(type)} is not known to the runner of this release, which knows {string.Join(", ", ProviderCredentials.Types)}", "use one of them, or an image that knows it");
        }

        if (settings is not (null or JsonObject))
        {
            yield return AdmissionFinding.Broken("spec.extraConfig", "must be a JSON object", "such as {baseURL: https://...}");
        }
        else if (s_addresses.TryGetValue(type, out var setting) && settings?[setting] is null && settings?["baseURL"] is null)
        {
            yield return AdmissionFinding.Warning($"spec.extraConfig.{setting}", $"is missing, and {type} has no address of its own", "give the server's URL");
        }
    }

    private static IEnumerable<AdmissionFinding> Keys(PluginConfig target)
    {
        var keys = target.Spec.CredentialKeys ?? [];
        for (var index = 0; index < keys.Count; index++)
        {
            if (!SecretKey().IsMatch(keys[index]))
            {
                yield return AdmissionFinding.Error(
                    $"spec.credentialKeys[{index}]", $"{Names.Quoted(keys[index])} cannot be a key of a Secret", "use letters, digits, '-', '_' and '.'");
            }
            else if (keys.Take(index).Contains(keys[index]))
            {
                yield return AdmissionFinding.Warning($"spec.credentialKeys[{index}]", $"{Names.Quoted(keys[index])} is there twice", "remove one of them");
            }
        }
    }

    private static IEnumerable<AdmissionFinding> Credentials(PluginConfig target, AdmissionScope scope)
    {
        var name = target.Spec.CredentialsRef.Name;
        if (scope.FindMissing("secret", name, "spec.credentialsRef.name", objects => objects.FindSecret(target.Namespace, name)) is { } missing)
        {
            yield return missing;
        }
        else if (scope.Read(objects => objects.FindSecret(target.Namespace, name)) is { } secret && CredentialCheck.FindProblem(target, secret) is { } problem)
        {
            yield return AdmissionFinding.Warning("spec.credentialsRef.name", problem.Message);
        }
    }

    [GeneratedRegex(@"^[-._a-zA-Z0-9]{1,253}\z", RegexOptions.CultureInvariant)]
    private static partial Regex SecretKey();
}
