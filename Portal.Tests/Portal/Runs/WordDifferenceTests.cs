using System.Text;
using Portal.Features.Runs;

namespace Portal.Tests.Portal.Runs;

public class WordDifferenceTests
{
    [Fact]
    public void Between_OneWordChanged_IsThatWord() => Assert.Equal(
        [new(WordChange.Same, "Dear "), new(WordChange.Removed, "Ada"), new(WordChange.Added, "Bob"), new WordPiece(WordChange.Same, ", hello.")],
        WordDifference.Between("Dear Ada, hello.", "Dear Bob, hello."));

    [Fact]
    public void Between_RandomTexts_HoldsBoth()
    {
        var random = new Random(5);
        string Text() => string.Concat(Enumerable.Range(0, random.Next(0, 30)).Select(_ => new[] { "a", "bc", " ", "\n", ".", "ü", "!?" }[random.Next(7)]));
        for (var round = 0; round < 500; round++)
        {
            var (before, after) = (Text(), Text());
            var pieces = WordDifference.Between(before, after);

            Assert.Equal((before, after), (Join(pieces, WordChange.Added), Join(pieces, WordChange.Removed)));
        }
    }

    [Theory]
    [InlineData("{\"result\":\"Hi\"}", "application/json", "Hi", null)]
    [InlineData("{\"result\":{\"a\":1}}", "application/json", "{\"a\":1}", null)]
    [InlineData("plain words", "text/plain", "plain words", null)]
    [InlineData("data: {\"message\":{}}\n\ndata: {\"result\":\"Hi\"}\n\n", "text/event-stream", "Hi", null)]
    [InlineData("data: {\"error\":{\"message\":\"broke\"}}\n\n", "text/event-stream", "", "broke")]
    [InlineData("data: \u0001\u0002not json\n\n", "text/event-stream", "", null)]
    public void FlowOutput_AsFlowsAnswer_IsTheText(string answer, string type, string output, string? error) =>
        Assert.Equal((output, error), FlowOutput.Read(Encoding.UTF8.GetBytes(answer), type));

    private static string Join(IEnumerable<WordPiece> pieces, WordChange without) => string.Concat(pieces.Where(piece => piece.Change != without).Select(piece => piece.Text));
}
