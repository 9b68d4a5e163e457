using System.Text.RegularExpressions;
using Portal.Runner.Evaluation.Datasets;

namespace Portal.Runner.Evaluation.Metrics;

/// <summary>Metrics that compare text. Surrounding white space does not count.</summary>
internal static class TextMetrics
{
    private static readonly TimeSpan s_regexLimit = TimeSpan.FromSeconds(1);

    /// <summary>The answer is the reference.</summary>
    public static IMetric ExactMatch() => new PlainMetric(static (row, reply) =>
        row.Reference is null ? NoReference : Score.Of(reply.Text.Trim() == EvaluationJson.TextOf(row.Reference).Trim()));

    /// <summary>The answer contains a text, or the reference; case matters not.</summary>
    public static IMetric Contains(string? wanted) => new PlainMetric((row, reply) =>
        (wanted ?? ReferenceOf(row))?.Trim() is { Length: > 0 } text ? Score.Of(reply.Text.Contains(text, StringComparison.OrdinalIgnoreCase)) : NoReference);

    /// <summary>The answer has a match of a .NET regular expression, or of the one in the reference.</summary>
    /// <exception cref="FormatException">The pattern is wrong.</exception>
    public static IMetric Matches(string? pattern)
    {
        var fixedPattern = pattern is null ? null : Compile(pattern);
        return new PlainMetric((row, reply) =>
        {
            try
            {
                return (fixedPattern ?? (ReferenceOf(row) is { } own ? Compile(own) : null)) is { } regex ? Score.Of(regex.IsMatch(reply.Text)) : NoReference;
            }
            catch (FormatException exception)
            {
                return Score.Failed($"the row's reference {exception.Message}");
            }
            catch (RegexMatchTimeoutException)
            {
                return Score.Failed($"the pattern took longer than {s_regexLimit.TotalSeconds:0} s on this answer");
            }
        });
    }

    /// <summary>ROUGE-L F1: <see cref="RougeL"/>.</summary>
    public static IMetric Similarity(double threshold) => new PlainMetric((row, reply) =>
        ReferenceOf(row) is { } reference ? Score.AtLeast(RougeL.Score(reply.Text, reference), threshold) : NoReference);

    public static Score NoReference { get; } = Score.Failed("the row has no reference");

    private static string? ReferenceOf(DatasetRow row) => row.Reference is null ? null : EvaluationJson.TextOf(row.Reference);

    private static Regex Compile(string pattern)
    {
        try
        {
            return new Regex(pattern, RegexOptions.CultureInvariant, s_regexLimit);
        }
        catch (ArgumentException exception)
        {
            throw new FormatException($"is no regular expression: {exception.Message}", exception);
        }
    }
}
