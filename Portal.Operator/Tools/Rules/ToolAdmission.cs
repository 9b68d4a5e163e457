using System.Text.RegularExpressions;
using Portal.Operator.Admission;
using Portal.Operator.Api;
using Portal.Operator.Flows.Rules;
using Portal.Operator.Reconciliation;

namespace Portal.Operator.Tools.Rules;

/// <summary>The rules of Tools.</summary>
internal static partial class ToolAdmission
{
    public static KindAdmission<Tool> Create() => new(new ToolSpecRule(), new DefinitionRule(), new TargetRule());

    /// <summary>What the reconciler would report of the spec alone.</summary>
    private sealed class ToolSpecRule : IAdmissionRule<Tool>
    {
        public IEnumerable<AdmissionFinding> Check(Tool target, AdmissionScope scope) => ToolRules.Find(target).Select(AdmissionFinding.Of);
    }

    /// <summary>The runner can read the definition, and models can call it by its name.</summary>
    private sealed class DefinitionRule : IAdmissionRule<Tool>
    {
        public IEnumerable<AdmissionFinding> Check(Tool target, AdmissionScope scope)
        {
            if (target.Spec.Definition is not JsonObject definition)
            {
                yield break;
            }

            foreach (var member in new[] { "name", "description" })
            {
                if (definition[member] is { } value && value.GetValueKind() != JsonValueKind.String)
                {
                    yield return AdmissionFinding.Broken($"spec.definition.{member}", "must be text");
                }
            }

            foreach (var member in new[] { "inputSchema", "outputSchema" })
            {
                if (definition[member] is not (null or JsonObject))
                {
                    yield return AdmissionFinding.Broken($"spec.definition.{member}", "must be a JSON object with a JSON Schema", "such as {type: object, properties: {...}}");
                }
            }

            if (definition["name"] is JsonValue named && named.TryGetValue(out string? name) && !ToolName().IsMatch(name))
            {
                yield return AdmissionFinding.Warning(
                    "spec.definition.name", $"{Names.Quoted(name)} is changed for models", "use at most 64 letters, digits, '_' and '-', beginning with a letter or '_'");
            }

            if (string.IsNullOrWhiteSpace(definition["description"]?.ToString()))
            {
                yield return AdmissionFinding.Warning("spec.definition.description", "is empty, and models choose tools by it", "say what the tool does");
            }
        }
    }

    /// <summary>Who answers can be reached, and does not lead back here.</summary>
    private sealed class TargetRule : IAdmissionRule<Tool>
    {
        public IEnumerable<AdmissionFinding> Check(Tool target, AdmissionScope scope)
        {
            var implementation = target.Spec.Implementation;
            if (implementation.FlowRef is { Name: { Length: > 0 } flow }
                && scope.FindMissing("flow", flow, "spec.implementation.flowRef.name", objects => objects.FindFlow(target.Namespace, flow)) is { } missing)
            {
                yield return missing;
            }

            foreach (var finding in Endpoint(implementation.Http?.Url, implementation.Http?.HeadersSecretRef, "http", target, scope)
                .Concat(Endpoint(implementation.Mcp?.Url, implementation.Mcp?.HeadersSecretRef, "mcp", target, scope)))
            {
                yield return finding;
            }

            if (ToolLoops.Find(target, scope) is { } loop)
            {
                yield return AdmissionFinding.Broken("spec.implementation.flowRef", $"tools lead back here: {loop}", "remove one of them");
            }
        }

        private static IEnumerable<AdmissionFinding> Endpoint(string? url, LocalReference? secret, string member, Tool target, AdmissionScope scope)
        {
            var path = $"spec.implementation.{member}";
            if (url is { Length: > 0 } && !(Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"))
            {
                yield return AdmissionFinding.Broken($"{path}.url", "is not an absolute http or https URL", "write it like https://api.example.com/weather");
            }

            if (secret is { Name: { Length: > 0 } name }
                && scope.FindMissing("secret", name, $"{path}.headersSecretRef.name", objects => objects.FindSecret(target.Namespace, name)) is { } missing)
            {
                yield return missing;
            }
        }
    }

    [GeneratedRegex(@"^[a-zA-Z_][-_a-zA-Z0-9]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex ToolName();
}
