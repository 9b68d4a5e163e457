using System.Text;
using System.Text.RegularExpressions;
using Portal.Kubernetes.Objects;
using Portal.Operator.Reconciliation;
using Portal.Runner.Contract;

namespace Portal.Operator.Flows;

/// <summary>What the schema cannot say about a Flow. Each rule answers the first problem, or null.</summary>
internal static partial class FlowRules
{
    /// <summary>Kubernetes' limit for the data of one ConfigMap, in bytes.</summary>
    public const int MaxConfigMapBytes = 1024 * 1024;

    private const int MaxPromptName = 200;

    /// <summary>Names of volumes are a prefix of two and the flow's name, 63 together.</summary>
    private const int MaxMemberName = 61;

    /// <summary>Paths that every runner of this API answers itself.</summary>
    private static readonly string[] s_probes = ["healthz", "readyz"];

    /// <summary>The first of <see cref="Find(Flow)"/>.</summary>
    public static Problem? Check(Flow flow) => Find(flow).FirstOrDefault();

    /// <summary>Rules on a Flow's spec alone.</summary>
    public static IEnumerable<Problem> Find(Flow flow)
    {
        var problems = Find(flow, flow.Spec);
        return CheckRoute(flow.Name, $"metadata.name {Names.Quoted(flow.Name)}", "metadata.name") is { } taken ? problems.Append(taken) : problems;
    }

    /// <summary>The first of <see cref="Find(KubeObject, RunnerSpec)"/>.</summary>
    public static Problem? Check(KubeObject owner, RunnerSpec spec) => Find(owner, spec).FirstOrDefault();

    /// <summary>Rules for everything that runs a runner.</summary>
    public static IEnumerable<Problem> Find(KubeObject owner, RunnerSpec spec)
    {
        if (string.IsNullOrWhiteSpace(spec.Image))
        {
            yield return Problem.Invalid("spec.image is required", "spec.image", "name the runner's image");
        }

        if (owner.Name.Length > 0 && !ServiceName().IsMatch(owner.Name))
        {
            yield return Problem.Impossible(
                $"metadata.name {Names.Quoted(owner.Name)} cannot name a Service: " +
                "use at most 63 lower-case letters, digits and '-', beginning with a letter and ending with a letter or digit",
                "metadata.name");
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var index = 0; index < (spec.Env?.Count ?? 0); index++)
        {
            if (!seen.Add(spec.Env![index].Name))
            {
                yield return Problem.Impossible(
                    $"spec.env has the variable {Names.Quoted(spec.Env[index].Name)} twice; remove one of them", $"spec.env[{index}].name");
            }
        }
    }

    /// <summary>The first of <see cref="FindMember"/>.</summary>
    public static Problem? CheckMember(string flow, IFlowParts parts) => FindMember(flow, parts, "spec").FirstOrDefault();

    /// <summary>Rules on one flow of a FlowSet, beside those on what it refers to.</summary>
    /// <param name="flow">Its name.</param>
    /// <param name="parts">The flow.</param>
    /// <param name="path">Where it is in the FlowSet.</param>
    public static IEnumerable<Problem> FindMember(string flow, IFlowParts parts, string path)
    {
        if (CheckRoute(flow, $"name {Names.Quoted(flow)}", $"{path}.name") is { } taken)
        {
            yield return taken;
        }

        if (flow.Length > MaxMemberName)
        {
            yield return Problem.Impossible($"a flow's name may have {MaxMemberName} characters, this one has {flow.Length}", $"{path}.name");
        }

        if (parts.ModelRef is null == parts.ModelSpec is null)
        {
            yield return Problem.Invalid("exactly one of modelRef or modelSpec is required", parts.ModelRef is null ? path : $"{path}.modelSpec");
        }
    }

    /// <summary>Rules on what was resolved.</summary>
    /// <param name="inputs">What the flow is made of.</param>
    /// <param name="served">Whether every prompt has a route of its own, as in a Flow.</param>
    public static Problem? Check(FlowInputs inputs, bool served = true) =>
        inputs.Prompts.Select(prompt => CheckPromptName(prompt.Name, served)).FirstOrDefault(problem => problem is not null);

    /// <summary>Whether a prompt can become a file, and a route where it gets one.</summary>
    public static Problem? CheckPromptName(string name, bool served, string field = "spec.prompts")
    {
        if (served && CheckRoute(name, $"prompt name {Names.Quoted(name)}", field) is { } taken)
        {
            return taken;
        }

        return name.Length > MaxPromptName || !FileName().IsMatch(name)
            ? Problem.Impossible(
                $"prompt name {Names.Quoted(name)} cannot name a file: use at most {MaxPromptName} letters, digits, '-', '_' and '.', not beginning with '.'", field)
            : null;
    }

    private static Problem? CheckRoute(string name, string subject, string field) =>
        s_probes.Contains(name) ? Problem.Impossible($"{subject} is reserved for the runner's probes; choose another name", field)
        : RuntimeLayout.ReservedRoutes.Contains(name) ? Problem.Invalid($"{subject} is reserved for the runner itself; choose another name", field)
        : null;

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
