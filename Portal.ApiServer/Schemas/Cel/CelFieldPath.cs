using System.Text;
using System.Text.RegularExpressions;

namespace Portal.ApiServer.Schemas.Cel;

/// <summary>The <c>fieldPath</c> of a rule: <c>.spec.size</c>, <c>.labels['a.b']</c>, relative to where the rule stands.</summary>
internal static partial class CelFieldPath
{
    /// <summary>The path as causes write it; null when the schema has no such field.</summary>
    public static string? Resolve(string fieldPath, StructuralSchema schema)
    {
        var result = new StringBuilder();
        var at = 0;
        while (at < fieldPath.Length)
        {
            var step = Step().Match(fieldPath, at);
            if (!step.Success || step.Index != at)
            {
                return null;
            }

            var name = step.Groups[1].Success ? step.Groups[1].Value : step.Groups[2].Value;
            if (schema.Properties.TryGetValue(name, out var property))
            {
                result.Append('.').Append(name);
                schema = property;
            }
            else if (schema.AdditionalProperties is { } values)
            {
                result.Append('[').Append(name).Append(']');
                schema = values;
            }
            else
            {
                return null;
            }

            at += step.Length;
        }

        return result.ToString();
    }

    [GeneratedRegex(@"\G(?:\.([A-Za-z_][A-Za-z0-9_-]*)|\['([^']+)'\])", RegexOptions.CultureInvariant)]
    private static partial Regex Step();
}
