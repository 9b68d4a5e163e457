using System.Text;
using System.Text.RegularExpressions;
using Portal.Kubernetes.Objects;
using Portal.Operator.Reconciliation;

namespace Portal.Operator.Flows;

/// <summary>What the schema cannot say about a Flow. Each rule answers the first problem, or null.</summary>
internal static partial class FlowRules
{
    /// <summary>Kubernetes' limit for the data of one ConfigMap, in bytes.</summary>
    public const int MaxConfigMapBytes = 1024 * 1024;

    private const int MaxPromptName = 200;

    /// <summary>Names of volumes are a prefix of two and the flow's name, 63 together.</summary>
    private const int MaxMemberName = 61;

    /// <summary>Paths of the runner's probes, which no route may take.</summary>
    private static readonly IReadOnlySet<string> s_reserved = new HashSet<string>(StringComparer.Ordinal) { "healthz", "readyz" };

    /// <summary>Rules on a Flow's spec alone.</summary>
    public static Problem? Check(Flow flow) => s_reserved.Contains(flow.Name) && !string.IsNullOrWhiteSpace(flow.Spec.Image)
        ? Problem.Invalid($"metadata.name {Names.Quoted(flow.Name)} is reserved for the runner's probes; choose another name")
        : Check(flow, flow.Spec);

    /// <summary>Rules for everything that runs a runner.</summary>
    public static Problem? Check(KubeObject owner, RunnerSpec spec)
    {
        if (string.IsNullOrWhiteSpace(spec.Image))
        {
            return Problem.Invalid("spec.image is required");
        }

        if (!ServiceName().IsMatch(owner.Name))
        {
            return Problem.Invalid($"metadata.name {Names.Quoted(owner.Name)} cannot name a Service: " +
                "use at most 63 lower-case letters, digits and '-', beginning with a letter and ending with a letter or digit");
        }

        var twice = (spec.Env ?? []).GroupBy(variable => variable.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1);
        return twice is null ? null : Problem.Invalid($"spec.env has the variable {Names.Quoted(twice.Key)} twice; remove one of them");
    }

    /// <summary>Rules on one flow of a FlowSet, beside those on what it refers to.</summary>
    public static Problem? CheckMember(string flow, IFlowParts parts)
    {
        if (s_reserved.Contains(flow))
        {
            return Problem.Invalid($"name {Names.Quoted(flow)} is reserved for the runner's probes; choose another name");
        }

        if (flow.Length > MaxMemberName)
        {
            return Problem.Invalid($"a flow's name may have {MaxMemberName} characters, this one has {flow.Length}");
        }

        return parts.ModelRef is null == parts.ModelSpec is null ? Problem.Invalid("exactly one of modelRef or modelSpec is required") : null;
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
