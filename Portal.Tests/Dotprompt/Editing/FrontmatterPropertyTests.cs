using Portal.Dotprompt.Documents;
using Portal.Dotprompt.Editing;
using Xunit.Sdk;

namespace Portal.Tests.Dotprompt.Editing;

/// <summary>Random documents and random changes of a form: what was asked for is there afterwards, and everything else is as it was, byte for byte.</summary>
public class FrontmatterPropertyTests
{
    private static readonly string[] s_texts = ["plain", "two words", "a: b", "# no comment", "yes", "12", "", "it's", "say \"x\"", "{{x}}", "line\nline", "<b>", "- x", "😀"];
    private static readonly string[] s_names = ["alpha", "beta", "gamma", "delta"];

    [Fact]
    public void Set_AnyFieldOfAnyDocument_TouchesItsOwnEntryOnly()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var done = 0;
        for (var round = 0; round < 1500; round++)
        {
            var source = Document(random);
            var document = DotpromptDocument.Parse(source);
            var (path, edit, expected) = Change(random, document);
            try
            {
                if (edit.Refusal is not null)
                {
                    continue;
                }

                var result = TextEdit.Apply(source, edit.Edits);
                var after = DotpromptDocument.Parse(result);
                Assert.Empty(after.Diagnostics);
                Assert.Equal(document.Template, after.Template);
                Assert.True(JsonNode.DeepEquals(expected, after.Metadata.Raw ?? []), $"expected {expected.ToJsonString()}, found {after.Metadata.Raw?.ToJsonString()}");
                AssertOthersAreSame(source, result, path);
                done++;
            }
            catch (XunitException exception)
            {
                throw new XunitException($"seed {seed}, round {round}, {string.Join('/', path)}:\n{source}\nbecame\n{TextEdit.Apply(source, edit.Edits)}\n{exception.Message}");
            }
        }

        Assert.True(done > 1400, $"seed {seed}: only {done} of 1500 changes were done; the others were refused.");
    }

    /// <summary>Every line that does not belong to the changed entry is there still, in its order.</summary>
    private static void AssertOthersAreSame(string before, string after, IReadOnlyList<string> path)
    {
        var expected = LinesOutside(before, path[0]);
        var lines = LinesOutside(after, path[0]);
        Assert.Equal(expected, lines);
    }

    private static List<string> LinesOutside(string source, string key)
    {
        var result = new List<string>();
        var inside = false;
        foreach (var line in source.Split('\n'))
        {
            // Entries begin in the first column; a list may begin there too.
            var begins = line.Length > 0 && line[0] is not (' ' or '-' or '#' or '\r');
            inside = line == "---" ? false : begins ? line.StartsWith(key + ":", StringComparison.Ordinal) : inside;
            if (!inside || line.Length == 0 || line[0] == '#')
            {
                result.Add(line);
            }
        }

        return result;
    }

    private static (IReadOnlyList<string> Path, FieldEdit Edit, JsonObject Expected) Change(Random random, DotpromptDocument document)
    {
        var expected = (JsonObject)(document.Metadata.Raw?.DeepClone() ?? new JsonObject());
        switch (random.Next(6))
        {
            case 0:
                var text = Pick(random, s_texts);
                expected["description"] = text;
                return (["description"], FrontmatterForm.Set(document, ["description"], text), expected);
            case 1:
                var setting = Pick(random, s_names);
                var number = Math.Round(random.NextDouble() * 2, 2);
                Inner(expected, "config")[setting] = number;
                return (["config", setting], FrontmatterForm.Set(document, ["config", setting], number), expected);
            case 2:
                var item = Pick(random, s_texts);
                expected["tools"] = new JsonArray([.. (expected["tools"] as JsonArray ?? []).Select(tool => tool?.DeepClone()), item]);
                return (["tools"], FrontmatterForm.AddItem(document, ["tools"], item), expected);
            case 3:
                var tools = expected["tools"] as JsonArray ?? [];
                if (tools.Count < 2)
                {
                    goto case 0;
                }

                var index = random.Next(tools.Count);
                tools.RemoveAt(index);
                return (["tools"], FrontmatterForm.RemoveItem(document, ["tools"], index), expected);
            case 4:
                var name = Pick(random, s_names);
                Inner(Inner(expected, "input"), "default")[name] = "given: it";
                return (["input", "default", name], FrontmatterForm.Set(document, ["input", "default", name], "given: it"), expected);
            default:
                if (expected["config"] is not JsonObject { Count: > 1 } config)
                {
                    goto case 1;
                }

                var removed = config.ElementAt(random.Next(config.Count)).Key;
                config.Remove(removed);
                return (["config", removed], FrontmatterForm.Remove(document, ["config", removed]), expected);
        }
    }

    private static JsonObject Inner(JsonObject json, string key)
    {
        if (json[key] is not JsonObject inner)
        {
            json[key] = inner = [];
        }

        return inner;
    }

    /// <summary>Entries in the order of a form's new ones, so that what is put in stands where it is expected.</summary>
    private static string Document(Random random)
    {
        var lines = new List<string> { "---" };
        Comment(random, lines);
        Entry(random, lines, () => [$"description: {Written(random)}"]);
        Entry(random, lines, () => [$"config:{Note(random)}", .. Some(random).SelectMany(name => Commented(random, "  ", $"{name}: {random.Next(9)}{Note(random)}"))]);
        Entry(random, lines, () => ["config: {alpha: 1, \"beta\": 'x'}" + Note(random)]);
        Entry(random, lines, () => [$"tools: [search, 'a b',  \"c\"]{Note(random)}"]);
        Entry(random, lines, () => ["tools:", .. Some(random).SelectMany(name => Commented(random, "- ", name + Note(random)))]);
        Entry(random, lines, () => ["input:", "  schema:", "    alpha?(enum, it): [a, b]", "  default:", .. Some(random).Select(name => $"    {name}: {Written(random, "      ")}")]);
        lines.Add("---");
        lines.Add("Dear {{alpha}}");
        return string.Join('\n', lines);
    }

    private static void Entry(Random random, List<string> lines, Func<string[]> entry)
    {
        var text = entry();
        if (random.Next(3) > 0 && !lines.Exists(line => line.StartsWith(text[0].Split(':')[0] + ":", StringComparison.Ordinal)))
        {
            lines.AddRange(text);
            Comment(random, lines);
        }
    }

    private static IEnumerable<string> Commented(Random random, string indent, string line) =>
        random.Next(4) == 0 ? [indent.Replace('-', ' ') + "# within", indent + line] : [indent + line];

    private static void Comment(Random random, List<string> lines)
    {
        if (random.Next(3) == 0)
        {
            lines.Add(Pick(random, ["# between", "", "#"]));
        }
    }

    private static IEnumerable<string> Some(Random random) => s_names.Take(1 + random.Next(s_names.Length));

    private static string Note(Random random) => random.Next(4) == 0 ? "   # noted" : "";

    private static string Written(Random random, string indent = "  ") =>
        Pick(random, ["plain words", "'it''s'", "\"q\\n\"", $"|\n{indent}one\n{indent}two", $">-\n{indent}folded", "12", "~", ""]);

    private static T Pick<T>(Random random, IReadOnlyList<T> items) => items[random.Next(items.Count)];
}
