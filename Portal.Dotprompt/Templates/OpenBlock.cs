namespace Portal.Dotprompt.Templates;

/// <summary>A block that waits for its closing tag: the arms so far, and the statements around it.</summary>
internal sealed class OpenBlock(Tag open, List<Statement> outer, int depth)
{
    private readonly List<(Tag Head, List<Statement> Body)> _arms = [];
    private Tag _head = open;

    public Tag Open { get; } = open;

    /// <summary>Nesting of this block, its <c>else if</c> arms included.</summary>
    public int Depth { get; private set; } = depth;

    public bool HasElse => _head.Kind == TagKind.Else;

    public string Name => Open.Call!.Name;

    public string Opener => Open.Kind switch
    {
        TagKind.OpenInverse => "^",
        TagKind.OpenInline => "#*",
        TagKind.OpenPartialBlock => "#>",
        _ => "#",
    };

    /// <summary>An <c>else</c> or <c>else if</c> ends the current arm.</summary>
    public void BeginArm(Tag head, List<Statement> body)
    {
        _arms.Add((_head, body));
        _head = head;
        Depth++;
    }

    /// <summary>Makes the block and appends it to the statements around it, which are returned.</summary>
    public List<Statement> Close(List<Statement> body, int end, Strip closeStrip)
    {
        _arms.Add((_head, body));
        Body? inverse = null;
        Strip inverseStrip = default;
        for (var i = _arms.Count - 1; i > 0; i--)
        {
            var (head, statements) = _arms[i];
            if (head.Kind == TagKind.Else)
            {
                inverse = TemplateParser.MakeBody(statements, []);
            }
            else
            {
                var chained = Make(head, statements, inverse, inverseStrip, inverseStrip, end);
                inverse = new Body { Statements = [chained], IsChained = true };
            }

            inverseStrip = head.Strip;
        }

        outer.Add(Make(Open, _arms[0].Body, inverse, inverseStrip, closeStrip, end));
        return outer;
    }

    private static BlockStatement Make(Tag head, List<Statement> statements, Body? inverse, Strip inverseStrip, Strip closeStrip, int end)
    {
        if (inverse is { IsChained: true, Statements: [BlockStatement chained] })
        {
            chained.CloseStrip = closeStrip;
        }

        var program = TemplateParser.MakeBody(statements, head.BlockParameters);
        var isInverted = head.Kind == TagKind.OpenInverse;
        return new BlockStatement
        {
            Start = head.Start,
            End = end,
            OpenEnd = head.End,
            Kind = head.Kind switch
            {
                TagKind.OpenPartialBlock => BlockKind.Partial,
                TagKind.OpenInline => BlockKind.Inline,
                _ => BlockKind.Block,
            },
            Call = head.Call!,
            Program = isInverted ? inverse : program,
            Inverse = isInverted ? program : inverse,
            OpenStrip = head.Strip,
            InverseStrip = inverseStrip,
            CloseStrip = closeStrip,
        };
    }
}
