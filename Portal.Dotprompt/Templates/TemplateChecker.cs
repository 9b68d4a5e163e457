namespace Portal.Dotprompt.Templates;

/// <summary>Resolves which tags call helpers, and reports calls that cannot work.</summary>
internal sealed class TemplateChecker(string text, List<TemplateError> errors)
{
    private readonly Stack<IReadOnlyList<string>> _parameters = [];

    public void Check(Body body)
    {
        _parameters.Push(body.Parameters);
        foreach (var statement in body.Statements)
        {
            if (errors.Count >= TemplateScanner.MaxErrors)
            {
                break;
            }

            switch (statement)
            {
                case MustacheStatement mustache:
                    CheckCall(mustache.Call, mustache.Start, mustache.End, isBlock: false, isDefinite: false);
                    break;
                case PartialStatement partial:
                    CheckPartial(partial.Call, partial.Start, partial.End);
                    break;
                case BlockStatement block:
                    CheckBlock(block);
                    break;
            }
        }

        _parameters.Pop();
    }

    private void CheckBlock(BlockStatement block)
    {
        if (block.Kind == BlockKind.Partial)
        {
            CheckPartial(block.Call, block.Start, block.OpenEnd);
        }
        else if (block.Kind == BlockKind.Inline)
        {
            CheckInline(block);
        }
        else
        {
            CheckCall(block.Call, block.Start, block.OpenEnd, isBlock: true, isDefinite: false);
            if (block is { Kind: BlockKind.Block, Call.Helper.IsBlock: false } && errors.FindLastIndex(error => error.Code == "block-form" && error.Start == block.Start) is >= 0 and var at)
            {
                errors[at] = errors[at] with { Fixes = WithoutBlock(block) };
            }
        }

        if (block.Program is not null)
        {
            Check(block.Program);
        }

        if (block.Inverse is not null)
        {
            Check(block.Inverse);
        }
    }

    /// <summary>The call as a plain tag, followed by what stood inside.</summary>
    private TemplateFix[] WithoutBlock(BlockStatement block)
    {
        var close = text.LastIndexOf("{{", block.End - 1, block.End - block.OpenEnd, StringComparison.Ordinal);
        var sign = text.IndexOf('#', block.Start);
        return close >= block.OpenEnd && sign < block.OpenEnd && text.AsSpan(close, block.End - close).TrimStart("{~").StartsWith("/")
            ? [new TemplateFix($"Write {{{{{block.Call.Name}}}}} without a block", block.Start, block.End, text.Remove(sign, 1)[block.Start..(close - 1)])]
            : [];
    }

    private void CheckInline(BlockStatement block)
    {
        if (block.Call.Name != "inline")
        {
            errors.Add(new TemplateError("unknown-helper", $"There is no decorator '{block.Call.Name}'; the only one is {{{{#*inline \"name\"}}}}.", block.Start, block.OpenEnd));
        }
        else if (block.Call.Parameters is not [LiteralExpression { Value: string }])
        {
            errors.Add(new TemplateError("helper-arguments", "An inline partial needs its name in quotes: {{#*inline \"name\"}}.", block.Start, block.OpenEnd));
        }
    }

    private void CheckPartial(Call call, int start, int end)
    {
        if (call.Parameters.Length > 1)
        {
            errors.Add(new TemplateError("helper-arguments", $"The partial '{call.Name}' takes one context at most; write further values as name=value.", start, end));
        }

        if (call.Target is SubExpression dynamic)
        {
            CheckCall(dynamic.Call, dynamic.Start, dynamic.End, isBlock: false, isDefinite: true);
        }

        CheckArguments(call);
    }

    private void CheckArguments(Call call)
    {
        foreach (var expression in call.Parameters.Concat(call.Hash.Select(argument => argument.Value)))
        {
            if (expression is SubExpression sub)
            {
                CheckCall(sub.Call, sub.Start, sub.End, isBlock: false, isDefinite: true);
            }
        }
    }

    /// <summary>Resolves a call; a definite one stands in parentheses, where only a helper can.</summary>
    private void CheckCall(Call call, int start, int end, bool isBlock, bool isDefinite)
    {
        CheckArguments(call);
        var isHelperCall = (isDefinite || call.HasArguments || call.IsSimple) && !IsBlockParameter(call);
        if (!isHelperCall)
        {
            return;
        }

        call.Helper = Helper.Find(call.HelperName);
        if (call.Helper is null)
        {
            if (isDefinite || call.HasArguments || call.HelperName is "helperMissing" or "blockHelperMissing")
            {
                errors.Add(UnknownHelper(call, start, end));
            }

            return;
        }

        CheckUse(call.Helper, call, start, end, isBlock);
    }

    private bool IsBlockParameter(Call call) =>
        call.Target is PathExpression { IsSimple: true, IsData: false } path && _parameters.Any(names => names.Contains(path.Parts[0]));

    private static TemplateError UnknownHelper(Call call, int start, int end)
    {
        var name = call.HelperName;
        var target = call.Target;
        var near = Text.Spelling.Nearest(name, Helper.All.Select(helper => helper.Name));
        var message = near is null
            ? $"Unknown helper '{name}'. Helpers are {string.Join(", ", Helper.All.Select(helper => helper.Name))}."
            : $"Unknown helper '{name}'. Did you mean '{near}'?";
        return new TemplateError("unknown-helper", message, start, end)
        {
            Fixes = near is null ? [] : [new TemplateFix($"Change to {near}", target.Start, target.End, near)],
        };
    }

    private void CheckUse(Helper helper, Call call, int start, int end, bool isBlock)
    {
        if (helper.IsBlock && !isBlock)
        {
            AddLint("block-only-helper", $"'{helper.Name}' needs content: {helper.Usage}.", start, end);
        }
        else if (!helper.IsBlock && isBlock)
        {
            AddLint("block-form", $"'{helper.Name}' takes no content: what stands inside would be lost. Write {helper.Usage} and drop {{{{/{helper.Name}}}}}.", start, end);
        }

        var count = call.Parameters.Length;
        if (count < helper.MinParameters || count > helper.MaxParameters)
        {
            AddLint("helper-arguments", $"'{helper.Name}' takes {Count(helper)} but has {count}: {helper.Usage}.", start, end);
        }

        if (helper.Kind == HelperKind.Media && call.Named("url") is null && count == 0)
        {
            AddLint("helper-arguments", $"'media' needs a url: {helper.Usage}.", start, end);
        }
    }

    private void AddLint(string code, string message, int start, int end) => errors.Add(new TemplateError(code, message, start, end, IsLint: true));

    private static string Count(Helper helper) => (helper.MinParameters, helper.MaxParameters) switch
    {
        (0, 0) => "only named arguments",
        (1, 1) => "one value",
        var (min, _) => $"{min} values",
    };
}
