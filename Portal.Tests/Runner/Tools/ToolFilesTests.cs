using Portal.Runner.Tools;
using Portal.Tests.Runner.Flows;

namespace Portal.Tests.Runner.Tools;

public sealed class ToolFilesTests : IDisposable
{
    private readonly ContractFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("""{"definition":{"name":"weather","description":"d","inputSchema":{"type":"object"}},"implementation":{"http":{"url":"http://x.test"}}}""")]
    [InlineData("""{"name":"weather","description":"d","inputSchema":{"type":"object"},"implementation":{"http":{"url":"http://x.test"}}}""")]
    public void Read_BothShapes_MeanTheSame(string json)
    {
        var tool = Read(json).Single();

        Assert.Equal(("weather", "a", "d", "http", "http://x.test"), (tool.Name, tool.FileName, tool.Description, tool.Kind, tool.Setting("url")));
        Assert.Equal("object", tool.InputSchema!["type"]!.ToString());
        Assert.Empty(tool.Headers());
    }

    [Theory]
    [InlineData("""{"definition":{"name":"a"}}""")]
    [InlineData("""{"name":"a","implementation":{}}""")]
    public void Read_NoImplementation_IsLeftToTheCaller(string json) => Assert.Null(Read(json).Single().Kind);

    [Fact]
    public void Read_HeadersDirectory_IsReadAnewEachTime()
    {
        _folder.Write("headers/s/X-Key", "one\n").Write("headers/s/..data", "not a header");
        var tool = Read("""{"name":"a","implementation":{"http":{"url":"u","headersSecretRef":{"name":"s","dir":"/genkit/headers/s"}}}}""").Single();

        var first = tool.Headers().Single();
        _folder.Write("headers/s/X-Key", "two");

        Assert.Equal(("X-Key", "one", "two"), (first.Key, first.Value, tool.Headers().Single().Value));
    }

    [Theory]
    [InlineData("[]", "it must be a JSON object")]
    [InlineData("{broken", "a.json is not a tool")]
    [InlineData("""{"name":5}""", "name must be text")]
    [InlineData("""{"name":"a","inputSchema":"x"}""", "inputSchema must be a JSON object")]
    [InlineData("""{"name":"a","implementation":{"http":{},"mcp":{}}}""", "implementation must have one member, not http and mcp")]
    [InlineData("""{"name":"a","implementation":{"http":"x"}}""", "http must be a JSON object")]
    [InlineData("""{"name":"a","name":"b"}""", "a.json is not a tool")]
    public void Read_WrongFile_NamesFileAndField(string json, string expected)
    {
        var error = Assert.Throws<JsonException>(() => Read(json));

        Assert.Contains("a.json", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_NoDirectory_IsNoTools() => Assert.Empty(ToolFiles.Read(Path.Combine(_folder.Root, "none"), static path => path));

    private IReadOnlyList<ToolDescriptor> Read(string json)
    {
        _folder.Write("tools/a.json", json);
        return ToolFiles.Read(Path.Combine(_folder.Root, "tools"), path => path.Replace("/genkit", _folder.Root, StringComparison.Ordinal));
    }
}
