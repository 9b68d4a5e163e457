using Portal.Dotprompt;
using Portal.Dotprompt.Documents;
using Portal.Dotprompt.Formatting;
using Portal.Dotprompt.Messages;
using Portal.Dotprompt.Rendering;
using Portal.Tests.Dotprompt.Differential;

namespace Portal.Tests.Dotprompt;

public class DotpromptFormatterTests
{
    [Theory]
    [InlineData("a {{  name  }} b", "a {{name}} b")]
    [InlineData("{{#if  a }}x{{ else }}y{{/ if  }}", "{{#if a}}x{{else}}y{{/if}}")]
    [InlineData("{{~  a  ~}} {{{  b }}} {{&  c }}", "{{~a~}} {{{b}}} {{&c}}")]
    [InlineData("{{>  p   x = 1  y=\"a  b\"}}", "{{>p x=1 y=\"a  b\"}}")]
    [InlineData("{{media url=a\n    contentType=\"b\" }}", "{{media url=a\n    contentType=\"b\"}}")]
    [InlineData("{{!  a  }}{{!-- {{ b }} --}}", "{{!  a  }}{{!-- {{ b }} --}}")]
    [InlineData("{{{{raw}}}} {{ a }} {{{{/raw}}}}", "{{{{raw}}}} {{ a }} {{{{/raw}}}}")]
    [InlineData("\\{{ a }} {{ b }}", "\\{{ a }} {{b}}")]
    [InlineData("  text  \n", "  text  \n")]
    [InlineData("---  \nmodel: m  # note \nd: |\n  a  \n  b\n---\n\n\n  Hi  \n\n", "---\nmodel: m  # note\nd: |\n  a  \n  b\n---\nHi\n")]
    [InlineData("---\r\nmodel: m \r\n---\r\nHi", "---\r\nmodel: m\r\n---\r\nHi\r\n")]
    [InlineData("# Copyright\n---\nmodel: m\n---", "# Copyright\n---\nmodel: m\n---\n")]
    [InlineData("---\nmodel: [ \n---\n{{ a }}", "---\nmodel: [ \n---\n{{ a }}")]
    [InlineData("{{#if  a }}", "{{#if  a }}")]
    public void Format_Document_GivesTheOneStyle(string source, string expected) => Assert.Equal(expected, DotpromptFormatter.Format(source));

    [Fact]
    public void Format_GeneratedDocuments_RenderAsBeforeAndStayWhenFormattedAgain()
    {
        const int Seed = 99;
        var generator = new DocumentGenerator(Seed);
        var changed = 0;
        for (var i = 0; i < 2_000; i++)
        {
            var document = generator.Next();
            var formatted = DotpromptFormatter.Format(document.Source);
            Assert.True(formatted == DotpromptFormatter.Format(formatted), $"seed {Seed}, document {i} changes again: {document}");
            if (formatted == document.Source)
            {
                continue;
            }

            changed++;
            Assert.True(Render(document, document.Source) == Render(document, formatted), $"seed {Seed}, document {i} renders differently after formatting: {document}");
        }

        Assert.True(changed > 500, $"Only {changed} documents were formatted.");
    }

    private static string Render(GeneratedDocument document, string source)
    {
        var renderer = new PromptRenderer(new RenderEnvironment
        {
            Partial = name => document.Partials[name]?.GetValue<string>(),
            Schema = name => DocumentGenerator.Schemas[name] as JsonObject,
        });
        try
        {
            var messages = document.Messages.Deserialize<List<Message>>(DotpromptJson.Options)!;
            var rendered = renderer.Render(DotpromptDocument.Parse(source), new RenderData { Input = document.Input, Context = document.Context, Docs = document.Docs, Messages = messages });
            return $"{PromptCase.Messages(rendered)} {rendered.Metadata.Raw?.ToJsonString()} {PromptCase.Metadata(rendered.Metadata)}";
        }
        catch (PromptRenderException exception)
        {
            return exception.Message;
        }
    }
}
