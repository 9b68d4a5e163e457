using System.Text.RegularExpressions;
using Portal.Kubernetes.Client;

namespace Portal.Features.Import;

/// <summary>Reads a server's refusal as problems of fields.</summary>
internal static partial class ServerRefusal
{
    public static IReadOnlyList<ImportProblem> Read(KubernetesException refusal)
    {
        // Of unknown fields an apply tells in words only.
        var unknown = UnknownField().Matches(refusal.Message).Select(field => new ImportProblem(field.Groups[1].Value, "the kind has no such field", "remove it, or mend its spelling")).ToList();
        if (unknown.Count > 0)
        {
            return unknown;
        }

        var fix = refusal.IsConflict ? "take the fields over, or leave them to their manager" : null;
        var causes = ((refusal.Status["details"] as JsonObject)?["causes"] as JsonArray ?? []).OfType<JsonObject>()
            .Select(cause => new ImportProblem(cause["field"]?.ToString().TrimStart('.') is { Length: > 0 } field ? field : null, cause["message"]?.ToString() ?? refusal.Message, fix))
            .ToList();
        return causes.Count > 0 ? causes : [new ImportProblem(null, refusal.Message, fix)];
    }

    [GeneratedRegex(@"\.([^\s:]+): field not declared in schema", RegexOptions.CultureInvariant)]
    private static partial Regex UnknownField();
}
