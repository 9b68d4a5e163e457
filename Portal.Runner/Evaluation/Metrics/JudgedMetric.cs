using Portal.Dotprompt.Documents;
using Portal.Runner.Engine;
using Portal.Runner.Evaluation.Datasets;

namespace Portal.Runner.Evaluation.Metrics;

/// <summary>A metric that a model judges: it lists what it sees, and the score is counted from that.</summary>
/// <param name="judge">The model.</param>
/// <param name="question">What it is asked.</param>
/// <param name="threshold">Scores from here on pass.</param>
internal sealed class JudgedMetric(Judge judge, JudgeQuestion question, double threshold) : IMetric
{
    private readonly DotpromptDocument _prompt = DotpromptDocument.Parse(question.Prompt);

    public async Task<Score> ScoreAsync(DatasetRow row, FlowReply reply, CancellationToken cancellationToken)
    {
        if (question.NeedsReference && row.Reference is null)
        {
            return TextMetrics.NoReference;
        }

        var input = new JsonObject
        {
            ["question"] = EvaluationJson.TextOf(row.Input),
            ["answer"] = reply.Text,
            ["reference"] = EvaluationJson.TextOf(row.Reference),
            ["sources"] = new JsonArray([.. (row.Context ?? [row.Input?.DeepClone()]).Select(static part => (JsonNode?)JsonValue.Create(EvaluationJson.TextOf(part)))]),
        };
        try
        {
            var verdict = await judge.AskAsync(_prompt, input, cancellationToken);
            var (value, rationale) = question.Read(verdict);
            return value is { } score ? Score.AtLeast(Math.Clamp(score, 0, 1), threshold, rationale) : new Score { Rationale = rationale };
        }
        catch (GenkitException exception)
        {
            return Score.Failed($"the judge failed: {exception.Message}");
        }
    }
}

/// <summary>What a judge is asked, and how its verdict becomes a score.</summary>
/// <param name="Prompt">Dotprompt with the inputs <c>question</c>, <c>answer</c>, <c>reference</c> and <c>sources</c>, and a JSON output schema.</param>
/// <param name="NeedsReference">Whether rows without a reference cannot be judged.</param>
/// <param name="Read">From a verdict that matches the schema to a score (null: there is nothing to judge) and its reason.</param>
internal sealed record JudgeQuestion(string Prompt, bool NeedsReference, Func<JsonObject, (double? Score, string? Rationale)> Read);
