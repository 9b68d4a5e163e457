using System.Text;
using Portal.Features.Flows.Logs;

namespace Portal.Tests.Portal.Flows.Logs;

public class LineSplitterTests
{
    private readonly LineSplitter _splitter = new();

    [Theory]
    [InlineData("plain\n", "plain")]
    [InlineData("with\ttab\r\n", "with\ttab")]
    [InlineData("\u001b[31mred\u001b[0m and \u001b[1;32mgreen\n", "red and green")]
    [InlineData("bell\u0007 and nul\0\n", "bell· and nul·")]
    [InlineData("cut off \u001b[3", "cut off ")]
    [InlineData("<script>alert(1)</script>\n", "<script>alert(1)</script>")]
    public void Add_Text_IsMadeSafeToShow(string text, string expected) => Assert.Equal(expected, Assert.Single(All(Encoding.UTF8.GetBytes(text))).Text);

    [Fact]
    public void Add_TimeOfTheServer_IsTakenOffTheLine()
    {
        var line = Assert.Single(All("2026-03-01T10:00:00.123456789Z started at 2026\n"u8.ToArray()));

        Assert.Equal((new DateTimeOffset(2026, 3, 1, 10, 0, 0, TimeSpan.Zero).AddTicks(1234568), "started at 2026"), (line.Time, line.Text));
    }

    [Fact]
    public void Add_PartsOfLines_AreJoined()
    {
        Assert.Empty(_splitter.Add("a"u8.ToArray()));
        Assert.Equal(["ab", "c"], _splitter.Add("b\nc\nd"u8.ToArray()).Select(line => line.Text));
        Assert.Equal("d", _splitter.Rest()?.Text);
        Assert.Null(_splitter.Rest());
    }

    [Fact]
    public void Add_BinaryGarbageWithoutEnd_StaysBounded()
    {
        var random = new Random(7);
        var garbage = new byte[1 << 20];
        random.NextBytes(garbage);
        garbage.AsSpan().Replace((byte)'\n', (byte)0);

        Assert.Empty(_splitter.Add(garbage));
        var line = Assert.Single(_splitter.Add("\n"u8.ToArray()));

        Assert.InRange(line.Text.Length, 1000, 2 * LineSplitter.LongestLine);
        Assert.EndsWith(" …", line.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(line.Text, character => character != '\t' && char.IsControl(character));
    }

    private List<LogPiece.Line> All(byte[] bytes)
    {
        var lines = _splitter.Add(bytes).ToList();
        return _splitter.Rest() is { } rest ? [.. lines, rest] : lines;
    }
}
