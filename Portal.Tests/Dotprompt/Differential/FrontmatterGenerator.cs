using System.Text;

namespace Portal.Tests.Dotprompt.Differential;

/// <summary>Frontmatter: keys, YAML's ways to write a value, Picoschema.</summary>
internal sealed class FrontmatterGenerator(Random random, string newLine)
{
    private static readonly string[] s_scalars =
    [
        "1", "-3", "0.5", "1e3", "0x1F", "0o14", "012", "true", "True", "yes", "no", "null", "~", "", "text", "two words", "\"quoted \\u00e9 \\n\"", "'it''s'", "2026-01-02", "12:30:45", "1_000", ".5", "+1", "!!str 5", "a#b", "a # note",
        "https://x/y", "\"\"", "''", "[1, [two, 3]]", "{a: 1, \"b c\": [x]}", "[]", "{}", "é 你", "1.", "0b1", "TRUE", "NULL", "[a, b,]", "&x v", "|" + "\n    block\n     more", ">-\n    folded\n    text", "\"a\n    b\"",
    ];

    private static readonly string[] s_types = ["string", "number", "integer", "boolean", "any", "\"null\"", "string, what it is", "integer,with, commas", "any, x", "Named", "Named, over", "Unknown"];

    public string[] Lines()
    {
        var entries = new List<string>();
        Add(60, () => $"model: {random.Pick("demo/echo", "m", "\"x y\"", "configured/model")}");
        Add(20, () => $"description: {random.Pick("A text", "\"x: y\"", "|\n  two\n  lines")}");
        Add(15, () => $"{random.Pick("name", "variant", "version")}: {random.Pick("a", "\"1\"", "x-y")}");
        Add(40, () => random.Pick("config:" + Map(), $"config: {random.Pick("", "{}", "{temperature: 0.3, stop: [a]}", "null")}"));
        Add(35, () => $"tools: {random.Pick("[known]", "[known, other]", "[]", "\n- other\n- known", "[other]")}");
        Add(10, () => "toolDefs:\n- name: own\n  inputSchema: {type: object}");
        Add(60, () => $"input:\n  schema: {Schema()}");
        Add(40, () => $"output:\n  format: {random.Pick("json", "text")}" + (random.Chance(70) ? $"\n  schema: {Schema()}" : ""));
        Add(20, () => $"maxTurns: {random.Next(9)}");
        Add(20, () => $"metadata:{Map()}");
        Add(20, () => $"{random.Pick("ns.a", "ns.b.c", "a..b", ".x", "config.temperature", "x.")}: {Scalar()}");
        Add(30, () => $"{random.Pick("other", "\"quoted key\"", "é", "k-1", "toolChoice")}: {Scalar()}");
        Add(20, () => $"# {random.Pick("a comment", "---", "x: y")}");
        Add(5, () => "<<: {a: 1}");
        if (entries.Count == 0)
        {
            entries.Add("model: m");
        }

        for (var i = entries.Count - 1; i > 0; i--)
        {
            var other = random.Next(i + 1);
            (entries[i], entries[other]) = (entries[other], entries[i]);
        }

        return [.. entries.SelectMany(entry => entry.Split('\n'))];

        void Add(int percent, Func<string> make)
        {
            if (random.Chance(percent))
            {
                entries.Add(make());
            }
        }
    }

    public string Document(string[] lines, string body)
    {
        var blanks = random.Pick("", "", "", " ", "\t", newLine, newLine + newLine);
        return $"---{random.Pick("", "", "  ")}{newLine}{string.Join(newLine, lines)}{newLine}---{blanks}{newLine}{random.Pick("", "", newLine, "  ")}{body}{random.Pick("", "", newLine, " ")}";
    }

    private string Map() => string.Concat(((string[])["temperature", "topP", "stop", "x", "deep"]).Where(_ => random.Chance(40)).Select(key => $"\n  {key}: {Scalar()}")) is { Length: > 0 } text ? text : " {}";

    private string Scalar() => random.Pick(s_scalars);

    private string Schema() => random.Next(8) switch
    {
        0 => "Named",
        1 => random.Pick(s_types),
        2 => "{type: object, properties: {a: {type: string}}}",
        3 => "{properties: {a: {type: string}}}",
        4 => "\n    type: array\n    items: {type: number}",
        _ => Fields("    ", 0),
    };

    private string Fields(string indent, int depth)
    {
        var result = new StringBuilder();
        foreach (var name in (string[])["a", "name", "b_c", "é", "z"])
        {
            if (random.Chance(50))
            {
                var optional = random.Pick("", "?");
                result.Append(random.Next(depth > 2 ? 4 : 8) switch
                {
                    0 => $"\n{indent}{name}{optional}(array{random.Pick("", ", of them")}): {random.Pick(s_types)}",
                    1 => $"\n{indent}{name}{optional}(enum{random.Pick("", ", one of")}): [A, {random.Pick("B", "1", "null", "true")}]",
                    4 => $"\n{indent}{name}{optional}: {Fields(indent + "  ", depth + 1)}",
                    5 => $"\n{indent}{name}{optional}(object{random.Pick("", ", with, these")}): {Fields(indent + "  ", depth + 1)}",
                    6 => $"\n{indent}{name}{optional}(array): {Fields(indent + "  ", depth + 1)}",
                    7 when random.Chance(10) => $"\n{indent}{name}({random.Pick("list", "array", "enum")}{random.Pick("", ")")}: {random.Pick("string", "5")}",
                    _ => $"\n{indent}{name}{optional}: {random.Pick(s_types)}",
                });
            }
        }

        result.Append(random.Chance(10) ? $"\n{indent}(*): {random.Pick(s_types)}" : "");
        return result.Length > 0 ? result.ToString() : "{}";
    }
}
