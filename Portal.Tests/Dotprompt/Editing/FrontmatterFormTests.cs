using Portal.Dotprompt.Documents;
using Portal.Dotprompt.Editing;

namespace Portal.Tests.Dotprompt.Editing;

public class FrontmatterFormTests
{
    private const string Letter = """
        ---
        # who answers
        model:   "demo/echo-stream"   # keep the quotes
        config:
          temperature: 0.4   # warm
          topP: 1.0
        tools: [search, 'track order']
        input:
          schema:
            name: string
        ---
        Dear {{name}}
        """;

    [Theory]
    [InlineData("model", "\"demo/other\"", "model:   \"demo/echo-stream\"", "model:   \"demo/other\"")]
    [InlineData("config/temperature", "1", "temperature: 0.4 ", "temperature: 1 ")]
    [InlineData("config/maxOutputTokens", "200", "  topP: 1.0\n", "  topP: 1.0\n  maxOutputTokens: 200\n")]
    [InlineData("description", "\"a: b # c\"", "# who answers", "description: \"a: b # c\"\n# who answers")]
    [InlineData("output/format", "\"json\"", "    name: string\n", "    name: string\noutput:\n  format: json\n")]
    [InlineData("input/default/name", "\"\"", "    name: string\n", "    name: string\n  default:\n    name: \"\"\n")]
    [InlineData("tools", "[\"a\",\"b, c\"]", "[search, 'track order']", "[a, \"b, c\"]")]
    public void Set_AValue_ChangesItsPlaceAndNothingElse(string path, string json, string before, string after)
    {
        var edit = FrontmatterForm.Set(DotpromptDocument.Parse(Letter), path.Split('/'), JsonNode.Parse(json)!);

        Assert.Null(edit.Refusal);
        Assert.Equal(Letter.Replace(before, after, StringComparison.Ordinal), TextEdit.Apply(Letter, edit.Edits));
    }

    [Theory]
    [InlineData("config/topP", "  topP: 1.0\n", "")]
    [InlineData("config/temperature", "  temperature: 0.4   # warm\n", "")]
    [InlineData("input/schema/name", "input:\n  schema:\n    name: string\n", "")]
    [InlineData("model", "model:   \"demo/echo-stream\"   # keep the quotes\n", "")]
    [InlineData("tools", "tools: [search, 'track order']\n", "")]
    [InlineData("tools/x", "", "")]
    public void Remove_AValue_TakesItsLinesAndWhatIsEmptyThen(string path, string before, string after)
    {
        var edit = FrontmatterForm.Remove(DotpromptDocument.Parse(Letter), path.Split('/'));

        Assert.Null(edit.Refusal);
        Assert.Equal(before.Length == 0 ? Letter : Letter.Replace(before, after, StringComparison.Ordinal), TextEdit.Apply(Letter, edit.Edits));
    }

    [Theory]
    [InlineData("Hello", "---\nmodel: a/b\n---\nHello")]
    [InlineData("---\n---\nHello", "---\nmodel: a/b\n---\nHello")]
    [InlineData("---\n# later\n---\nHello", "---\n# later\nmodel: a/b\n---\nHello")]
    [InlineData("---\r\nname: x\r\n---\r\nHello", "---\r\nname: x\r\nmodel: a/b\r\n---\r\nHello")]
    [InlineData("---\n{name: x}\n---\nHello", "---\n{name: x, model: a/b}\n---\nHello")]
    [InlineData("---\nmodel:\n---\nHello", "---\nmodel: a/b\n---\nHello")]
    [InlineData("---\nmodel: # none yet\n---\nHello", "---\nmodel: a/b # none yet\n---\nHello")]
    [InlineData("---\nmodel: >\n  x/y\n\n# next\nname: n\n---\nHello", "---\nmodel: a/b\n\n# next\nname: n\n---\nHello")]
    public void Set_TheModel_WorksWhateverTheFrontmatterLooksLike(string source, string expected)
    {
        var edit = FrontmatterForm.Set(DotpromptDocument.Parse(source), ["model"], "a/b");

        Assert.Null(edit.Refusal);
        Assert.Equal(expected, TextEdit.Apply(source, edit.Edits));
    }

