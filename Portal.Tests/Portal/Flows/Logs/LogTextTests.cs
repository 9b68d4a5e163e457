using Portal.Features.Flows.Logs;

namespace Portal.Tests.Portal.Flows.Logs;

public class LogTextTests
{
    [Theory]
    [InlineData("Listening on http://127.0.0.1:1", "Listening on http://127.0.0.1:1")]
    [InlineData("""{"Timestamp":"T","LogLevel":"Warning","Message":"Call refused"}""", "T Warning: Call refused")]
    [InlineData("""{"Timestamp":"T","LogLevel":"Error","Message":"Failed","Exception":"X at Y"}""", "T Error: Failed\nX at Y")]
    [InlineData("""{"other":1}""", """{"other":1}""")]
    [InlineData("{broken", "{broken")]
    public void Readable_Line_ShowsItsMessage(string line, string expected) => Assert.Equal(expected, LogText.Readable(line));
}
