using Portal.Features.Flows.Logs;

namespace Portal.Tests.Portal.Flows.Logs;

public class LogLevelsTests
{
    [Theory]
    [InlineData("Listening on http://127.0.0.1:1", "Info")]
    [InlineData("""{"Timestamp":"2026-01-01T00:00:00Z","EventId":1,"LogLevel":"Error","Message":"m"}""", "Error")]
    [InlineData("""{"level":"warn","msg":"m"}""", "Warning")]
    [InlineData("level=debug msg=m", "All")]
    [InlineData("[ERROR] broken", "Error")]
    [InlineData("WARN: careful", "Warning")]
    [InlineData("fail: Portal[1]", "Error")]
    [InlineData("E0102 15:04:05.000000 1 main.go:1] m", "Error")]
    [InlineData("panic: nil", "Error")]
    [InlineData("there was no error at all", "Info")]
    [InlineData("warnings are fine", "Info")]
    public void Of_Line_SaysHowGraveItIs(string line, string expected) => Assert.Equal(expected, LogLevels.Of(line).ToString());

    [Fact]
    public void Of_HugeLine_LooksAtItsBeginningOnly() => Assert.Equal(LogLevelFilter.Info, LogLevels.Of(new string('[', 1_000_000) + "ERROR"));
}
