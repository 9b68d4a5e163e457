using System.Text;

namespace Portal.Tests.Dotprompt.Differential;

/// <summary>
/// Templates over the input of <see cref="ValueGenerator"/>. The reference adds numbers and booleans that begin a body and stand side by side, so a value that may
/// be one always follows a text here.
/// </summary>
/// <param name="random">Where the choices come from.</param>
/// <param name="hasNumbers">Whether any value may be a number or a boolean.</param>
/// <param name="partials">Names of partials that there are.</param>
internal sealed class TemplateGenerator(Random random, bool hasNumbers, IReadOnlyList<string> partials)
{
    private static readonly string[] s_texts =
    [
        "word", "Hello, ", " and ", " ", "  ", "\n", "\n\n", "\r\n", "\t", "\n  ", " \n", "x\n", "\nx", "- ", "{ ", "} ", "é", "你", "👍🏽", "\u00A0", "\u2028", "\uFEFF", "\u0085", "\\", "\"", "'", "<&>", "---\n", "\n---\n",
        "# t\n", "a\r\nb", "\r", "   \n   ", "\\{{name}}", "\\\\{{>p1}}", "\\\\", ".", "\\\\{{name}}", "$1",
    ];

    private static readonly string[] s_paths =
    [
        "name", "text", "items", "people", "map", "deep.a.b.c", "deep/a/b/c", "[odd key]", "über", "a-b", "people.[0].name", "people.[1].tags", "map.x", "this", ".", "this.name", "./name", "this/text",
        "../name", "../this", "..", "../../text", "../items", "@root.name", "@root.people.[0].tags", "missing", "missing.x.y", "nothing", "nothing.z", "name.x", "constructor", "toString", "__proto__", "name.constructor",
        "@plain", "@auth.email", "@state.x", "@missing", "@metadata.prompt.model", "@metadata.missing.x", "tags", "lists", "deep.a", "flag", "n", "url", "map.[k v]", "deep.a.b.list.[0]", "items.[0]", "items.[7]", "[name]",
    ];

    private static readonly string[] s_numeric =
    [
        "@index", "@first", "@last", "@key", "@../key", "map.length", "@../index", "@../last", "@../../index", "items.length", "name.length", "people.length", "age", "active", "n", "flag", "@metadata.docs.length", "@metadata.messages.length", "lookup items 0", "lookup @root \"n\"",
        "lookup map \"x\"", "lookup . \"name\"", "lookup people @index", "lookup (lookup people 0) \"age\"", "lookup name 0", "lookup missing \"x\"",
    ];

    private readonly Stack<string> _parameters = [];
    private int _depth;

    public Differences Differences { get; private set; }

    /// <summary>Statements; a body of an inline partial or partial block begins with a text.</summary>
    public string Body(bool beginsWithText = false)
    {
        var result = new StringBuilder(beginsWithText ? "·" : "");
        for (var i = random.Next(1, _depth == 0 ? 7 : 4); i > 0; i--)
        {
            result.Append(Statement());
        }

        return result.ToString();
    }

