using System.Text.RegularExpressions;
using Portal.Operator.Api;
using Portal.Operator.Reconciliation;

namespace Portal.Operator.Flows;

/// <summary>Makes problems of what runners say about their flows.</summary>
internal static partial class RunnerProblems
{
    /// <summary>The first there is; null when all is well or nobody was asked.</summary>
    public static Problem? FirstOf(ServedContent? served) => served is { Problems.Count: > 0 } ? Make(null, served.Problems.First()) : null;

    /// <summary>Of one flow of a FlowSet; a change that was not taken at all counts for each of them.</summary>
    public static Problem? Find(ServedContent? served, string flow) => served?.Problems.Where(problem => problem.Key == "" || problem.Key == $"/{flow}").Select(problem => Make(flow, problem)).FirstOrDefault();

    /// <summary>What a runner says, in the operator's words where it knows why: it names the Secret and its key, not a file of the pod. The reason stays the
    /// runner's, as the pods are to be asked again.</summary>
    public static Problem? Explained(Problem? told, IReadOnlyList<Problem> faults) =>
        told is null || faults is not [var known, ..] ? told : told with { Message = known.Message, Trail = known.Trail };

    private static Problem Make(string? flow, KeyValuePair<string, string> problem)
    {
        var path = problem.Key;
        var text = RootPattern().Replace(problem.Value, "");
        var message = path.Length == 0 ? $"the pods have not taken the change: {text}" : flow is null ? $"{path}: {text}" : text;
        return new Problem(ConditionReasons.FlowBroken, flow is null ? message : $"flow {Names.Quoted(flow)}: {message}")
        {
            Trail = flow is null ? message : $"flow {Names.Quoted(flow)}: {message}",
        };
    }

    // Where a local pod's files lie is its machine's affair, and would make each pod's words different.
    [GeneratedRegex("/\\S*(?=/genkit/)")]
    private static partial Regex RootPattern();
}
