using System.IO.Pipelines;
using System.Net;
using System.Text;
using System.Threading.Channels;
using Portal.Kubernetes.Client;
using Portal.Tests.Shared;

namespace Portal.Tests.Kubernetes;

/// <summary>An API server whose every answer the test gives by hand: requests come out of <see cref="NextAsync"/> in order.</summary>
internal sealed class FakeServer : HttpMessageHandler
{
    private readonly Channel<Exchange> _requests = Channel.CreateUnbounded<Exchange>();

    public KubeClient Client => new(new KubeConnection(new Uri("https://cluster.test:6443"), this, "default", "fake"));

    public KubeClient ClientAt(TimeProvider time) => new(Client.Connection) { TimeProvider = time };

    public async Task<Exchange> NextAsync() => await _requests.Reader.ReadAsync().AsTask().WaitAsync(ManualTimeProvider.Patience);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        var exchange = new Exchange(request, body);
        _requests.Writer.TryWrite(exchange);
        return await exchange.Response.WaitAsync(cancellationToken);
    }

    /// <summary>One request and its answer to be.</summary>
    internal sealed class Exchange(HttpRequestMessage request, string body)
    {
        private readonly TaskCompletionSource<HttpResponseMessage> _response = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<HttpResponseMessage> Response => _response.Task;
        public string Method { get; } = request.Method.Method;
        public string Path { get; } = request.RequestUri!.AbsolutePath;
        public string Query { get; } = Uri.UnescapeDataString(request.RequestUri!.Query);
        public string PathAndQuery => Path + Query;
        public string? ContentType { get; } = request.Content?.Headers.ContentType?.ToString();
        public IReadOnlyList<string> Header(string name) => request.Headers.TryGetValues(name, out var values) ? [.. values] : [];

        public string? Authorization { get; } = request.Headers.Authorization?.ToString();
        public string Body { get; } = body;
        public bool IsWatch => Query.Contains("watch=true", StringComparison.Ordinal);

        public void Answer(HttpStatusCode code, string text, string type = "application/json") =>
            _response.SetResult(new HttpResponseMessage(code) { Content = new StringContent(text, Encoding.UTF8, type) });

        public void Answer(string json) => Answer(HttpStatusCode.OK, json);

        public void Refuse(HttpStatusCode code, string reason, string message = "no") =>
            Answer(code, $$"""{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"{{reason}}","message":"{{message}}","code":{{(int)code}}}""");

        public void AskForTime(HttpStatusCode code, string retryAfter)
        {
            var response = new HttpResponseMessage(code) { Content = new StringContent("slow down") };
            response.Headers.TryAddWithoutValidation("Retry-After", retryAfter);
            _response.SetResult(response);
        }

        public void Fail(Exception exception) => _response.SetException(exception);

        /// <summary>Answers a list of ConfigMaps, each given as <c>name@version</c>.</summary>
        public void AnswerList(string version, params string[] items) => AnswerPage(version, "", items);

        public void AnswerPage(string version, string token, params string[] items) => Answer(
            $$"""{"kind":"ConfigMapList","apiVersion":"v1","metadata":{"resourceVersion":"{{version}}","continue":"{{token}}"},"items":[{{string.Join(',', items.Select(Item))}}]}""");

        public FakeWatch AnswerWatch()
        {
            var pipe = new Pipe();
            _response.SetResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(pipe.Reader.AsStream()) });
            return new FakeWatch(pipe.Writer);
        }

        internal static string Item(string nameAndVersion)
        {
            var parts = nameAndVersion.Split('@');
            var uid = parts.Length > 2 ? parts[2] : "uid-" + parts[0];
            return $$$"""{"metadata":{"name":"{{{parts[0]}}}","namespace":"default","uid":"{{{uid}}}","resourceVersion":"{{{parts[1]}}}"}}""";
        }
    }

    /// <summary>The server's end of a watch.</summary>
    internal sealed class FakeWatch(PipeWriter writer)
    {
        public Task SendAsync(string type, string nameAndVersion) => SendLineAsync($$"""{"type":"{{type}}","object":{{Exchange.Item(nameAndVersion)}}}""");

        public Task SendLineAsync(string line) => SendTextAsync(line + "\n");

        public async Task SendTextAsync(string text) => await writer.WriteAsync(Encoding.UTF8.GetBytes(text));

        public void End() => writer.Complete();

        public void Break() => writer.Complete(new IOException("connection reset"));
    }
}
