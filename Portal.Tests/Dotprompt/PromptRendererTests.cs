using Portal.Dotprompt;
using Portal.Dotprompt.Diagnostics;
using Portal.Dotprompt.Documents;
using Portal.Dotprompt.Messages;
using Portal.Dotprompt.Rendering;

namespace Portal.Tests.Dotprompt;

public class PromptRendererTests
{
    [Fact]
    public void Render_ManyThreads_GiveEachItsOwnMessages()
    {
        var partial = "[{{#each items}}{{this}}{{/each}}]";
        var renderer = new PromptRenderer(new RenderEnvironment { Partial = _ => partial });
        var document = DotpromptDocument.Parse("---\ninput:\n  schema: {items(array): string}\n---\n{{role \"system\"}}{{n}}{{role \"user\"}}{{> p}}");
        var texts = new string[200];
        Parallel.For(0, texts.Length, i =>
        {
            var input = new JsonObject { ["n"] = i, ["items"] = new JsonArray(i, i + 1) };
            texts[i] = string.Concat(renderer.Render(document, new RenderData { Input = input }).Messages.Select(message => message.Text));
        });
        Assert.Equal(Enumerable.Range(0, texts.Length).Select(i => $"{i}[{i}{i + 1}]"), texts);
    }

    [Fact]
    public void Render_PartialThatChanged_UsesTheNewSource()
    {
        var source = "old";
        var renderer = new PromptRenderer(new RenderEnvironment { Partial = _ => source });
        var document = DotpromptDocument.Parse("{{> p}}");
        Assert.Equal("old", renderer.Render(document, new RenderData()).Messages[0].Text);
        source = "new";
        Assert.Equal("new", renderer.Render(document, new RenderData()).Messages[0].Text);
    }

    [Fact]
    public void RenderMetadata_NamedSchemaThatChanged_UsesTheNewOne()
    {
        var type = "string";
        var renderer = new PromptRenderer(new RenderEnvironment { Schema = _ => new JsonObject { ["type"] = type } });
        var document = DotpromptDocument.Parse("---\ninput:\n  schema: Thing\n---\n");
        Assert.Equal("string", renderer.RenderMetadata(document).InputSchema!["type"]!.GetValue<string>());
        type = "number";
        Assert.Equal("number", renderer.RenderMetadata(document).InputSchema!["type"]!.GetValue<string>());
    }

    [Fact]
    public void Render_BrokenFrontmatter_SaysWhereAndSendsNothing()
    {
        var document = DotpromptDocument.Parse("---\nmodel: [\n---\nsecret {{x}}");
        var exception = Assert.Throws<PromptRenderException>(() => new PromptRenderer(new RenderEnvironment()).Render(document, new RenderData()));
        Assert.StartsWith("The frontmatter is not valid YAML", exception.Message, StringComparison.Ordinal);
        Assert.Equal(document.Diagnostics[0].Range, exception.Range);
    }

    [Fact]
    public void Render_MissingPartial_PointsAtTheTag()
    {
        var document = DotpromptDocument.Parse("---\nmodel: a/b\n---\n\nHi\n  {{> gone}}");
        var exception = Assert.Throws<PromptRenderException>(() => new PromptRenderer(new RenderEnvironment()).Render(document, new RenderData()));
        Assert.Equal(("The partial 'gone' could not be found.", new TextRange(6, 3, 6, 13)), (exception.Message, exception.Range));
    }

