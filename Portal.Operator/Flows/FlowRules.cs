using System.Text;
using System.Text.RegularExpressions;
using Portal.Operator.Reconciliation;

namespace Portal.Operator.Flows;

/// <summary>What the schema cannot say about a Flow. Each rule answers the first problem, or null.</summary>
internal static partial class FlowRules
{
    /// <summary>Kubernetes' limit for the data of one ConfigMap, in bytes.</summary>
    public const int MaxConfigMapBytes = 1024 * 1024;

    private const int MaxPromptName = 200;

    /// <summary>Paths of the runner's probes, which no route may take.</summary>
    private static readonly IReadOnlySet<string> s_reserved = new HashSet<string>(StringComparer.Ordinal) { "healthz", "readyz" };

    /// <summary>Rules on the spec alone.</summary>
    public static Problem? Check(Flow flow)
    {
        if (string.IsNullOrWhiteSpace(flow.Spec.Image))
        {
            return Problem.Invalid("spec.image is required");
        }

        if (s_reserved.Contains(flow.Name))
        {
            return Problem.Invalid($"metadata.name {Names.Quoted(flow.Name)} is reserved for the runner's probes; choose another name");
        }

        if (!ServiceName().IsMatch(flow.Name))
        {
            return Problem.Invalid($"metadata.name {Names.Quoted(flow.Name)} cannot name a Service: " +
                "use at most 63 lower-case letters, digits and '-', beginning with a letter and ending with a letter or digit");
        }

        var twice = (flow.Spec.Env ?? []).GroupBy(variable => variable.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1);
        return twice is null ? null : Problem.Invalid($"spec.env has the variable {Names.Quoted(twice.Key)} twice; remove one of them");
    }

    /// <summary>Rules on what was resolved.</summary>
    public static Problem? Check(FlowInputs inputs)
    {
        foreach (var prompt in inputs.Prompts)
        {
            if (s_reserved.Contains(prompt.Name))
            {
                return Problem.Invalid($"prompt name {Names.Quoted(prompt.Name)} is reserved for the runner's probes; choose another name");
            }

            if (prompt.Name.Length > MaxPromptName || !FileName().IsMatch(prompt.Name))
            {
                return Problem.Invalid($"prompt name {Names.Quoted(prompt.Name)} cannot name a file: " +
                    $"use at most {MaxPromptName} letters, digits, '-', '_' and '.', not beginning with '.'");
            }
        }

        return null;
    }

    /// <summary>Rules on the rendered files.</summary>
    public static Problem? Check(FlowFiles files)
    {
        foreach (var (kind, data) in files.ByKind)
        {
            var bytes = data.Sum(file => (long)Encoding.UTF8.GetByteCount(file.Key) + Encoding.UTF8.GetByteCount(file.Value));
            if (bytes > MaxConfigMapBytes)
            {
                return Problem.Invalid($"the {kind} of this Flow take {bytes} bytes, more than the {MaxConfigMapBytes} a ConfigMap can hold; " +
                    "shorten them or move some to another Flow");
            }
        }

        return null;
    }

    [GeneratedRegex("^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$", RegexOptions.CultureInvariant)]
    private static partial Regex ServiceName();

    [GeneratedRegex("^[-_a-zA-Z0-9][-._a-zA-Z0-9]*$", RegexOptions.CultureInvariant)]
    private static partial Regex FileName();
}
