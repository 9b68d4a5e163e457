using System.Runtime.CompilerServices;
using Portal.ApiServer.Schemas.Cel;

namespace Portal.ApiServer.Admission;

/// <summary>The <c>matchConditions</c> of a webhook: expressions over <c>object</c>, <c>oldObject</c> and <c>request</c> that must all be true.</summary>
internal sealed class MatchConditions
{
    public const int Most = 64;

    private static readonly ConditionalWeakTable<JsonObject, MatchConditions> s_compiled = [];
    private static readonly Dictionary<string, CelType> s_variables = new()
    {
        ["object"] = CelType.Dyn,
        ["oldObject"] = CelType.Dyn,
        ["request"] = CelType.Dyn,
    };

    private readonly List<(string Name, CelProgram Program)> _programs;

    private MatchConditions(JsonObject webhook) => _programs =
        [.. Sources(webhook).Select(condition => (condition["name"]?.ToString() ?? "", Compile(condition["expression"]?.ToString() ?? "")))];

    /// <summary>The conditions of a stored webhook, which must not change; compiled once.</summary>
    public static MatchConditions Of(JsonObject webhook) => s_compiled.GetValue(webhook, static source => new MatchConditions(source));

    public static IEnumerable<JsonObject> Sources(JsonObject webhook) => (webhook["matchConditions"] as JsonArray ?? []).OfType<JsonObject>();

    /// <exception cref="CelCompileException">The expression cannot be used.</exception>
    public static CelProgram Compile(string expression) => CelProgram.Compile(expression, s_variables, CelType.Bool);

    public bool IsEmpty => _programs.Count == 0;

    /// <summary>Whether all hold. One that is false decides, whatever fails beside it.</summary>
    /// <exception cref="CelEvaluationException">None is false, and one has no value; the message names it.</exception>
    public bool Hold(JsonObject review)
    {
        var request = review["request"]!.AsObject();
        string? failure = null;
        var budget = new CelBudget(CelBudget.PerRule);
        foreach (var (name, program) in _programs)
        {
            try
            {
                if (program.Evaluate(
                    budget,
                    ("object", CelValue.From(request["object"], CelType.Dyn)),
                    ("oldObject", CelValue.From(request["oldObject"], CelType.Dyn)),
                    ("request", CelValue.From(request, CelType.Dyn))) is false)
                {
                    return false;
                }
            }
            catch (Exception problem) when (problem is CelEvaluationException or CelBudgetException)
            {
                failure ??= $"match condition \"{name}\" failed: {problem.Message}";
            }
        }

        return failure is null ? true : throw new CelEvaluationException(failure);
    }
}
