using Portal.Dotprompt.Documents;
using Portal.Dotprompt.Editing;
using Portal.Dotprompt.Rendering;

namespace Portal.Tests.Dotprompt.Editing;

public class SchemaGridTests
{
    private const string Order = """
        ---
        input:
          schema:
            # who it is
            name: string, how they sign   # required
            count?: integer
            tone?(enum, how it sounds): [formal, 2, null]
            tags(array, words): string
            lines(array, what was bought):
              sku: string
            any: any
          default:
            name: "Ada"
            count: 2
        ---
        {{name}}
        """;

    [Fact]
    public void Read_APicoschema_HasARowForEachField()
    {
        var grid = SchemaGrid.Read(DotpromptDocument.Parse(Order), "input");

        Assert.Null(grid.Refusal);
        Assert.Equal(
            ["name string !  how they sign", "count integer ?  ", "tone enum ? formal|2| how it sounds", "tags array !  words", "lines nested !  what was bought", "any any !  "],
            grid.Fields.Select(field => $"{field.Name} {field.Type} {(field.IsOptional ? '?' : '!')} {string.Join('|', field.Choices.Select(choice => choice?.ToString()))} {field.Description}"));
    }

    [Theory]
    [InlineData("type: string")]
    [InlineData("type: object\n    properties: {a: {type: string}}")]
    [InlineData("properties:\n      a: {type: string}")]
    [InlineData("[a, b]")]
    public void Read_WhatIsNoSetOfFields_SaysSoAndPointsToTheSource(string schema)
    {
        var grid = SchemaGrid.Read(DotpromptDocument.Parse($"---\ninput:\n  schema:\n    {schema}\n---\n"), "input");

        Assert.Empty(grid.Fields);
        Assert.Contains("source", grid.Refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("name", "string", true, "how they sign", "name: string, how", "name?: string, how")]
    [InlineData("name", "integer", false, null, "name: string, how they sign ", "name: integer ")]
    [InlineData("count", "integer", true, "how many: 1, 2", "count?: integer", "count?: \"integer, how many: 1, 2\"")]
    [InlineData("count", "array", true, null, "count?: integer", "count?(array): string")]
    [InlineData("tags", "array", false, "all", "tags(array, words): string", "tags(array, all): string")]
    [InlineData("tags", "boolean", false, "all", "tags(array, words): string", "tags: boolean, all")]
    [InlineData("lines", "nested", true, "what was bought", "lines(array, what", "lines?(array, what")]
    [InlineData("tone", "enum", false, null, "tone?(enum, how it sounds)", "tone(enum)")]
    public void Change_OfAField_TouchesItsKeyAndValueOnly(string name, string type, bool optional, string? description, string before, string after)
    {
        var document = DotpromptDocument.Parse(Order);
        var field = Field(document, name);

        var edit = SchemaGrid.Change(document, "input", field, field with { Type = type, IsOptional = optional, Description = description });

        Assert.Null(edit.Refusal);
        Assert.Equal(Order.Replace(before, after, StringComparison.Ordinal), TextEdit.Apply(Order, edit.Edits));
    }

    [Fact]
    public void AddAndRemove_AField_AddsALineAndTakesItWithItsDefault()
    {
        var document = DotpromptDocument.Parse(Order);
        var added = SchemaGrid.Add(document, "input", new SchemaField { Name = "mood", Type = "enum", Choices = ["a: b", "c"], IsOptional = true, Description = "today" });
        var removed = SchemaGrid.Remove(document, "input", Field(document, "count"));

        Assert.Equal(Order.Replace("    any: any\n", "    any: any\n    mood?(enum, today): [\"a: b\", c]\n", StringComparison.Ordinal), TextEdit.Apply(Order, added.Edits));
        Assert.Equal(Order.Replace("    count?: integer\n", "", StringComparison.Ordinal).Replace("    count: 2\n", "", StringComparison.Ordinal), TextEdit.Apply(Order, removed.Edits));
    }

    [Theory]
    [InlineData("name: x", "letter")]
    [InlineData("", "letter")]
    [InlineData("a}} {{#each", "letter")]
    [InlineData("count", "already")]
    public void Add_UnderABadName_IsRefused(string name, string because)
    {
        var edit = SchemaGrid.Add(DotpromptDocument.Parse(Order), "input", new SchemaField { Name = name, Type = "string" });

        Assert.Contains(because, edit.Refusal, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(FrontmatterFormTests.Hostile), MemberType = typeof(FrontmatterFormTests))]
    public void Change_ToAnyDescription_IsReadBackOrRefused(string text)
    {
        var document = DotpromptDocument.Parse(Order);
        foreach (var field in SchemaGrid.Read(document, "input").Fields)
        {
            var edit = SchemaGrid.Change(document, "input", field, field with { Description = text });
            if (edit.Refusal is null)
            {
                var after = DotpromptDocument.Parse(TextEdit.Apply(Order, edit.Edits));
                Assert.Equal(text, Field(after, field.Name).Description);
                var schema = new PromptRenderer(new RenderEnvironment()).RenderMetadata(after).InputSchema!;
                Assert.Equal(text, schema["properties"]![field.Name]!["description"]?.ToString());
            }
            else
            {
                Assert.Empty(edit.Edits);
                Assert.True(text.AsSpan().IndexOfAny('\n', '\r') >= 0 || text.AsSpan().IndexOfAny('(', ')') >= 0 || text != text.TrimStart(), $"{field.Name}: {edit.Refusal}");
            }
        }
    }

    private static SchemaField Field(DotpromptDocument document, string name) => SchemaGrid.Read(document, "input").Fields.Single(field => field.Name == name);
}
