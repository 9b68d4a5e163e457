using Portal.Features.Releases.Reviewing;

namespace Portal.Tests.Portal.Releases;

public sealed class DocumentDifferenceTests
{
    private const string Before = "---\nmodel: openai/gpt-4o\nconfig:\n  temperature: 0.2\ninput:\n  schema:\n    name: string\n---\n{{role \"system\"}}Be kind.\n{{role \"user\"}}Hello {{name}}";

    [Theory]
    [InlineData("openai/gpt-4o", "openai/gpt-5", "Model", "", true)]
    [InlineData("temperature: 0.2", "temperature: 0.9", "Config", "temperature", false)]
    [InlineData("name: string", "name: integer", "Input schema", "name", true)]
    [InlineData("Be kind.", "Be brief.", "Messages", "1 · system", false)]
    [InlineData("role \"user\"", "role \"model\"", "Messages", "2 · model", true)]
    public void Between_OnePartChanged_IsThatPart(string old, string now, string section, string field, bool weighty)
    {
        var change = Assert.Single(DocumentDifference.Between("Prompt", Before, Before.Replace(old, now, StringComparison.Ordinal)));

        Assert.Equal((section, field, weighty), (change.Section, change.Field, change.IsWeighty));
    }

    [Fact]
    public void Between_OnlySpacesInTheFrontmatter_IsNothing() =>
        Assert.Empty(DocumentDifference.Between("Prompt", Before, Before.Replace("temperature: 0.2", "temperature:   0.2", StringComparison.Ordinal)));

    [Fact]
    public void Between_NothingAndADocument_IsAllOfIt() =>
        Assert.Equal(["Model", "Input schema", "Messages", "Messages", "Config"], DocumentDifference.Between("Prompt", null, Before).Select(change => change.Section));

    [Fact]
    public void Between_Specs_NamesThePathAndMarksWhatIsWeighty()
    {
        var changes = DocumentDifference.Between("Flow", """{"replicas":1,"env":{"A":"1"}}""", """{"replicas":3,"env":{"A":"2"}}""");

        Assert.Equal([("replicas", "1", "3", true), ("env.A", "1", "2", false)], changes.Select(change => (change.Field, change.Before, change.After, change.IsWeighty)));
    }

    [Theory]
    [InlineData("{{#if")]
    [InlineData("---\n: : :\n---\nx")]
    [InlineData("")]
    public void Between_BrokenDocuments_StillAnswers(string broken) => Assert.NotEmpty(DocumentDifference.Between("Prompt", Before, broken));
}
