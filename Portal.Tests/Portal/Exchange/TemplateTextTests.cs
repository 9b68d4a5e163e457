using System.Text;
using Portal.Dotprompt.Documents;
using Portal.Dotprompt.Rendering;
using Portal.Features.Exchange;
using Portal.Features.Exchange.Formats;

namespace Portal.Tests.Portal.Exchange;

public class TemplateTextTests
{
    private static readonly string[] s_pieces = ["{", "}", "{{", "}}", "\\", "{{x}}", "{{role}}", "{{user name}}", "{{#if a}}", "a", " ", "\n", "\"", "{{!", "~", "---", "{{{x}}}", "{{> y}}", "ü", "#"];

    [Theory]
    [InlineData("{\"a\": {{x}}}")]
    [InlineData("\\{{x}}")]
    [InlineData("\\\\{{x}}")]
    [InlineData("{{#if a}}no{{/if}} {{x}}")]
    [InlineData("\\{{#if}}")]
    [InlineData("{{{x}}}")]
    [InlineData("{{{{raw}}}} {{x}}")]
    [InlineData("{{history}} {{this}} {{true}} {{user name}} {{a.b}}")]
    [InlineData("--- a\n---\n{{x}}")]
    public void Write_AnyText_RendersToTheSame(string text) => AssertRendersAsWritten([("user", text)]);

    [Fact]
    public void Write_RandomConversations_RenderToTheSame()
    {
        var random = new Random(20_261);
        for (var round = 0; round < 3000; round++)
        {
            var messages = Enumerable.Range(0, random.Next(1, 4)).Select(_ => (new[] { "system", "user", "model" }[random.Next(3)],
                string.Concat(Enumerable.Range(0, random.Next(1, 12)).Select(_ => s_pieces[random.Next(s_pieces.Length)])))).ToList();
            AssertRendersAsWritten(messages);
        }
    }

    private static void AssertRendersAsWritten(IReadOnlyList<(string Role, string Text)> messages)
    {
        var builder = new DocumentBuilder("test");
        builder.Keep("name", "n");
        foreach (var (role, text) in messages)
        {
            builder.AddMessage("m", role, TemplateText.Read(text));
        }

        var (content, problem) = builder.Build();
        var expected = messages.Select(message => (message.Role, Text: Substitute(message.Text))).Where(message => message.Text.Length > 0).ToList();
        if (expected.Count == 0)
        {
            Assert.NotNull(problem);
            return;
        }

        var document = DotpromptDocument.Parse(content!);
        var names = messages.SelectMany(message => TemplateText.Read(message.Text)).OfType<PlainVariable>().Select(variable => variable.Name).Distinct();
        var input = new JsonObject(names.Select(name => KeyValuePair.Create(name, (JsonNode?)$"<{name}>")));
        var rendered = new PromptRenderer(new RenderEnvironment()).Render(document, new RenderData { Input = input });

        Assert.Equal(expected, rendered.Messages.Select(message => (message.Role, message.Text)));
        Assert.Equal(expected.Count < messages.Count, messages.Count > 0 && builder.Notes.Any(note => note.Kind == NoteKind.Lost));

        // What other products get back is what they gave.
        Assert.Equal(expected.Select(message => message.Text), PlainTemplate.Of(document).Select(message => Substitute(message.Parts)));
    }

    private static string Substitute(string text) => Substitute(TemplateText.Read(text));

    private static string Substitute(IReadOnlyList<PlainPart> parts)
    {
        var result = new StringBuilder();
        foreach (var part in parts)
        {
            result.Append(part switch { PlainText text => text.Text, PlainVariable variable => $"<{variable.Name}>", _ => throw new InvalidOperationException(part.ToString()) });
        }

        return result.ToString().Trim();
    }
}
