using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Portal.Endpoints;

namespace Portal.Tests.Portal.Endpoints;

public class ApiExceptionHandlerTests
{
    [Fact]
    public async Task TryHandle_Unexpected_TellsOnlyAnIdThatIsInTheLog()
    {
        var log = new ListLogger();
        var context = new DefaultHttpContext { RequestServices = new ServiceCollection().AddLogging().AddProblemDetails().BuildServiceProvider(), TraceIdentifier = "id-42" };
        var body = new MemoryStream();
        context.Response.Body = body;

        Assert.True(await new ApiExceptionHandler(log).TryHandleAsync(context, new ArithmeticException("between us"), CancellationToken.None));

        var answer = System.Text.Encoding.UTF8.GetString(body.ToArray());
        Assert.Equal(500, context.Response.StatusCode);
        Assert.Contains("id-42", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("between us", answer, StringComparison.Ordinal);
        var (level, text, exception) = Assert.Single(log.Entries);
        Assert.Equal((LogLevel.Error, "between us"), (level, exception?.Message));
        Assert.Contains("id-42", text, StringComparison.Ordinal);
    }

    private sealed class ListLogger : ILogger<ApiExceptionHandler>
    {
        public List<(LogLevel Level, string Text, Exception? Exception)> Entries { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Entries.Add((logLevel, formatter(state, exception), exception));
    }
}
