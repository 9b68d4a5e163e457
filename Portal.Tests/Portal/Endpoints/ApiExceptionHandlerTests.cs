using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Portal.Endpoints;
using Portal.Tests.Shared;

namespace Portal.Tests.Portal.Endpoints;

public class ApiExceptionHandlerTests
{
    [Fact]
    public async Task TryHandle_Unexpected_TellsOnlyAnIdThatIsInTheLog()
    {
        var log = new ListLogger<ApiExceptionHandler>();
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
}
