using Portal.Dotprompt.Text;

namespace Portal.Dotprompt.Templates;

/// <summary>
/// Takes away white space as tags ask: all of it beside a <c>~</c>, and the line of a block tag, comment or partial that stands alone on it.
/// Follows the order of Handlebars 4.7, where each side of a text is stripped at most once.
/// </summary>
internal static class WhitespaceControl
{
    private readonly record struct Sides(bool Open, bool Close, bool OpenStandalone, bool CloseStandalone, bool InlineStandalone);

    public static void Apply(Body root) => Apply(root, isRoot: true);

    private static void Apply(Body body, bool isRoot)
    {
        var statements = body.Statements;
        for (var i = 0; i < statements.Length; i++)
        {
            if (Visit(statements[i]) is not { } sides)
            {
                continue;
            }

            var isPreviousBlank = IsPreviousBlank(statements, i, isRoot);
            var isNextBlank = IsNextBlank(statements, i, isRoot);
            if (sides.Close)
            {
                StripAfter(statements, i, all: true);
            }

            if (sides.Open)
            {
                StripBefore(statements, i, all: true);
            }

            if (sides.InlineStandalone && isPreviousBlank && isNextBlank)
            {
                StripAfter(statements, i, all: false);
                if (StripBefore(statements, i, all: false) && statements[i] is PartialStatement partial)
                {
                    partial.Indent = Indentation(((ContentStatement)statements[i - 1]).Original);
                }
            }

            var block = statements[i] as BlockStatement;
            if (sides.OpenStandalone && isPreviousBlank)
            {
                StripAfter((block!.Program ?? block.Inverse)!.Statements, -1, all: false);
                StripBefore(statements, i, all: false);
            }

            if (sides.CloseStandalone && isNextBlank)
            {
                StripAfter(statements, i, all: false);
                var last = (block!.Inverse ?? block.Program)!.Statements;
                StripBefore(last, last.Length, all: false);
            }
        }
    }

    private static Sides? Visit(Statement statement) => statement switch
    {
        BlockStatement { Kind: BlockKind.Raw } => null,
        BlockStatement block => VisitBlock(block),
        MustacheStatement mustache => new Sides(mustache.Strip.Open, mustache.Strip.Close, false, false, false),
        PartialStatement partial => new Sides(partial.Strip.Open, partial.Strip.Close, false, false, true),
        CommentStatement comment => new Sides(comment.Strip.Open, comment.Strip.Close, false, false, true),
        _ => null,
    };

    private static Sides VisitBlock(BlockStatement block)
    {
        if (block.Program is not null)
        {
            Apply(block.Program, isRoot: false);
        }

        if (block.Inverse is not null)
        {
            Apply(block.Inverse, isRoot: false);
        }

        var program = (block.Program ?? block.Inverse)!.Statements;
        var inverse = block.Program is null ? null : block.Inverse;
        var (first, last) = ChainEnds(inverse);
        var sides = new Sides(
            block.OpenStrip.Open,
            block.CloseStrip.Close,
            IsNextBlank(program, -1, isRoot: false),
            IsPreviousBlank(first ?? program, (first ?? program).Length, isRoot: false),
            false);
        if (block.OpenStrip.Close)
        {
            StripAfter(program, -1, all: true);
        }

        if (first is null || last is null)
        {
            if (block.CloseStrip.Open)
            {
                StripBefore(program, program.Length, all: true);
            }

            return sides;
        }

        if (block.InverseStrip.Open)
        {
            StripBefore(program, program.Length, all: true);
        }

        if (block.InverseStrip.Close)
        {
            StripAfter(first, -1, all: true);
        }

        if (block.CloseStrip.Open)
        {
            StripBefore(last, last.Length, all: true);
        }

        if (IsPreviousBlank(program, program.Length, isRoot: false) && IsNextBlank(first, -1, isRoot: false))
        {
            StripBefore(program, program.Length, all: false);
            StripAfter(first, -1, all: false);
        }

        return sides;
    }

    /// <summary>The statements of the first and of the last arm of an <c>else if</c> chain.</summary>
    private static (Statement[]? First, Statement[]? Last) ChainEnds(Body? inverse)
    {
        if (inverse is not { IsChained: true })
        {
            return (inverse?.Statements, inverse?.Statements);
        }

        var first = Arm(inverse);
        var last = inverse;
        while (last.IsChained)
        {
            last = Arm(last);
        }

        return (first.Statements, last.Statements);
    }

    private static Body Arm(Body chained)
    {
        var block = (BlockStatement)chained.Statements[^1];
        return (block.Program ?? block.Inverse)!;
    }

    private static bool IsPreviousBlank(Statement[] statements, int index, bool isRoot)
    {
        if (index - 1 < 0)
        {
            return isRoot;
        }

        if (statements[index - 1] is not ContentStatement previous)
        {
            return false;
        }

        var text = previous.Original;
        for (var i = text.Length - 1; i >= 0; i--)
        {
            if (text[i] == '\n')
            {
                return true;
            }

            if (!JsText.IsWhiteSpace(text[i]))
            {
                return false;
            }
        }

        return isRoot && index - 2 < 0;
    }

    private static bool IsNextBlank(Statement[] statements, int index, bool isRoot)
    {
        if (index + 1 >= statements.Length)
        {
            return isRoot;
        }

        if (statements[index + 1] is not ContentStatement next)
        {
            return false;
        }

        foreach (var c in next.Original)
        {
            if (c == '\n')
            {
                return true;
            }

            if (!JsText.IsWhiteSpace(c))
            {
                return false;
            }
        }

        return isRoot && index + 2 >= statements.Length;
    }

    private static void StripAfter(Statement[] statements, int index, bool all)
    {
        if (index + 1 >= statements.Length || statements[index + 1] is not ContentStatement content || (!all && content.RightStripped))
        {
            return;
        }

        var value = content.Value;
        var end = 0;
        while (end < value.Length && (all ? JsText.IsWhiteSpace(value[end]) : value[end] is ' ' or '\t'))
        {
            end++;
        }

        if (!all)
        {
            end += value.AsSpan(end).StartsWith("\r") ? 1 : 0;
            end += value.AsSpan(end).StartsWith("\n") ? 1 : 0;
        }

        content.Value = value[end..];
        content.RightStripped = end > 0;
    }

    private static bool StripBefore(Statement[] statements, int index, bool all)
    {
        if (index - 1 < 0 || statements[index - 1] is not ContentStatement content || (!all && content.LeftStripped))
        {
            return false;
        }

        var value = content.Value;
        var start = value.Length;
        while (start > 0 && (all ? JsText.IsWhiteSpace(value[start - 1]) : value[start - 1] is ' ' or '\t'))
        {
            start--;
        }

        content.LeftStripped = start < value.Length;
        content.Value = value[..start];
        return content.LeftStripped;
    }

    private static string Indentation(string text)
    {
        var start = text.Length;
        while (start > 0 && text[start - 1] is ' ' or '\t')
        {
            start--;
        }

        return text[start..];
    }
}
