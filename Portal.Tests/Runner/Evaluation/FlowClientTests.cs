using System.Net;
using System.Text;
using Portal.Runner.Evaluation;
using Portal.Tests.Runner.Providers;

namespace Portal.Tests.Runner.Evaluation;

/// <summary>Answers of flows that this runner does not serve.</summary>
public class FlowClientTests
{
    [Theory]
    [InlineData("hi", "text/plain", "\"hi\"")]
    [InlineData("", "text/plain", "\"\"")]
    [InlineData("""{"result":{"a":1}}""", "application/json", """{"a":1}""")]
    [InlineData("""{"result":null}""", "application/json", "\"\"")]
    [InlineData("""{"a":1,"b":2}""", "application/json", """{"a":1,"b":2}""")]
    [InlineData("""{"a":1,"a":2}""", "application/json", "\"{\\u0022a\\u0022:1,\\u0022a\\u0022:2}\"")]
    [InlineData("<html>", "application/json", "\"\\u003Chtml\\u003E\"")]
    public async Task Call_Answer_IsTheOutput(string body, string type, string expected)
    {
        var reply = await CallAsync(ScriptedHandler.Answering(body, type));

        Assert.Equal((expected, null), (reply.Output!.ToJsonString(), reply.Error));
    }

    [Theory]
    [InlineData("""{"status":"INTERNAL","message":"broken"}""", "application/json", HttpStatusCode.InternalServerError, "the flow answers 500: broken", true)]
    [InlineData("oops\n", "text/plain", HttpStatusCode.BadRequest, "the flow answers 400: oops", true)]
    [InlineData("", "text/plain", HttpStatusCode.NotFound, "the flow answers 404", false)]
    [InlineData("""{"message":1,"message":2}""", "application/json", HttpStatusCode.BadGateway, """the flow answers 502: {"message":1,"message":2}""", true)]
    [InlineData("moved", "text/plain", HttpStatusCode.Found, "the flow answers 302: moved", true)]
    public async Task Call_Refusal_IsTheError(string body, string type, HttpStatusCode status, string expected, bool reached)
    {
        var reply = await CallAsync(ScriptedHandler.Answering(body, type, status));

        Assert.Equal((expected, reached, null), (reply.Error, reply.Reached, reply.Output));
    }

    [Fact]
    public async Task Call_AnswerWithoutEnd_IsCutOff()
    {
        var reply = await CallAsync(ScriptedHandler.Streaming(new MemoryStream(Encoding.UTF8.GetBytes(new string('x', 1024 * 1024 + 1))), "text/plain"));

        Assert.Equal("the answer is longer than 1 MB", reply.Error);
    }

    [Fact]
    public async Task Call_AlwaysBusy_WaitsLongerEachTimeAndGivesUp()
    {
        var time = new InstantTimeProvider();
        var calls = 0;
        var handler = new ScriptedHandler((_, _) =>
        {
            var response = new HttpResponseMessage(HttpStatusCode.ServiceUnavailable);
            if (++calls == 2)
            {
                response.Headers.Add("Retry-After", "7");
            }

            return Task.FromResult(response);
        });
        using var client = new HttpClient(handler);

        // No limit of time: this clock would be over it at once.
        var reply = await new FlowClient(client, new Uri("http://flow/x"), Timeout.InfiniteTimeSpan, 3, time).CallAsync(new JsonObject(), CancellationToken.None);

        Assert.Equal(4, reply.Attempts);
        Assert.Equal([0.5, 7, 2], time.Delays.Select(static delay => delay.TotalSeconds));
    }

    private static async Task<FlowReply> CallAsync(HttpMessageHandler handler)
    {
        using var client = new HttpClient(handler);
        return await new FlowClient(client, new Uri("http://flow/x"), TimeSpan.FromSeconds(60), 0, TimeProvider.System).CallAsync(new JsonObject(), CancellationToken.None);
    }
}
