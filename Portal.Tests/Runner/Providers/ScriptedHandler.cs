using System.Net;

namespace Portal.Tests.Runner.Providers;

/// <summary>Answers HTTP requests with what a test says.</summary>
internal sealed class ScriptedHandler(Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> answer) : HttpMessageHandler
{
    public static ScriptedHandler Answering(string body, string contentType, HttpStatusCode status = HttpStatusCode.OK) => new((_, _) =>
        Task.FromResult(new HttpResponseMessage(status) { Content = new StringContent(body, System.Text.Encoding.UTF8, contentType) }));

    public static ScriptedHandler Streaming(Stream body, string contentType = "text/event-stream") => new((_, _) =>
    {
        var content = new StreamContent(body);
        content.Headers.ContentType = new(contentType);
        return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = content });
    });

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => answer(request, cancellationToken);
}
