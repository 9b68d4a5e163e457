namespace Portal.Dotprompt.Templates;

/// <summary>Puts tags into blocks. Iterative, so that nesting cannot exhaust the stack; unclosed and unmatched blocks are reported and mended.</summary>
internal sealed class TemplateParser(string text, List<TemplateError> errors)
{
    /// <summary>Deepest nesting of blocks; <c>else if</c> counts as one level each.</summary>
    public const int MaxDepth = 128;

    private readonly Stack<OpenBlock> _open = [];
    private List<Statement> _body = [];
    private bool _stopped;

    public Body Parse()
    {
        foreach (var tag in new TemplateScanner(text, errors).Scan())
        {
            if (!Add(tag) || errors.Count >= TemplateScanner.MaxErrors)
            {
                break;
            }
        }

        while (_open.TryPop(out var block))
        {
            if (!_stopped)
            {
                errors.Add(Unclosed(block, text.Length));
            }

            _body = block.Close(_body, text.Length, default);
        }

        return MakeBody(_body, []);
    }

    /// <summary>False to stop.</summary>
    private bool Add(Tag tag)
    {
        switch (tag.Kind)
        {
            case TagKind.Content:
                _body.Add(new ContentStatement { Start = tag.Start, End = tag.End, Original = tag.Text, Value = tag.Text });
                break;
            case TagKind.Comment:
                _body.Add(new CommentStatement { Start = tag.Start, End = tag.End, Strip = tag.Strip });
                break;
            case TagKind.Mustache:
                _body.Add(new MustacheStatement { Start = tag.Start, End = tag.End, Call = tag.Call!, Strip = tag.Strip });
                break;
            case TagKind.Partial:
                _body.Add(new PartialStatement { Start = tag.Start, End = tag.End, Call = tag.Call!, Strip = tag.Strip });
                break;
            case TagKind.RawBlock:
                _body.Add(RawBlock(tag));
                break;
            case TagKind.Else or TagKind.ElseChain:
                return AddElse(tag);
            case TagKind.Close:
                Close(tag);
                break;
            default:
                return Open(tag);
        }

        return true;
    }

    private bool Open(Tag tag)
    {
        var depth = _open.TryPeek(out var parent) ? parent.Depth + 1 : 1;
        if (depth > MaxDepth)
        {
            return TooDeep(tag);
        }

        _open.Push(new OpenBlock(tag, _body, depth));
        _body = [];
        return true;
    }

    private bool AddElse(Tag tag)
    {
        if (!_open.TryPeek(out var block) || block.HasElse || block.Open.Kind is TagKind.OpenInline or TagKind.OpenPartialBlock
            || (tag.Kind == TagKind.ElseChain && block.Open.Kind == TagKind.OpenInverse))
        {
            errors.Add(new TemplateError(
                "unexpected-else", block is { HasElse: true } ? "This block already has an {{else}}." : "This {{else}} is not inside a block that can have one.",
                tag.Start, tag.End));
            return true;
        }

        if (block.Depth >= MaxDepth)
        {
            return TooDeep(tag);
        }

        block.BeginArm(tag, _body);
        _body = [];
        return true;
    }

    private bool TooDeep(Tag tag)
    {
        _stopped = true;
        errors.Add(new TemplateError("too-deep", $"Blocks are nested more than {MaxDepth} levels deep.", tag.Start, tag.End));
        return false;
    }

    private void Close(Tag tag)
    {
        var name = tag.Call!.Name;
        if (!_open.TryPeek(out var block))
        {
            errors.Add(new TemplateError("unmatched-closing-block", $"{{{{/{name}}}}} closes nothing: no block is open here.", tag.Start, tag.End)
            {
                Fixes = [new TemplateFix("Remove it", tag.Start, tag.End, "")],
            });
            return;
        }

        if (block.Name != name)
        {
            if (_open.Any(outer => outer.Name == name))
            {
                while (_open.Peek().Name != name)
                {
                    var inner = _open.Pop();
                    errors.Add(Unclosed(inner, tag.Start));
                    _body = inner.Close(_body, tag.Start, default);
                }
            }
            else
            {
                errors.Add(new TemplateError(
                    "unmatched-closing-block", $"{{{{/{name}}}}} does not match {{{{{block.Opener}{block.Name}}}}}; close it by {{{{/{block.Name}}}}}.", tag.Start, tag.End)
                {
                    Fixes = [new TemplateFix($"Close {block.Name}", tag.Start, tag.End, $"{{{{/{block.Name}}}}}")],
                });
            }
        }

        _body = _open.Pop().Close(_body, tag.End, tag.Strip);
    }

    private static TemplateError Unclosed(OpenBlock block, int end) => new(
        "unclosed-block",
        $"{{{{{block.Opener}{block.Name}}}}} is never closed; add {{{{/{block.Name}}}}}.",
        block.Open.Start,
        block.Open.End)
    {
        Fixes = [new TemplateFix($"Add {{{{/{block.Name}}}}} where the block must end", end, end, $"{{{{/{block.Name}}}}}")],
    };

    private static BlockStatement RawBlock(Tag tag) => new()
    {
        Start = tag.Start,
        End = tag.End,
        OpenEnd = tag.End,
        Kind = BlockKind.Raw,
        Call = tag.Call!,
        Program = new Body
        {
            Statements = [new ContentStatement { Start = tag.Start, End = tag.End, Original = tag.Text, Value = tag.Text, LeftStripped = true, RightStripped = true }],
        },
    };

    internal static Body MakeBody(List<Statement> statements, IReadOnlyList<string> parameters) => new()
    {
        Statements = [.. statements],
        Parameters = [.. parameters],
        Inlines = [.. statements.OfType<BlockStatement>().Where(block => block.Kind == BlockKind.Inline)],
    };
}