    [Theory]
    [InlineData("---\nmodel: *x\n---\n", "*x")]
    [InlineData("---\nname: &n a/b\nmodel: *n\n---\n", "an alias")]
    [InlineData("---\nmodel: !!str x\n---\n", "a tag")]
    [InlineData("---\nmodel: [\n---\n", "broken YAML")]
    [InlineData("---\nmodel: a\nmodel: b\n---\n", "a key twice")]
    [InlineData("---\nmodel: a", "no end")]
    [InlineData("---\n- model\n---\n", "a list")]
    public void Set_WhereOtherLinesWouldChange_IsRefusedAndSaysWhereToGo(string source, string why)
    {
        var edit = FrontmatterForm.Set(DotpromptDocument.Parse(source), ["model"], "a/b");

        Assert.True(edit.Refusal?.Contains("source", StringComparison.Ordinal), why);
        Assert.Empty(edit.Edits);
    }

    [Theory]
    [InlineData("tools: [a, b]", "tools: [a, b, new one]", "tools: [b]")]
    [InlineData("tools:\n- a # first\n- b", "tools:\n- a # first\n- b\n- new one", "tools:\n- b")]
    [InlineData("tools:\n  - a\n  # second\n  - b  # b", "tools:\n  - a\n  # second\n  - b  # b\n  - new one", "tools:\n  # second\n  - b  # b")]
    [InlineData("tools: []", "tools: [new one]", null)]
    [InlineData("tools:", "tools: [new one]", null)]
    [InlineData("name: x", "name: x\ntools: [new one]", null)]
    [InlineData("tools: [a]", "tools: [a, new one]", "")]
    public void AddItemAndRemoveItem_OfAnyList_KeepItsStyle(string frontmatter, string added, string? removed)
    {
        var source = $"---\n{frontmatter}\n---\nHi";
        var document = DotpromptDocument.Parse(source);

        Assert.Equal($"---\n{added}\n---\nHi", TextEdit.Apply(source, FrontmatterForm.AddItem(document, ["tools"], "new one").Edits));
        var removal = FrontmatterForm.RemoveItem(document, ["tools"], 0);
        Assert.Equal(removed is null ? source : removed.Length == 0 ? "---\n---\nHi" : $"---\n{removed}\n---\nHi", TextEdit.Apply(source, removal.Edits));
    }

    public static TheoryData<string> Hostile => new(
        "yes", "0x10", "1e3", "~", "null", "- a", "? a", ": a", "a: b", "a #b", "#", "%YAML 1.2", "&a", "*a", "!!binary x", "{{name}}", "---", "...", "'", "\"", "\\", "\\u0041",
        "<script>alert(1)</script>", "a\nb", "a\n\n b\n", "\ta", " a ", "a\r\nb", "a\u2028b", "\u0007", "\uFEFFa", "😀 – “x”", "{a: b}", "[a, b]", "|", ">-", "`", "@x", "a,b", "true",
        "-----BEGIN", "a\n---\nb", "\n", "a\n\n\n", "\u0085", "=", "<<", "12:30:45", "2026-01-01", ".inf", "0o7", "012");

    /// <summary>A text comes back as it was given, in every style of value and of collection it can replace.</summary>
    [Theory]
    [MemberData(nameof(Hostile))]
    public void Set_AnyText_IsReadBackAsItIs(string text)
    {
        foreach (var written in new[] { "x", "'x'", "\"x\"", "|\n  x\n  y", ">-\n  x", "12", "", "[a]", "{a: 1}", "\n  a: 1\n  b: 2" })
        {
            var source = $"---\n# first\ndescription: {written}\n# second\nname: n # third\n---\nHello {{{{name}}}}\n";
            var edit = FrontmatterForm.Set(DotpromptDocument.Parse(source), ["description"], text);

            Assert.True(edit.Refusal is null, $"instead of {written}: {edit.Refusal}");
            var result = TextEdit.Apply(source, edit.Edits);
            var document = DotpromptDocument.Parse(result);
            Assert.Equal(text, document.Metadata.Description);
            Assert.Equal("Hello {{name}}", document.Template);
            Assert.StartsWith("---\n# first\ndescription:", result, StringComparison.Ordinal);
            Assert.EndsWith("\n# second\nname: n # third\n---\nHello {{name}}\n", result, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Set_AListOrATextOfLines_KeepsItsStyle()
    {
        const string Source = "---\ndescription: |\n    one\n    two\nconfig:\n  stopSequences:\n  - a\n  - b\n---\n";
        var text = FrontmatterForm.Set(DotpromptDocument.Parse(Source), ["description"], "three\nfour\n");
        var list = FrontmatterForm.Set(DotpromptDocument.Parse(Source), ["config", "stopSequences"], new JsonArray("a", "c: d"));

        Assert.Equal(Source.Replace("one\n    two", "three\n    four", StringComparison.Ordinal), TextEdit.Apply(Source, text.Edits));
        Assert.Equal(Source.Replace("- b", "- \"c: d\"", StringComparison.Ordinal), TextEdit.Apply(Source, list.Edits));
    }
}
