using Portal.Features.Import;

namespace Portal.Tests.Portal.Import;

public class ManifestFileTests
{
    [Fact]
    public void Read_DocumentsAndLists_AreObjectsWithTheirLines()
    {
        var objects = ManifestFile.Read("""
            # what one exported
            apiVersion: v1
            kind: List
            items:
              - {kind: Flow, metadata: {name: a}}
              - {kind: Flow, metadata: {name: b}}
            ---
            ---
            {"kind": "Prompt", "metadata": {"name": "c"}}
            ---
            just text
            """);

        Assert.Equal([2, 2, 9, 11], objects.Select(item => item.Line));
        Assert.Equal(["a", "b", "c", null], objects.Select(item => (string?)item.Content?["metadata"]?["name"]));
    }

    [Theory]
    [InlineData("a: [1", "This is not YAML: yaml: line ")]
    [InlineData("a: 1\n\tb: 2", "This is not YAML: yaml: line ")]
    [InlineData("a: 1\n---\nb: *unknown", "This is not YAML: yaml: ")]
    public void Read_NoYaml_SaysWhere(string text, string message) =>
        Assert.StartsWith(message, Assert.Throws<ImportException>(() => ManifestFile.Read(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Read_AliasesThatGrow_AreRefused()
    {
        var lines = Enumerable.Range(1, 30).Select(level => $"a{level}: &a{level} [*a{level - 1}, *a{level - 1}]");

        var refusal = Assert.Throws<ImportException>(() => ManifestFile.Read("a0: &a0 [x, x]\n" + string.Join('\n', lines)));

        Assert.Contains("excessive aliasing", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_DeepNesting_IsRefused() =>
        Assert.Contains("nested deeper", Assert.Throws<ImportException>(() => ManifestFile.Read(new string('[', 5000))).Message, StringComparison.Ordinal);

    [Fact]
    public void Read_TooLarge_IsRefusedWithTheLimit() =>
        Assert.Contains("at most 4,194,304", Assert.Throws<ImportException>(() => ManifestFile.Read(new string('#', ManifestFile.MaxLength + 1))).Message, StringComparison.Ordinal);

    [Fact]
    public void Read_TooManyObjects_IsRefusedWithTheLimit() =>
        Assert.Contains("at most 2,000", Assert.Throws<ImportException>(() => ManifestFile.Read(string.Concat(Enumerable.Repeat("--- {}\n", ManifestFile.MaxObjects + 1)))).Message, StringComparison.Ordinal);
}
