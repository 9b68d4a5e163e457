using Portal.Runner.Contract;
using Portal.Tests.Runner.Flows;

namespace Portal.Tests.Runner.Contract;

public class ContentDigestTests
{
    [Fact]
    public void OfDirectory_SameFiles_IsThatOfWhoWroteThem()
    {
        Dictionary<string, string> files = new()
        {
            ["manifest.json"] = "{}",
            ["flows/a/config.json"] = """{"flowName":"a"}""",
            ["flows/a/prompts/p.prompt"] = "Grüße {{name}}",
            ["flows/a/prompts/_part.prompt"] = "x",
            ["flows/a/tools/t.json"] = "{}",
        };
        using var folder = new ContractFolder();
        foreach (var (path, text) in files)
        {
            folder.Write(path, text);
        }

        // Neither credentials nor what lies about belongs to it.
        folder.Write("flows/a/credentials/KEY", "secret").Write("flows/b/config.json", "{}");

        Assert.Equal(ContentDigest.Of(files), ContentDigest.OfDirectory(folder.Root, [("a", Path.Combine(folder.Root, "flows/a"))]));
    }

    [Theory]
    [InlineData("a", "bc", "ab", "c")]
    [InlineData("a", "", "b", "")]
    public void Of_OtherPathOrText_Differs(string path, string text, string otherPath, string otherText) =>
        Assert.NotEqual(ContentDigest.Of([new(path, text)]), ContentDigest.Of([new(otherPath, otherText)]));
}