    private string Statement()
    {
        var isDeep = _depth >= 3;
        return random.Next(isDeep ? 58 : 100) switch
        {
            < 22 => random.Pick(s_texts),
            < 40 => Value(),
            < 43 => $"·{Tag("", $"json {Path()}{random.Pick("", " indent=2", " indent=\"--\"", " indent=0", " indent=20", " indent=text")}")}",
            < 45 => random.Pick("{{! note }}", "{{!-- a {{b}} --}}", "{{~! x ~}}", "{{!}}", "{{!----}}", "{{! \n }}"),
            < 49 => Partial(),
            < 52 => Role(),
            < 53 => Tag("", "history"),
            < 55 => Tag("", $"media url={random.Pick("@root.url", "\"http://x/y\"", "@root.url")}{random.Pick("", " contentType=type", " contentType=\"image/png\"", " contentType=absent")}"),
            < 56 => Tag("", $"section \"{random.Pick("output", "code", "s1")}\""),
            < 57 => Tag("", $"log {Path()}"),
            < 58 => Rare(),
            < 70 => Block("if", $"{Condition()}{random.Pick("", "", "", " includeZero=true")}", ""),
            < 74 => Block("unless", Condition(), ""),
            < 85 => Block("each", Context(), random.Pick("", "", " as |v|", " as |v k|")),
            < 90 => Block("with", Context(), random.Pick("", "", " as |v|")),
            < 95 => Block(random.Pick("ifEquals", "unlessEquals"), $"{Literal()} {Literal()}", ""),
            < 98 => PlainBlock(),
            _ => PartialBlock(),
        };
    }

    private string Value()
    {
        if (random.Chance(25))
        {
            return $"·{Tag("", random.Pick(s_numeric))}";
        }

        var path = Path();
        var tag = random.Next(8) switch
        {
            0 => $"{{{{{{{path}}}}}}}",
            1 => Tag("&", path),
            _ => Tag("", path),
        };
        return hasNumbers || path == "k" ? "·" + tag : tag;
    }

    private string Role()
    {
        var name = random.Pick("\"system\"", "\"user\"", "\"model\"", "'assistant'", "@root.role");
        return Tag("", $"role {name}") + random.Pick("", "\n");
    }

    private string Rare()
    {
        switch (random.Next(9))
        {
            case 0:
                Differences |= Differences.LostContent;
                return random.Pick("{{#role \"system\"}}in{{/role}}", "{{#history}}in{{/history}}", "{{#section \"a\"}}in{{/section}}", "{{#json name}}in{{/json}}");
            case 1:
                Differences |= Differences.LostContent;
                return random.Pick("{{if name}}", "{{#if}}x{{/if}}", "{{#each}}{{/each}}", "{{media}}", "{{role}}", "{{section}}", "{{media url=missing}}", "{{media url=\"\"}}");
            case 2:
                Differences |= Differences.MarkerNames;
                return random.Pick("{{role \"System\"}}", "{{section \"a b\"}}", "{{media url=\"http://x/a b\"}}", "{{role \"r2\"}}", "{{media url=\"http://x\" contentType=\"a/b; c\"}}", "{{role missing}}", "{{section nothing}}");
            case 3:
                Differences |= Differences.Markers;
                return random.Pick("<<<dotprompt:role:system>>>", "<<<dotprompt:history>>>", "<<<dotprompt:media:url x>>>");
            case 4:
                return "{{{{raw}}}}{{name}} {{{{/raw}}}}";
            case 5:
                return $"{{{{{{{{{random.Pick("flag", "name", "missing")}}}}}}}}}a {{{{name}}}} b{{{{{{{{/{random.Pick("flag", "name", "missing")}}}}}}}}}";
            case 6:
                return "·{{\"name\"}}{{'odd key'}}{{true}}{{12}}{{null}}{{undefined}}";
            case 7:
                return random.Pick("{{unknown \"x\"}}", "{{#unknown 1}}{{/unknown}}", "{{> gone}}", "{{name.0}}", "{{#if name}}", "{{/if}}", "{{else}}", "{{name", "{{}}", "{{name}}}");
            default:
                return Inline();
        }
    }

    /// <summary>The reference fails where an inline partial reads a block parameter from around it.</summary>
    private string Inline()
    {
        var around = _parameters.Reverse().ToList();
        _parameters.Clear();
        var body = Body(beginsWithText: true);
        around.ForEach(_parameters.Push);
        return "{{#*inline \"own\"}}" + body + "{{/inline}}{{> own}}";
    }

    private string PlainBlock()
    {
        var path = ContextPath();
        var inverse = random.Chance(40) ? Else() + Inner() : "";
        return $"{{{{{random.Pick("#", "#", "^")}{path}}}}}{Inner()}{inverse}{{{{/{path}}}}}";
    }

    private string Block(string helper, string parameters, string blockParameters)
    {
        var names = blockParameters.Trim().Replace("as |", "", StringComparison.Ordinal).Trim('|').Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var result = new StringBuilder(Tag("#", $"{helper} {parameters}{blockParameters}"));
        result.Append(random.Pick("", "", "\n"));
        foreach (var name in names)
        {
            _parameters.Push(name);
        }

        result.Append(Inner());
        foreach (var _ in names)
        {
            _parameters.Pop();
        }

        while (random.Chance(15))
        {
            result.Append(Tag("", random.Pick($"else if {Condition()}", $"else ifEquals {Literal()} {Literal()}", $"else unless {Condition()}", $"else each {Path()}"))).Append(Inner());
        }

        if (random.Chance(30))
        {
            result.Append(Else()).Append(Inner());
        }

        return result.Append(random.Pick("", "", "\n", "  ")).Append(Tag("/", helper)).Append(random.Pick("", "", "\n")).ToString();
    }

    private string Partial()
    {
        if (partials.Count == 0)
        {
            return " ";
        }

        var name = random.Pick([.. partials]);
        var call = random.Next(7) switch
        {
            0 => $"{name} {ContextPath()}",
            1 => $"{name} name={Argument()} n=\"h\"",
            2 => $"{name} {ContextPath()} text={Argument()}",
            3 => $"(lookup @root \"{random.Pick("partial", "partial", "name")}\")",
            _ => name,
        };
        return random.Pick("", "\n", "\n  ", "  ") + Tag(">", call) + random.Pick("", "\n");
    }

    private string PartialBlock()
    {
        var name = partials.Count > 0 && random.Chance(70) ? random.Pick([.. partials]) : "nope";
        _depth++;
        var body = Body(beginsWithText: true);
        _depth--;
        return $"{{{{#> {name}}}}}{body}{{{{/{name}}}}}";
    }

    private string Inner()
    {
        _depth++;
        var body = Body();
        _depth--;
        return body;
    }

    private string Else() => random.Pick("{{else}}", "{{^}}", "{{~else}}", "{{else~}}", "\n{{else}}\n", "{{ else }}");

    private string Path() =>
        _parameters.Count > 0 && random.Chance(30) ? _parameters.ElementAt(random.Next(_parameters.Count)) + random.Pick("", "", ".name", ".x") : random.Pick(s_paths);

    /// <summary>A path whose value may become a context: where there are no numbers, it is none.</summary>
    private string ContextPath() => Path() is var path && path == "k" ? "name" : path;

    /// <summary>A value that a partial gets.</summary>
    private string Argument() => hasNumbers ? Literal() : random.Pick("\"Ada\"", "'x y'", ContextPath(), "(lookup map \"x\")");

    private string Context() => random.Next(12) switch
    {
        0 => $"(lookup {Path()} {Literal()})",
        1 => $"(lookup . \"{random.Pick("items", "people", "map", "name")}\")",
        2 => random.Pick("items", "people", "lists", "map"),
        3 => random.Pick("this", "deep.a.b", "tags"),
        _ => ContextPath(),
    };

    private string Condition() => random.Chance(20) ? random.Pick("@first", "@last", "@index", "n", "flag", "items.length", "(lookup people \"length\")") : Context();

    private string Literal() => random.Next(9) switch
    {
        0 => "\"Ada\"",
        1 => "'a \"b\"'",
        2 => random.Pick("0", "1", "-1", "1.5"),
        3 => random.Pick("true", "false"),
        4 => random.Pick("null", "undefined"),
        5 => "@key",
        6 => $"(lookup {Path()} \"x\")",
        _ => Path(),
    };

    private string Tag(string sigil, string content)
    {
        var (open, close) = (random.Chance(8) ? "~" : "", random.Chance(8) ? "~" : "");
        var (before, after) = (sigil == "" ? random.Pick("", "", "", " ", "\n", "\t ") : "", random.Pick("", "", "", "", " ", "\n"));
        return $"{{{{{open}{sigil}{before}{content}{after}{close}}}}}";
    }
}
