using System.Runtime.CompilerServices;
using Portal.Dotprompt.Documents;
using Portal.Dotprompt.Rendering;
using Portal.Operator.Api;
using Portal.Operator.Reconciliation;

namespace Portal.Operator.Flows;

/// <summary>Tells which prompts the runner would not serve, by the check the runner itself makes.</summary>
internal static class PromptFaults
{
    private static readonly PromptRenderer s_renderer = new(new RenderEnvironment());

    // A content is checked once, however many Flows share its Prompt and however often they are reconciled.
    private static readonly ConditionalWeakTable<string, Result> s_known = [];

    /// <summary>What is wrong with the document, with its place; null when a call can be rendered.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="all">All of its flow, the partials among them.</param>
    public static Problem? Find(PromptSource prompt, IReadOnlyList<PromptSource> all)
    {
        if (prompt.IsPartial || (s_known.GetValue(prompt.Content, Check).Error ?? CheckPartials(prompt.Content, all)) is not { } error)
        {
            return null;
        }

        var label = $"prompt {Names.Quoted(prompt.Name)}";
        return new(ConditionReasons.InvalidDocument, $"{label}: {error}") { Trail = $"{label}: {error}" };
    }

    private static Result Check(string content) => new(Check(s_renderer, content));

    private static string? CheckPartials(string content, IReadOnlyList<PromptSource> all) => !all.Any(prompt => prompt.IsPartial) ? null
        : Check(new PromptRenderer(new RenderEnvironment { Partial = name => all.FirstOrDefault(prompt => prompt.IsPartial && prompt.Name.AsSpan(1).SequenceEqual(name))?.Content }), content);

    private static string? Check(PromptRenderer renderer, string content)
    {
        try
        {
            renderer.Check(DotpromptDocument.Parse(content));
            return null;
        }
        catch (PromptRenderException exception)
        {
            return exception.Range is { } range ? $"line {range.StartLine}, column {range.StartColumn}: {exception.Message.TrimEnd('.')}" : exception.Message.TrimEnd('.');
        }
    }

    private sealed record Result(string? Error);
}