    [Fact]
    public void Render_MediaWithoutAValue_SaysHowToMendIt()
    {
        var exception = Assert.Throws<PromptRenderException>(
            () => new PromptRenderer(new RenderEnvironment()).Render(DotpromptDocument.Parse("{{media url=image}}"), new RenderData()));
        Assert.Contains("{{#if", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_Document_ListsWhatItConsistsOf()
    {
        var outline = PromptOutline.Of(DotpromptDocument.Parse("---\ntools: [search]\n---\n{{role \"system\"}}{{a}}{{#each items}}{{b}}{{../a}}{{/each}}{{> head}}{{#if broken}}"));
        Assert.Equal(new TextRange(1, 1, 3, 4), outline.Frontmatter);
        Assert.Equal(["system"], outline.Roles.Select(role => role.Name));
        Assert.Equal([("a", 2), ("items", 1), ("broken", 1)], outline.Variables.Select(variable => (variable.Name, variable.Count)));
        Assert.Equal(["head"], outline.Partials.Select(partial => partial.Name));
        Assert.Equal(new TextRange(2, 9, 2, 15), Assert.Single(outline.Tools).Range);
    }

    [Fact]
    public void Messages_EveryKindOfPart_ComeBackFromJson()
    {
        var message = new Message(
            "model",
            [
                new TextPart("t") { Metadata = new JsonObject { ["a"] = 1 } },
                new MediaPart("https://x", "image/png"),
                new ToolRequestPart("tool", "1", new JsonObject { ["q"] = 1 }),
                new ToolResponsePart("tool", "1", JsonValue.Create(5)),
                new ReasoningPart("r"),
                new DataPart(new JsonArray(1)),
                new CustomPart(new JsonObject { ["x"] = 1 }),
                new PendingPart { Metadata = new JsonObject { ["pending"] = true } },
            ],
            new JsonObject { ["purpose"] = "history" });
        var json = JsonSerializer.Serialize(message, DotpromptJson.Options);
        var back = JsonSerializer.Deserialize<Message>(json, DotpromptJson.Options)!;
        Assert.Equal(json, JsonSerializer.Serialize(back, DotpromptJson.Options));
        Assert.Equal(message.Content.Select(part => part.GetType()), back.Content.Select(part => part.GetType()));
        Assert.StartsWith("{\"role\":\"model\",\"content\":[{\"text\":\"t\",\"metadata\":{\"a\":1}},{\"media\":{\"url\":\"https://x\",\"contentType\":\"image/png\"}}", json, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(""" {"v":"a \"b\" \\ \n\t\b"} """, """{"v":"a \"b\" \\ \n\t\b"}""")]
    [InlineData(""" {"v":"\u0041\/"} """, """{"v":"A/"}""")]
    [InlineData(""" {"v":"\\u0041"} """, """{"v":"\\u0041"}""")]
    [InlineData(""" {"v":"\u0001\u000a"} """, """{"v":"\u0001\n"}""")]
    [InlineData(""" {"v":"\ud83d\ude00"} """, """{"v":"😀"}""")]
    [InlineData(""" {"k\"😀\u0002é":[]} """, """{"k\"😀\u0002é":[]}""")]
    public void Render_Json_WritesTextsAsJavaScriptDoes(string input, string expected)
    {
        var data = new RenderData { Input = new JsonObject { ["a"] = JsonNode.Parse(input) } };

        var rendered = new PromptRenderer(new RenderEnvironment()).Render(DotpromptDocument.Parse("{{json a}}"), data);

        Assert.Equal(expected, rendered.Messages.Single().Text);
    }

    [Fact]
    public void Render_JsonOfHalfASurrogatePair_EscapesIt()
    {
        var data = new RenderData { Input = new JsonObject { ["a"] = "x\ud83d", ["b"] = "\ude00\"y😀" } };

        var rendered = new PromptRenderer(new RenderEnvironment()).Render(DotpromptDocument.Parse("{{json a}} {{json b}}"), data);

        Assert.Equal("""
            "x\ud83d" "\ude00\"y😀"
            """, rendered.Messages.Single().Text);
    }

    [Theory]
    [InlineData("{\"role\":\"user\"}")]
    [InlineData("{\"role\":\"user\",\"content\":[{}]}")]
    [InlineData("{\"role\":\"user\",\"content\":[{\"text\":5}]}")]
    [InlineData("{\"role\":\"user\",\"content\":[{\"text\":\"a\",\"text\":\"b\"}]}")]
    [InlineData("{\"role\":\"user\",\"content\":[{\"media\":{}}]}")]
    [InlineData("{\"role\":\"user\",\"content\":[\"text\"]}")]
    [InlineData("{\"role\":\"user\",\"content\":[{\"text\":\"a\",\"metadata\":5}]}")]
    public void Messages_MalformedJson_IsRefused(string json) =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Message>(json, DotpromptJson.Options));
}
