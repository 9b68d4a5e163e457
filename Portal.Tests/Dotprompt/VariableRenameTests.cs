using System.Text.RegularExpressions;
using Portal.Dotprompt.Diagnostics;
using Portal.Dotprompt.Documents;
using Portal.Dotprompt.Editing;
using Portal.Tests.Dotprompt.Differential;

namespace Portal.Tests.Dotprompt;

public class VariableRenameTests
{
    private const string Letter = """
        ---
        input:
          schema:
            name?: string, who it is
            items(array, what was bought):
              name: string
          default:
            name: "name"
        ---
        Dear {{name}}, {{#if name}}{{@root.name}}{{/if}}
        {{#each items}}{{name}} for {{../name}}, {{#with this}}{{@root.name}}{{/with}}{{/each}}
        {{json name indent=2}} name {{#flag}}{{name}}{{/flag}}
        """;

    [Theory]
    [InlineData("{{name}}, {{#if")]
    [InlineData("name?: string")]
    [InlineData("name: \"name\"")]
    [InlineData("name}}, {{#with")]
    public void Rename_FromAnyOfItsPlaces_ChangesThemAllAndNothingElse(string at)
    {
        var renamed = Renamed(Letter, at, "who");

        Assert.Equal(
            """
            ---
            input:
              schema:
                who?: string, who it is
                items(array, what was bought):
                  name: string
              default:
                who: "name"
            ---
            Dear {{who}}, {{#if who}}{{@root.who}}{{/if}}
            {{#each items}}{{name}} for {{../who}}, {{#with this}}{{@root.who}}{{/with}}{{/each}}
            {{json who indent=2}} name {{#flag}}{{name}}{{/flag}}
            """,
            renamed);
    }

    [Fact]
    public void Rename_InJsonSchema_ChangesPropertyAndRequired()
    {
        const string Source = "---\ninput:\n  schema:\n    type: object\n    properties:\n      \"a\": {type: string}\n      b: {type: boolean}\n    required: [a, b]\n---\n{{a}}{{#b}}{{a}}{{/b}}";

        Assert.Equal(
            "---\ninput:\n  schema:\n    type: object\n    properties:\n      \"z\": {type: string}\n      b: {type: boolean}\n    required: [z, b]\n---\n{{z}}{{#b}}{{z}}{{/b}}",
            Renamed(Source, "a}}{{#b", "z"));
    }

    [Theory]
    [InlineData("items", "a variable 'items' already")]
    [InlineData("role", "word of the language")]
    [InlineData("this", "word of the language")]
    [InlineData("2nd", "no name")]
    [InlineData("", "no name")]
    [InlineData("a b", "no name")]
    [InlineData("}}{{", "no name")]
    public void Rename_ToWhatItCannotBe_SaysWhy(string newName, string expected)
    {
        var answer = Rename(Letter, "{{name}}, {{#if", newName);

        Assert.Empty(answer.Places);
        Assert.Contains(expected, answer.Refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Dear")]
    [InlineData("string, who")]
    [InlineData("each items}}")]
    public void Find_OnSomethingElse_Refuses(string at) => Assert.NotNull(Rename(Letter, at, "x").Refusal);

    [Fact]
    public void Find_AnywhereInGeneratedDocuments_NamesOnlyPlacesWithThatName()
    {
        const int Seed = 7;
        var generator = new DocumentGenerator(Seed);
        var found = 0;
        for (var i = 0; i < 500; i++)
        {
            var document = DotpromptDocument.Parse(generator.Next().Source);
            foreach (var use in Enumerable.Range(0, document.Source.Length).Where(offset => offset % 7 == 0))
            {
                var (line, column) = PlaceOf(document.Source, use);
                var answer = VariableRename.Find(document, line, column);
                found += answer.Places.Count;
                Assert.All(answer.Places, place => Assert.Equal(answer.Name, TextAt(document.Source, place)));
            }
        }

        Assert.True(found > 500, $"{found} places were found");
    }

    private static string Renamed(string source, string at, string newName)
    {
        var answer = Rename(source, at, newName);
        Assert.Null(answer.Refusal);
        var lines = source.Split('\n');
        foreach (var place in answer.Places.OrderByDescending(place => (place.StartLine, place.StartColumn)))
        {
            var line = lines[place.StartLine - 1];
            lines[place.StartLine - 1] = line[..(place.StartColumn - 1)] + newName + line[(place.EndColumn - 1)..];
        }

        return string.Join('\n', lines);
    }

    private static RenameAnswer Rename(string source, string at, string newName)
    {
        var offset = source.IndexOf(at, StringComparison.Ordinal);
        var (line, column) = PlaceOf(source, offset + at.TakeWhile(letter => letter is '{' or '#').Count());
        return VariableRename.Rename(DotpromptDocument.Parse(source), line, column, newName);
    }

    private static (int Line, int Column) PlaceOf(string source, int offset)
    {
        var before = Lines(source[..offset]);
        return (before.Length, before[^1].Length + 1);
    }

    private static string TextAt(string source, TextRange place) =>
        Lines(source)[place.StartLine - 1][(place.StartColumn - 1)..(place.EndColumn - 1)];

    // As an editor counts them.
    private static string[] Lines(string source) => Regex.Split(source, "\r\n|\r|\n");
}
